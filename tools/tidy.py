#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the repository against its own rules; see docs/STYLE.md.

    tools/tidy.py               check; one line per finding, exit status 1 if there is one
    tools/tidy.py --list        every rule and the reason for it
    tools/tidy.py --self-test   let each rule loose on a bad sample, where it must fire

Findings that are meant to stay are listed in tools/tidy_exceptions.txt, as a ratchet.
"""
from __future__ import annotations

import argparse
import os
import re
import sys

import tidy_structure  # noqa: F401  adds its rules to the list
from tidy_rules import RULES
from tidy_tree import Tree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXCEPTIONS = "tools/tidy_exceptions.txt"

# A tree that no rule may complain about.
CLEAN_SAMPLE = {
    "docs/ARCHITECTURE.md": "| `base` | [first](..) |\n",
    "README.md": "[architecture](docs/ARCHITECTURE.md)\n",
    "src/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\nadd_subdirectory(base)\n",
    "src/base/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\nskillet_module(a.cpp)\n",
    "src/base/a.h": "// SPDX-License-Identifier: Apache-2.0\n#pragma once\nint f(int a);\n",
    "src/base/a.cpp": "// SPDX-License-Identifier: Apache-2.0\n#include \"base/a.h\"\n"
                      "// system(), printf() and throw in words are no calls.\n"
                      "int f(int a) { return a + 65'536; }\n",
}


def findings_of(tree):
    """{(path, rule): [finding]} over all rules."""
    groups = {}
    for rule in RULES:
        for finding in rule.check(tree):
            groups.setdefault((finding.path, rule.name), []).append(finding)
    return groups


def figure_of(group):
    """What an exception's number limits: the largest size found, else how many there are."""
    return max(finding.number for finding in group) or len(group)


def read_exceptions(text):
    """({(path, rule): (number, line)}, [complaint])."""
    exceptions, complaints = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"([^:]+): ([a-z-]+): (\d+): (\S.*)", line)
        if not match:
            complaints.append(f"{EXCEPTIONS}:{number}: exceptions: "
                              "write `path: rule: number: reason`")
            continue
        exceptions[match[1], match[2]] = (int(match[3]), number)
    return exceptions, complaints


def report(groups, exceptions_text):
    """The lines to print: findings without an exception, and exceptions without a finding."""
    exceptions, lines = read_exceptions(exceptions_text)
    for key in sorted(groups):
        path, rule = key
        allowed, _ = exceptions.pop(key, (0, 0))
        figure = figure_of(groups[key])
        if figure <= allowed:
            continue
        worse = f" ({figure}; the exception allows {allowed})" if allowed else ""
        lines += [f"{path}:{finding.line}: {rule}: {finding.message}{worse}"
                  for finding in groups[key]]
    lines += [f"{EXCEPTIONS}:{line}: exceptions: no longer needed for {path}: delete the line"
              for (path, _), (_, line) in exceptions.items()]
    return lines


def self_test():
    """Complaints about rules that do not fire where they must, or fire where they must not."""
    complaints = [f"{rule.name}: does not fire on its sample {number}"
                  for rule in RULES for number, sample in enumerate(rule.samples, 1)
                  if not list(rule.check(Tree(sample)))]
    complaints += [f"{rule.name}: has no sample" for rule in RULES if not rule.samples]
    complaints += [f"fires on the clean sample: {line}"
                   for line in report(findings_of(Tree(CLEAN_SAMPLE)), "")]
    long_line = findings_of(Tree({**CLEAN_SAMPLE, "src/base/a.cpp":
                                  CLEAN_SAMPLE["src/base/a.cpp"] + "// " + "x " * 60 + "x\n"}))
    for text, count in (("", 1), ("src/base/a.cpp: line-columns: 124: why\n", 0),
                        ("src/base/a.cpp: line-columns: 123: why\n", 1),
                        ("src/base/a.cpp: line-columns: 124:\n", 2),
                        ("src/base/a.cpp: line-columns: 124: why\nx: todo: 1: why\n", 1)):
        if len(report(long_line, text)) != count:
            complaints.append(f"the ratchet is wrong about {text!r}")
    return complaints


def main():
    parser = argparse.ArgumentParser(description="Checks the repository against its own rules.")
    parser.add_argument("--list", action="store_true", help="print the rules and their reasons")
    parser.add_argument("--self-test", action="store_true", help="test the rules themselves")
    arguments = parser.parse_args()
    if arguments.list:
        for rule in RULES:
            print(f"{rule.name:20} {rule.reason}")
        return 0
    if arguments.self_test:
        lines, clean = self_test(), f"{len(RULES)} rules fire where they must"
    else:
        tree = Tree.of_repository(ROOT)
        lines = report(findings_of(tree), tree.texts.get(EXCEPTIONS) or "")
        clean = f"{len(tree.texts)} files, {len(RULES)} rules, no finding"
    for line in lines:
        print(line)
    print(f"tidy: {len(lines)} findings" if lines else f"tidy: {clean}", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
