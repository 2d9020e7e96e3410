# SPDX-License-Identifier: Apache-2.0
"""skillet contract check: a verdict for each value, and for each line of a batch."""
import json
import subprocess

import jsonschema

from cli_case import NOT_FOUND, PACKAGE, PROGRAM, REQUEST, STORAGE, USAGE, CliCase, main
from document_schema import FORMATS, SCHEMAS, check_document

LINE = FORMATS / "contract-check-line.schema.json"
DEEP = 100_000
LONG = 4 << 20


def line_validator():
    """The schema of a line, with that of errors where its reference leads."""
    error = json.loads(SCHEMAS["error"].read_text())
    schema = json.loads(LINE.read_text())
    schema["properties"]["error"] = {"$ref": "#/$defs/error"}
    whole = json.dumps(error["properties"]["error"])
    return jsonschema.Draft202012Validator(
        {**schema, "$defs": {"error": json.loads(whole), **error["$defs"]}})


class One(CliCase):
    def check(self, schema, instance, *more, **options):
        files = []
        for name, content in (("schema.json", schema), ("instance.json", instance)):
            path = self.scratch / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            files.append(path)
        return self.run_skillet("contract", "check", "--schema", files[0], "--instance", files[1],
                                *more, **options)

    def refused(self, exit_status, code, schema, instance):
        """The error, which is JSON though nobody asked for it."""
        done = self.check(schema, instance)
        self.assertEqual((done.returncode, done.stdout), (exit_status, ""), done.stderr)
        error = check_document(json.loads(done.stderr))["error"]
        self.assertEqual(error["code"], code, error)
        return error

    def test_a_valid_value_is_no_error(self):
        done = self.check('{"type": "object", "required": ["a"]}', '{"a": 1}')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "valid\n", ""))
        done = self.check("true", "1", "--json")
        self.assertTrue(check_document(json.loads(done.stdout))["valid"])

    def test_a_value_that_is_not_valid_is_named_by_its_pointer(self):
        error = self.refused(REQUEST, "input_schema", '{"items": {"type": "null"}}', "[null, 7]")
        self.assertEqual(error["subject"], "/1")

    def test_a_schema_that_is_refused_is_named_by_its_keywords_pointer(self):
        error = self.refused(PACKAGE, "schema_refused",
                             '{"properties": {"a": {"contentEncoding": "base64"}}}', '{"a": 1}')
        self.assertEqual(error["subject"], "/properties/a/contentEncoding")

    def test_what_is_no_json_is_said_of_schema_and_instance(self):
        for text in ("", "{", '{"a": 1, "a": 2}', "[NaN]", '"\\ud800"', b'"\xff"', "1 2",
                     "[" * DEEP + "]" * DEEP):
            with self.subTest(text[:20]):
                self.assertEqual(self.refused(REQUEST, "input_syntax", text, "1")["subject"],
                                 "schema")
                self.assertEqual(self.refused(REQUEST, "input_syntax", "true", text)["subject"],
                                 "instance")

    def test_wrong_usage_is_json_too(self):
        for arguments in ([], ["--schema", "a"], ["--instance", "a"], ["a"], ["--nothing"],
                          ["--batch", "--schema", "a"]):
            with self.subTest(arguments):
                done = self.run_skillet("contract", "check", *arguments)
                self.assertEqual((done.returncode, done.stdout), (USAGE, ""))
                self.assertEqual(json.loads(done.stderr)["error"]["code"], "invalid_argument")

    def test_a_file_that_is_not_there_is_an_error(self):
        done = self.run_skillet("contract", "check", "--schema", "none", "--instance", "none")
        self.assertEqual(done.returncode, NOT_FOUND)
        self.assertEqual(json.loads(done.stderr)["error"]["subject"], "none")


