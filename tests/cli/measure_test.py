# SPDX-License-Identifier: Apache-2.0
"""calibrate, eval and bench on the skills that ship, held against figures computed here: from the
answers of `run`, and from the logits that the recipes wrote without the engine."""
import json
import math
import re

from cli_case import (MEMORY, NOT_FOUND, PACKAGE, REQUEST, SHIPPED, SOURCE, STORAGE, USAGE, CliCase,
                      main, shipped_package)
from document_schema import check_document

MAILS = SHIPPED / "reference" / "mails.jsonl"
LANGUAGES = SOURCE / "skills" / "language-id"
BINS = 15


def softmax(logits, temperature=1.0):
    top = max(logits)
    weights = [math.exp((logit - top) / temperature) for logit in logits]
    return [weight / sum(weights) for weight in weights]


def figures(rows):
    """accuracy, brier, log_loss, ece of (probabilities, index of the truth)."""
    right = [max(p) == p[truth] for p, truth in rows]
    brier = [sum((q - (i == truth)) ** 2 for i, q in enumerate(p)) for p, truth in rows]
    loss = [-math.log(max(p[truth], 1e-15)) for p, truth in rows]
    gaps = [0.0] * BINS
    for (p, _), hit in zip(rows, right):
        gaps[min(int(max(p) * BINS), BINS - 1)] += hit - max(p)
    count = len(rows)
    return {"accuracy": sum(right) / count, "brier": sum(brier) / count,
            "log_loss": sum(loss) / count, "ece": sum(map(abs, gaps)) / count}


def cases_of(path):
    """Those with a label: the recipe of the language detector adds texts that have none."""
    lines = path.read_text(encoding="utf-8").strip().split("\n")
    rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["label"] is not None]


class Measured(CliCase):
    def write(self, rows, name="cases.jsonl"):
        path = self.scratch / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    def expect_figures(self, quality, expected, places):
        self.assertAlmostEqual(quality["accuracy"]["value"], expected["accuracy"], places)
        for name in ("brier", "log_loss", "ece"):
            self.assertAlmostEqual(quality[name], expected[name], places, name)


