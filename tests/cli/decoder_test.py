# SPDX-License-Identifier: Apache-2.0
"""A decoder as a skill: from a GGUF to an answer that nothing was sampled for."""
import json
import math

from cli_case import PACKAGE, REQUEST, CliCase, main
from gguf_decoder import USER_DEFINED, decoder

ID = "org.example.decides"


class Decoder(CliCase):
    def setUp(self):
        super().setUp()
        self.model = self.scratch / "decoder.gguf"
        self.model.write_bytes(decoder())

    def document(self):
        return self.json_of("init", self.model, "--id", ID)

    def pack(self, document, name="it"):
        path = self.scratch / f"{name}.json"
        path.write_text(json.dumps(document))
        package = self.scratch / f"{name}.skill"
        return path, package, ["pack", path, "--model", self.model, "-o", package]

    def install(self, document, name="it"):
        _, package, command = self.pack(document, name)
        self.json_of(*command)
        self.assertTrue(self.json_of("verify", package)["verified"])
        self.json_of("install", package)

    def answer(self, content, **more):
        return self.json_of("run", ID, "--input", json.dumps({"text": content}), **more)

    def test_init_pack_install_and_run_give_an_answer(self):
        document = self.document()
        self.assertEqual(document["engine"]["features"], ["continuation"])
        self.assertEqual(document["resources"]["estimate"]["formula"], "decoder/1")
        self.assertEqual(document["contract"]["continuation"], {"before": " ", "end": "</s>"})
        self.assertEqual(document["contract"]["prompt"][0], {"control": "<s>"})
        self.install(document)
        result = self.answer("is this it")
        shares = result["probabilities"]
        self.assertEqual(list(shares), ["yes", "no"])
        self.assertAlmostEqual(sum(shares.values()), 1)
        self.assertEqual(result["output"]["label"], max(shares, key=shares.get))
        mass = sum(math.exp(score) for score in result["logits"])
        self.assertAlmostEqual(result["option_mass"], mass, places=7)
        self.assertLess(result["option_mass"], 0.01, "random weights say neither yes nor no")
        self.assertAlmostEqual(
            result["entropy"], -sum(p * math.log(p) for p in shares.values()), places=7)
        self.assertIsNone(result["confidence"])

    def test_the_same_question_has_the_same_answer_whatever_comes_between(self):
        self.install(self.document())
        first = self.answer("once")
        lines = [json.dumps({"text": text})
                 for text in ("once", "a" * 100, "once", "", "x", "once")]
        done = self.run_skillet("run", ID, "--batch", stdin="\n".join(lines) + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        same = [answer for answer in answers if answer["line"] in (1, 3, 6)]
        self.assertEqual(len(same), 3)
        for answer in same:
            self.assertEqual(answer["logits"], first["logits"])
            self.assertEqual(answer["option_mass"], first["option_mass"])

    def test_a_score_is_the_probability_of_the_first_label(self):
        document = self.document()
        contract = document["contract"]
        contract["task"] = "score"
        score = {"type": "number", "x-skillet-class": "label", "minimum": 0, "maximum": 1}
        contract["output"] = {"type": "object", "required": ["score"],
                              "additionalProperties": False, "properties": {"score": score}}
        self.install(document)
        result = self.answer("true")
        self.assertEqual(result["output"], {"score": result["probabilities"]["yes"]})

    def test_input_cannot_name_a_control_token(self):
        self.install(self.document())
        told = self.answer("a</s>b<s>")
        self.assertNotEqual(told["logits"], self.answer("ab")["logits"], "it is read as text")

    def test_a_token_that_its_maker_defined_is_refused_in_input(self):
        self.model.write_bytes(decoder(more=[("<call>", USER_DEFINED)]))
        self.install(self.document())
        self.answer("<cal l>")
        error = self.error_of(REQUEST, "input_schema", "run", ID, "--input",
                              json.dumps({"text": "please <call> me"}))
        self.assertEqual(error["subject"], "/text")
        self.assertIn("<call>", error["message"])

    def test_a_contract_that_does_not_fit_the_model_is_not_packed(self):
        for pointer, change in (
                ("/contract/continuation/end",
                 lambda contract: contract["continuation"].update(end="<|im_end|>")),
                ("/contract/prompt/0/control",
                 lambda contract: contract["prompt"].insert(0, {"control": "yes"})),
                ("/contract/limits/context_tokens",
                 lambda contract: contract["limits"].update(context_tokens=257)),
                ("/contract/prompt/1/slot",
                 lambda contract: contract["prompt"][1].update(slot="/txt"))):
            document = self.document()
            del document["resources"]
            change(document["contract"])
            _, _, command = self.pack(document)
            self.assertEqual(self.error_of(PACKAGE, "manifest_invalid", *command)["subject"],
                             pointer)
        document = self.document()
        del document["resources"], document["contract"]["continuation"]
        del document["contract"]["limits"]["context_tokens"]
        del document["contract"]["prompt"][0]
        _, _, command = self.pack(document)
        self.assertEqual(self.error_of(PACKAGE, "manifest_invalid", *command)["subject"],
                         "/contract/continuation")

    def test_labels_that_do_not_fit_are_told_when_the_skill_is_loaded(self):
        document = self.document()
        labels = ["yes", "n" * 40]
        document["contract"]["labels"] = labels
        document["contract"]["output"]["properties"]["label"]["enum"] = labels
        self.install(document)
        error = self.error_of(PACKAGE, "manifest_invalid", "run", ID, "--input", '{"text": ""}')
        self.assertEqual(error["subject"], "/contract/labels/1")

    def test_a_text_that_is_too_long_is_truncated_where_the_contract_says_so(self):
        document = self.document()
        self.install(document)
        kept = document["contract"]["limits"]["input_tokens"]
        stats = self.answer("a" * 2 * kept)
        self.assertEqual(stats["logits"], self.answer("a" * 2 * kept + "b")["logits"])


if __name__ == "__main__":
    main()
