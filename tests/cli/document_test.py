# SPDX-License-Identifier: Apache-2.0
"""Every JSON document that the program prints is what its schema in docs/formats/cli says.

Documents that other tests of this folder see are checked too: json_of and error_of do it.
"""
import copy
import json
import pathlib
import re

import jsonschema

from cli_case import NOT_FOUND, PACKAGE, REQUEST, SHIPPED, USAGE, CliCase, main, shipped_package
from document_schema import FORMATS, SCHEMAS, check_document
from skill_archive import WEIGHT, SkillArchive

ID = "org.skillet.spam-filter"
MAIL = json.dumps({"subject": "lunch", "body": "Are you free for lunch on Thursday?"})
SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Documents that only the C interface gives, or that a command writes to a file.
NOT_PRINTED = {"residency", "evidence"}
# Documents that need a registry: tests/remote looks at them.
PRINTED_ELSEWHERE = {"pulled", "pushed"}
# Commands whose output is text for people or shells.
PRINT_TEXT = {"help", "completion"}


def table_rows():
    """(command, document, schema's file) of each row in docs/formats/cli/README.md."""
    text = (FORMATS / "cli" / "README.md").read_text()
    return re.findall(r"^\| `skillet ([^`]+)` \| `([^`]+)`[^|]* \| \[[^]]+\]\(([^)]+)\) \|$", text,
                      re.M)


class Schemas(CliCase):
    def test_each_schema_is_valid_strict_and_explained(self):
        for kind, path in SCHEMAS.items():
            with self.subTest(kind):
                schema = json.loads(path.read_text())
                jsonschema.Draft202012Validator.check_schema(schema)
                self.assertRegex(schema["title"], rf"^skillet\.{kind}/[1-9]$")
                self.assertTrue(schema["description"])
                self.assertIs(schema["additionalProperties"], False)
                self.assertEqual(schema["properties"]["schema"], {"const": schema["title"]})

    def test_each_example_is_what_its_schema_says_and_nothing_else_is(self):
        for kind, path in SCHEMAS.items():
            with self.subTest(kind):
                schema = json.loads(path.read_text())
                self.assertTrue(schema["examples"])
                for example in schema["examples"]:
                    self.assertEqual(check_document(example)["schema"], schema["title"])
                    self.refuse_changes(example, schema["required"])

    def refuse_changes(self, example, required):
        """A strict schema notices a member too many and a member too few."""
        for name in set(required) - {"schema"}:
            less = {key: value for key, value in example.items() if key != name}
            self.assertRaises(AssertionError, check_document, less)
        more = copy.deepcopy(example)
        more["surprise"] = 1
        self.assertRaises(AssertionError, check_document, more)

    def test_each_document_in_the_source_has_a_schema(self):
        kinds = set()
        for folder in ("apps", "src/author", "src/capi", "src/comparison", "src/measurement",
                       "src/runner"):
            for path in (SOURCE / folder).rglob("*.cpp"):
                # As a value, or inside of a constant text.
                kinds |= set(re.findall(r'\{\\?"schema\\?"[,:] ?\\?"skillet\.([a-z_]+)/[1-9]',
                                        path.read_text()))
        self.assertIn("result", kinds)
        self.assertEqual(kinds, set(SCHEMAS))

    def test_each_command_is_in_the_table(self):
        # A group of commands prints nothing itself.
        every = self.all_commands()
        commands = {path for path in every if not any(p.startswith(path + " ") for p in every)}
        self.assertIn("run", commands)
        rows = table_rows()
        self.assertEqual({row[0] for row in rows}, commands - PRINT_TEXT)
        for command, document, file in rows:
            with self.subTest(command):
                self.assertTrue((FORMATS / "cli" / file).is_file(), file)
                if file.startswith("../"):
                    continue
                schema = json.loads((FORMATS / "cli" / file).read_text())
                self.assertEqual(schema["title"], document)


