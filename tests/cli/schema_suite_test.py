# SPDX-License-Identifier: Apache-2.0
"""The official JSON-Schema-Test-Suite through `skillet contract check --batch`: each case is judged
as the suite says, or its schema is refused; no verdict is ever another one.

    python3 tests/cli/schema_suite_test.py --table      what of each keyword is enforced

The suite comes with Debian's libtest-json-schema-acceptance-perl, or from SKILLET_SCHEMA_SUITE, the
folder that holds draft2020-12/.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import unittest

from cli_case import PROGRAM, main

PACKAGED = ("/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance/tests")
SUITE = pathlib.Path(os.environ.get("SKILLET_SCHEMA_SUITE", PACKAGED)) / "draft2020-12"
# The suite's main part takes `format` for an annotation; we assert it, as optional/format does.
ANNOTATIONS = {"format"}
# What our JSON does not admit: integers beyond 64 bits, reals beyond a double.
UNREADABLE = {"optional/bignum", "optional/float-overflow"}


def cases():
    """(file's name, group, schema, data, valid) of every case."""
    for path in sorted(SUITE.rglob("*.json")):
        name = str(path.relative_to(SUITE).with_suffix(""))
        for group in json.loads(path.read_text()):
            for test in group["tests"]:
                title = f"{name}: {group['description']}: {test['description']}"
                yield name, title, group["schema"], test["data"], test["valid"]


def verdicts(found):
    """The answer to each case, in order."""
    lines = "".join(json.dumps({"id": number, "schema": schema, "instance": data}) + "\n"
                    for number, (_, _, schema, data, _) in enumerate(found))
    done = subprocess.run([PROGRAM, "contract", "check", "--batch"], input=lines.encode(),
                          capture_output=True, timeout=600, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Suite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = list(cases())
        cls.answers = verdicts(cls.cases)

    def test_the_suite_is_there(self):
        self.assertGreater(len(self.cases), 1500,
                           f"no suite in {SUITE}: run `tools/bootstrap.sh test`, or set "
                           "SKILLET_SCHEMA_SUITE to its folder `tests`")
        self.assertEqual(len(self.cases), len(self.answers))

    def test_no_verdict_differs_from_the_suites(self):
        for (name, title, schema, data, valid), answer in zip(self.cases, self.answers):
            if name in ANNOTATIONS or answer["valid"] is None:
                continue
            self.assertEqual(answer["valid"], valid,
                             f"{title}\n{json.dumps(schema)}\n{json.dumps(data)}")

    def test_whoever_asserts_a_format_asserts_it_here(self):
        for (name, _, schema, data, _), answer in zip(self.cases, self.answers):
            if name in ANNOTATIONS and not isinstance(data, str):
                self.assertNotEqual(answer["valid"], False, (schema, data))

    def test_lines_that_cannot_be_read_are_the_known_ones(self):
        names = {case[0] for case, answer in zip(self.cases, self.answers)
                 if answer["schema"] is None}
        self.assertLessEqual(names, UNREADABLE)

    def test_what_is_documented_as_enforced_is(self):
        counts = table()
        for name in ("additionalProperties", "patternProperties", "pattern", "allOf", "anyOf",
                     "enum", "const", "required", "type", "uniqueItems", "dependentSchemas"):
            enforced, refused = counts[name]
            self.assertGreater(enforced, 0)
            self.assertEqual(refused, 0, name)


def table():
    """How many cases of each file are judged, and how many have a schema that is refused."""
    found = list(cases())
    counts = collections.defaultdict(lambda: [0, 0])
    for (name, *_), answer in zip(found, verdicts(found)):
        counts[name][answer["valid"] is None] += 1
    return counts


def print_table():
    counts = table()
    for name, (enforced, refused) in counts.items():
        print(f"| {name} | {enforced} | {refused} |")
    enforced, refused = map(sum, zip(*counts.values()))
    print(f"| together | {enforced} | {refused} |")


if __name__ == "__main__":
    if "--table" in sys.argv:
        print_table()
    else:
        main()
