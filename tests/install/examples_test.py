# SPDX-License-Identifier: Apache-2.0
"""The programs of docs/EMBEDDING.md, built against the installed library and run on the shipped
skill; and that the guide quotes what is in them."""
import json
import pathlib
import re
import subprocess
import sys
import unittest

from installed_case import SOURCE, InstalledCase

EXAMPLES = SOURCE / "examples"
SHIPPED = SOURCE / "skills" / "spam-filter"
MAILS = [json.loads(path.read_text()) for path in sorted((SHIPPED / "samples").glob("*.json"))]
LABELS = [mail["label"] for mail in MAILS]
LINES = "".join(json.dumps(mail["input"]) + "\n" for mail in MAILS)
BAD_LINE = '{"subject": "no body"}\n'


class Examples(InstalledCase):
    package, = map(str, SHIPPED.glob("*.skill"))

    def run_example(self, *command, stdin="", **environment):
        return subprocess.run([str(part) for part in command], input=stdin, capture_output=True,
                              text=True, check=False, timeout=120,
                              env=self.environment(**environment))

    def check_answers(self, done, labels):
        rows = [re.fullmatch(r"(\w+)  confidence ([01]\.\d{3})", line)
                for line in done.stdout.splitlines()]
        self.assertNotIn(None, rows, done.stdout + done.stderr)
        self.assertEqual([row[1] for row in rows], labels, done.stderr)

    def test_c_answers_and_explains_refusals(self):
        ask, root = self.build_with_pkg_config(EXAMPLES / "c" / "ask.c"), self.scratch / "c_root"
        for mail in (MAILS[0], MAILS[-1]):
            done = self.run_example(ask, self.package, root, json.dumps(mail["input"]))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.check_answers(done, [mail["label"]])
        done = self.run_example(ask, self.package, root, BAD_LINE)
        self.assertEqual((done.returncode, done.stdout), (5, ""))
        self.assertIn('input_schema: missing member "body"', done.stderr)
        self.assertIn("  try:   ", done.stderr)
        done = self.run_example(ask, self.scratch / "absent.skill", root, BAD_LINE)
        self.assertEqual(done.returncode, 3)
        self.assertIn("not_found", done.stderr)

    def test_cpp_answers_from_several_threads_and_stops_them(self):
        ask_many = self.build_with_cmake(EXAMPLES / "cpp") / "ask_many"
        root = self.scratch / "cpp_root"
        done = self.run_example(ask_many, self.package, root, 1000, stdin=LINES * 3 + BAD_LINE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("input_schema", done.stderr)
        rows = sorted(line.split()[0] for line in done.stdout.splitlines())
        self.assertEqual(rows, sorted(LABELS * 3))
        done = self.run_example(ask_many, self.package, root, 5, stdin=LINES * 3)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(done.stdout.splitlines()), 5)

    def test_python_answers_in_order_over_the_c_interface(self):
        command = [sys.executable, EXAMPLES / "python" / "ask.py", self.package,
                   self.scratch / "python_root"]
        library = str(self.libraries / "libskillet.so.0")
        done = self.run_example(*command, stdin=LINES, SKILLET_LIBRARY=library)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_answers(done, LABELS)
        self.assertRegex(done.stderr, r"verify: \d+ bytes")
        done = self.run_example(*command, stdin=LINES + BAD_LINE, SKILLET_LIBRARY=library)
        self.assertEqual(done.returncode, 1)
        self.check_answers(done, LABELS)
        self.assertIn("input_schema", done.stderr)


class Guide(unittest.TestCase):
    def test_what_it_quotes_is_in_the_examples(self):
        guide = (SOURCE / "docs" / "EMBEDDING.md").read_text()
        quotes = re.findall(r"^```(?:c|cpp|cmake|python)\n(.*?)^```$", guide, re.M | re.S)
        self.assertGreater(len(quotes), 3)
        texts = [path.read_text() for path in EXAMPLES.rglob("*")
                 if path.is_file() and path.suffix != ".pyc"]
        for quote in quotes:
            self.assertTrue(any(quote in text for text in texts),
                            f"no example contains this; copy it from there:\n{quote}")

    def test_it_names_every_example(self):
        guide = (SOURCE / "docs" / "EMBEDDING.md").read_text()
        for path in EXAMPLES.rglob("ask*"):
            if path.suffix in (".c", ".cpp", ".py"):
                self.assertIn(pathlib.PurePath("../examples", path.parent.name, path.name)
                              .as_posix(), guide)


if __name__ == "__main__":
    unittest.main(verbosity=2)