class Batch(CliCase):
    def answers(self, text, *arguments):
        """One answer for each line, each as its schema says."""
        text = text if isinstance(text, bytes) else text.encode()
        done = subprocess.run([PROGRAM, "contract", "check", "--batch", *arguments], input=text,
                              capture_output=True, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        validator = line_validator()
        for answer in answers:
            self.assertEqual([e.message for e in validator.iter_errors(answer)], [], answer)
        return answers

    @staticmethod
    def line(number, schema, instance):
        return json.dumps({"id": number, "schema": schema, "instance": instance}) + "\n"

    def test_each_line_has_its_verdict(self):
        lines = (self.line(1, {"type": "string"}, "a") + self.line("two", {"type": "string"}, [1])
                 + self.line(None, {"maximum": 3, "items": {"else": {}}}, 1)
                 + self.line([4], {"items": {"type": "null"}}, [None, 1]))
        self.assertEqual(self.answers(lines), [
            {"id": 1, "schema": "ok", "valid": True},
            {"id": "two", "schema": "ok", "pointer": "", "valid": False},
            {"id": None, "schema": "refused", "pointer": "/items/else", "valid": None},
            {"id": [4], "schema": "ok", "pointer": "/1", "valid": False}])

    def test_the_examples_of_the_schema_are_what_it_says(self):
        validator = line_validator()
        for example in json.loads(LINE.read_text())["examples"]:
            self.assertEqual([e.message for e in validator.iter_errors(example)], [])

    def test_a_line_that_holds_anything_else_is_answered_in_its_place(self):
        good = self.line(0, True, None)
        bad = [b"", b"garbage", b"\xff\xfe", b"\0", b"1", b"[]", b"{}", b'{"id": 1}',
               b'{"id": 1, "schema": true}', b'{"id": 1, "schema": true, "instance": 1, "x": 1}',
               b'{"id": 1, "id": 2, "schema": true, "instance": 1}',
               b'{"id": 1, "schema": true, "instance": 1} 2', b"[" * DEEP,
               b'{"id": 1, "schema": true, "instance": ' + b"[" * DEEP + b"]" * DEEP + b"}",
               b'{"id": 1, "schema": ' + b'{"not":' * DEEP + b"{}" + b"}" * DEEP
               + b', "instance": 1}', b'"' + b"x" * LONG + b'"', b"\r"]
        answers = self.answers(b"".join(good.encode() + line + b"\n" for line in bad))
        self.assertEqual(len(answers), 2 * len(bad))
        for number, answer in enumerate(answers):
            if number % 2 == 0:
                self.assertEqual(answer, {"id": 0, "schema": "ok", "valid": True})
            else:
                self.assertIn("error", answer, bad[number // 2][:40])
                self.assertIsNone(answer["valid"])

    def test_a_line_is_as_deep_as_a_value_alone(self):
        def nested(depth):
            return "[" * depth + "]" * depth
        lines = "".join(f'{{"id": 1, "schema": true, "instance": {nested(depth)}}}\n'
                        for depth in (64, 65))
        self.assertEqual([answer["valid"] for answer in self.answers(lines)], [True, None])

    def test_no_line_is_no_answer_and_the_last_one_needs_no_newline(self):
        self.assertEqual(self.answers(""), [])
        self.assertEqual(len(self.answers("\n")), 1)
        self.assertEqual(len(self.answers(self.line(1, True, 1).rstrip("\n"))), 1)

    def test_lines_come_from_a_file_too(self):
        path = self.scratch / "lines.jsonl"
        path.write_text(self.line(1, True, 1) * 5000)
        self.assertEqual(len(self.answers("", str(path))), 5000)

    def test_a_line_is_answered_before_the_next_one_is_asked(self):
        with subprocess.Popen([PROGRAM, "contract", "check", "--batch"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True, bufsize=1) as process:
            for number in range(3):
                process.stdin.write(self.line(number, True, 1))
                self.assertEqual(json.loads(process.stdout.readline())["id"], number)
            process.stdin.close()
            self.assertEqual(process.wait(timeout=60), 0)

    def test_answers_that_cannot_be_printed_end_the_batch(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, "contract", "check", "--batch"], stdout=full,
                                  stderr=subprocess.PIPE, check=False,
                                  input=self.line(1, True, 1).encode() * 5000)
        self.assertEqual(done.returncode, STORAGE)
        self.assertEqual(json.loads(done.stderr)["error"]["subject"], "stdout")


if __name__ == "__main__":
    main()