class Eval(Measured):
    def answers(self, package, cases):
        """What `run` says of each case, as (probabilities, truth, abstained)."""
        lines = "".join(json.dumps(case["input"]) + "\n" for case in cases)
        done = self.run_skillet("run", package, "--batch", stdin=lines)
        self.assertEqual(done.returncode, 0, done.stderr)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        return [(list(result["probabilities"].values()),
                 list(result["probabilities"]).index(case["label"]), result["abstained"])
                for result, case in zip(results, cases)]

    def check_against_run(self, package, cases):
        evaluation = self.json_of("eval", package, self.write(cases))
        answers = self.answers(package, cases)
        self.expect_figures(evaluation["quality"], figures([a[:2] for a in answers]), 9)
        abstention = evaluation["abstention"]
        answered = [(p, truth) for p, truth, abstained in answers if not abstained]
        self.assertEqual(abstention["answered"], len(answered))
        self.assertEqual(abstention["wrong"], sum(max(p) != p[truth] for p, truth in answered))
        self.assertEqual(sum(cell["n"] for cell in evaluation["confusion"]), len(cases))
        self.assertEqual(sum(row["n"] for row in evaluation["latency"]["histogram"]), len(cases))
        labels = [case["label"] for case in cases]
        most = max(map(labels.count, labels))
        self.assertEqual(evaluation["baseline"]["accuracy"]["hits"], most)
        return evaluation

    def test_of_mails_is_what_run_answers(self):
        evaluation = self.check_against_run(shipped_package(), cases_of(MAILS)[::4])
        claim = evaluation["claims"][0]
        raw = json.loads((SHIPPED / "calibration_raw.json").read_text())
        self.assertAlmostEqual(claim["accuracy"], 1 - raw["risk_coverage"][0]["risk"], 9)
        self.assertEqual((claim["ece"], claim["n"]), (raw["ece"], raw["n"]))
        self.assertFalse(claim["same_formulas"])

    def test_of_languages_is_what_run_answers(self):
        package = sorted(LANGUAGES.glob("*.skill"))[-1]
        self.check_against_run(package, cases_of(LANGUAGES / "reference" / "texts.jsonl"))

    def pack_reference(self, folder, name):
        """The recipe's F32 model under the shipped contract, without a calibration."""
        model = folder / "reference" / "model-f32.gguf"
        skill = self.json_of("init", model, "--id", name)
        skill.update(json.loads((folder / "authored.json").read_text(encoding="utf-8")))
        del skill["resources"]
        document, package = self.scratch / "skill.json", self.scratch / "f32.skill"
        document.write_text(json.dumps(skill), encoding="utf-8")
        self.json_of("pack", document, "-m", model, "-o", package)
        return package

    def check_against_recipe(self, folder, name, cases):
        package = self.pack_reference(folder, name)
        evaluation = self.json_of("eval", package, self.write(cases))
        labels = evaluation["labels"]
        rows = [(softmax(case["logits"]), labels.index(case["label"])) for case in cases]
        # The recipes' logits have six digits, and the engine's differ by as much as 0.003.
        self.expect_figures(evaluation["quality"], figures(rows), 3)
        self.assertIsNone(evaluation["calibration"])
        self.assertEqual(evaluation["claims"], [])
        self.assertEqual(evaluation["abstention"]["coverage"], 1)

    def test_agrees_with_the_recipe_of_the_spam_filter(self):
        self.check_against_recipe(SHIPPED, "org.example.mails", cases_of(MAILS)[::4])

    def test_agrees_with_the_recipe_of_the_language_detector(self):
        self.check_against_recipe(LANGUAGES, "org.example.languages",
                                  cases_of(LANGUAGES / "reference" / "texts.jsonl"))

    def test_names_the_line_of_a_wrong_case(self):
        good = {"input": {"subject": "a", "body": "b"}, "label": "ham"}
        for exit_code, code, case in (
                (REQUEST, "input_schema", {**good, "label": "eggs"}),
                (REQUEST, "input_schema", {"input": good["input"]}),
                (REQUEST, "input_schema", {**good, "input": {"subject": "a"}}),
                (REQUEST, "input_too_large", {**good, "input": {"subject": "a",
                                                                "body": "x" * (1 << 20)}})):
            path = self.write([good, case])
            with self.subTest(code):
                error = self.error_of(exit_code, code, "eval", shipped_package(), path)
                self.assertEqual(error["subject"], f"{path}:2")
                self.assertIn("line 2", error["message"])
        path.write_text(json.dumps(good) + "\n\n")
        self.error_of(REQUEST, "input_syntax", "eval", shipped_package(), path)
        self.error_of(NOT_FOUND, "not_found", "eval", shipped_package(), self.scratch / "none")

    def test_writes_evidence_that_can_be_attached(self):
        cases, proof = self.write(cases_of(MAILS)[:20]), self.scratch / "evidence.json"
        evaluation = self.json_of("eval", shipped_package(), cases, "--evidence", proof)
        evidence = check_document(json.loads(proof.read_text()))
        self.assertEqual(evidence["results"]["quality"], evaluation["quality"])
        archive = self.repack("--attach", proof)
        shown = self.json_of("show", archive)
        self.assertEqual(shown["evidence_status"], "evaluated")
        claims = self.json_of("eval", archive, cases)["claims"]
        self.assertEqual([claim["kind"] for claim in claims], ["evidence"])
        self.assertEqual(claims[0]["accuracy"], evaluation["quality"]["accuracy"]["value"])
        self.assertTrue(claims[0]["same_formulas"])

    def test_writes_a_page_that_stands_alone(self):
        page = self.scratch / "page.html"
        cases = cases_of(MAILS)[:20]
        done = self.run_skillet("eval", shipped_package(), self.write(cases, "a<b>&.jsonl"),
                                "--html", page)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = page.read_text(encoding="utf-8")
        for foreign in ("<script", "<link", "<img", "src=", "href=", "@import", "url("):
            self.assertNotIn(foreign, text)
        self.assertIn("a&lt;b&gt;&amp;.jsonl", text)
        self.assertNotIn("<b>", text)
        for part in ("reliability diagram", "risk-coverage curve", "latency histogram",
                     "Confusion matrix"):
            self.assertIn(part, text)
        self.assertEqual(text.count("<svg"), text.count("</svg>"))
        absent = self.scratch / "absent" / "page.html"
        self.error_of(STORAGE, "io", "eval", shipped_package(), self.write(cases), "--html", absent)

    def repack(self, *more):
        return repack(self, *more)


def repack(case, *more):
    """The shipped skill without its own documents, with others."""
    skill, archive = case.scratch / "bare.json", case.scratch / "again.skill"
    shown = case.json_of("show", shipped_package())
    skill.write_text(json.dumps(shown["skill"]), encoding="utf-8")
    case.json_of("pack", skill, "-m", SHIPPED / "model-q8_0.gguf", "-o", archive, *more)
    return archive