class Documents(CliCase):
    def kind_of(self, *arguments, **options):
        return self.json_of(*arguments, **options)["schema"]

    def test_every_command_prints_its_document(self):
        self.install_shipped()
        package = shipped_package()
        model = self.scratch / "model.gguf"
        archive = SkillArchive(package)
        model.write_bytes(archive.blobs[archive.layer(WEIGHT)["digest"]])
        skill = self.json_of("init", model, "--id", "org.example.mood")
        path = self.scratch / "skill.json"
        path.write_text(json.dumps(skill))
        mood = self.scratch / "mood.skill"
        cases = SHIPPED / "reference" / "mails.jsonl"
        true = self.scratch / "true.json"
        true.write_text("true")
        kinds = [self.kind_of(*command) for command in (
            ["contract", "check", "--schema", true, "--instance", true],
            ["inspect", model], ["gguf", "inspect", model], ["inspect", package],
            ["pack", path, "-m", model, "-o", mood],
            ["install", mood], ["verify", mood], ["verify", ID], ["list"], ["show", mood],
            ["compat", ID, model], ["diff", ID, mood],
            ["show", ID], ["history", ID], ["history", "org.example.mood"],
            ["run", ID, "--input", MAIL], ["run", ID, "--input", MAIL, "--stats"],
            ["run", "org.example.mood", "--input", '{"text": "hello"}'],
            ["demo", "--dir", SHIPPED], ["calibrate", ID, cases], ["eval", ID, cases],
            ["bench", ID, "--samples", "2"], ["errors"], ["ps"],
            ["explain", "evict"], ["config"], ["doctor"], ["version"],
            ["known-good", "save", "good"], ["known-good", "restore", "good"],
            ["known-good", "remove", "good"], ["known-good", "list"], ["gc"], ["fsck"],
            ["suspend", ID], ["resume", ID],
            ["rollback", ID + "@1"], ["remove", ID, "--reason", "a test"])]
        printed = {kind.removeprefix("skillet.").split("/")[0] for kind in kinds}
        self.assertEqual({"error", "log"} | NOT_PRINTED | PRINTED_ELSEWHERE | printed,
                         set(SCHEMAS))
        self.json_of("history", ID)  # with the removal
        self.assertEqual(self.json_of("list")["packages"][0]["id"], "org.example.mood")

    def test_the_answers_of_a_batch(self):
        self.install_shipped()
        done = self.run_skillet("run", ID, "--batch", "--stats", stdin=f"{MAIL}\nnot json\n")
        answers = [check_document(json.loads(line)) for line in done.stdout.splitlines()]
        self.assertEqual([answer["line"] for answer in answers], [1, 2])

    def test_a_model_that_does_not_run_is_described(self):
        model = self.scratch / "model.gguf"
        archive = SkillArchive(shipped_package())
        content = archive.blobs[archive.layer(WEIGHT)["digest"]]
        model.write_bytes(content.replace(b"\x04\x00\x00\x00\x00\x00\x00\x00bert",
                                          b"\x04\x00\x00\x00\x00\x00\x00\x00bart"))
        facts = self.json_of("inspect", model)
        self.assertFalse(facts["runnable"])
        self.assertTrue(facts["obstacle"]["message"])

    def test_errors_of_the_library_and_of_the_program(self):
        self.error_of(NOT_FOUND, "not_found", "show", "org.example.nothing")
        self.error_of(NOT_FOUND, "not_found", "run", shipped_package(), "--input-file",
                      self.scratch / "none.json")
        self.error_of(USAGE, "invalid_argument", "run", shipped_package())
        self.error_of(PACKAGE, "format_unsupported", "verify", __file__)
        self.error_of(REQUEST, "input_syntax", "run", shipped_package(), "--input", "{")
        text = json.dumps({"subject": "a", "body": "x" * (1 << 20)})
        self.error_of(REQUEST, "input_too_large", "run", shipped_package(), "--input-file", "-",
                      stdin=text)

    def test_wrong_usage_is_an_error_document_too(self):
        for arguments in (["run"], ["frobnicate"], ["list", "--frobnicate"], ["list", "too much"],
                          ["run", ID, "--deadline-ms", "soon"], ["run", "--input"], []):
            with self.subTest(arguments):
                error = self.error_of(USAGE, "invalid_argument", *arguments)
                self.assertIn("--help", error["hint"])

    def test_a_path_that_is_no_text_does_not_break_the_document(self):
        error = self.error_of(NOT_FOUND, "not_found", "run", shipped_package(), "--input-file",
                              "\udcff.json")
        self.assertIn("\ufffd", error["subject"])


if __name__ == "__main__":
    main()