class Calibrate(Measured):
    def test_fits_what_is_attached_and_believed(self):
        path = self.scratch / "calibration.json"
        document = self.json_of("calibrate", shipped_package(), MAILS, "--target-error", 0.1,
                                "--out", path)
        self.assertEqual(check_document(json.loads(path.read_text())), document)
        archive = repack(self, "--attach", path)
        mail = json.dumps(cases_of(MAILS)[0]["input"])
        result = self.json_of("run", archive, "--input", mail)
        expected = softmax(result["logits"], document["temperature"])
        for probability, other in zip(result["probabilities"].values(), expected):
            self.assertAlmostEqual(probability, other, 12)
        self.assertEqual(result["confidence"], max(result["probabilities"].values()))
        self.assertIsNone(result["confidence_absent"])

    def test_uses_each_case_for_one_thing(self):
        document = self.json_of("calibrate", shipped_package(), MAILS)
        parts = (document["fitted_on"], document["abstention"]["chosen_on"],
                 document["quality"]["measured_on"])
        self.assertEqual(sum(parts), document["cases"]["count"])
        self.assertEqual(document["label_set"]["chosen_on"], parts[1])
        self.assertIsNone(document["abstention"]["abstain_below"])
        self.assertIn("299 answers", document["abstention"]["obstacle"])
        self.assertEqual(document, self.json_of("calibrate", shipped_package(), MAILS))

    def test_fits_on_the_split_that_is_named(self):
        rows = cases_of(MAILS)
        for number, row in enumerate(rows):
            row["split"] = "validation" if number % 2 else "test"
        document = self.json_of("calibrate", shipped_package(), self.write(rows), "--fit-on",
                                "validation", "--target-error", 0.1)
        self.assertEqual(document["quality"]["measured_on"], 100)
        self.assertIn('"validation"', document["cases"]["split"])
        rows[0]["input"] = rows[1]["input"]
        error = self.error_of(REQUEST, "input_schema", "calibrate", shipped_package(),
                              self.write(rows), "--fit-on", "validation")
        self.assertIn("lines 1 and 2", error["message"])

    def test_refuses_what_tells_nothing(self):
        few = self.write(cases_of(MAILS)[:12])
        error = self.error_of(USAGE, "invalid_argument", "calibrate", shipped_package(), few)
        self.assertIn("each needs 10", error["message"])
        for target in ("1", "-0.5", "nan"):
            self.error_of(USAGE, "invalid_argument", "calibrate", shipped_package(), few,
                          "--target-error", target)

    def test_a_calibration_of_another_model_is_refused(self):
        path = self.scratch / "calibration.json"
        document = self.json_of("calibrate", shipped_package(), MAILS, "--out", path)
        document["subject"]["artifact"] = "sha256:" + "0" * 64
        path.write_text(json.dumps(document))
        shown = self.json_of("show", shipped_package())
        skill = self.scratch / "skill.json"
        skill.write_text(json.dumps(shown["skill"]), encoding="utf-8")
        self.error_of(PACKAGE, "incompatible", "pack", skill, "-m", SHIPPED / "model-q8_0.gguf",
                      "-o", self.scratch / "x.skill", "--attach", path)


class Bench(Measured):
    def test_records_every_sample(self):
        inputs = []
        for number, case in enumerate(cases_of(MAILS)[:2]):
            inputs.append(self.scratch / f"{number}.json")
            inputs[-1].write_text(json.dumps(case["input"]))
        record = self.json_of("bench", shipped_package(), *inputs, "--samples", 7, "--warmup", 1)
        self.assertEqual([row["input"] for row in record["inputs"]], list(map(str, inputs)))
        for row in record["inputs"]:
            samples = sorted(row["samples_ms"])
            self.assertEqual(len(samples), 7)
            self.assertEqual(row["times"]["p50_ms"], samples[3])
            self.assertEqual(row["times"]["p99_ms"], samples[6])
            self.assertEqual((row["times"]["min_ms"], row["times"]["max_ms"]),
                             (samples[0], samples[6]))
        self.assertEqual((record["method"]["samples"], record["method"]["warmup"]), (7, 1))

    def test_makes_an_input_of_its_own(self):
        done = self.run_skillet("bench", shipped_package(), "--samples", 2)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, re.compile(r"^example +\d+ ", re.M))

    def test_names_the_input_that_is_refused(self):
        path = self.scratch / "wrong.json"
        path.write_text("{}")
        error = self.error_of(REQUEST, "input_schema", "bench", shipped_package(), path)
        self.assertEqual(error["subject"], str(path))
        self.error_of(USAGE, "invalid_argument", "bench", shipped_package(), "--samples", "0")
        self.error_of(MEMORY, "budget_never_fits", "bench", shipped_package(), "--budget", "1k")


if __name__ == "__main__":
    main()
