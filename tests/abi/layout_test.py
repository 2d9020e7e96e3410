# SPDX-License-Identifier: Apache-2.0
"""Structs, function types and enumerators of the ABI are those of abi/v0.layout.

    layout_test.py            compare (abidiff)
    layout_test.py --update   write the baseline anew, for a change that was meant

Until version 1 a change is allowed, but it must be seen: it is in the diff of abi/.
"""
import subprocess
import sys
import tempfile
import unittest

import surface

BASELINE = surface.SOURCE / "abi" / "v0.layout"
QUIET = ["--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed"]


def describe(library):
    """abidw's description of the surface."""
    command = ["abidw", *QUIET, str(library)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Layout(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="skillet-abi-")
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name

    def compare(self, old):
        """abidiff's report of what changed since `old`; empty if nothing did."""
        new = surface.build(self.scratch)
        done = subprocess.run(["abidiff", "--harmless", "--no-show-locs", old, new],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode & 3, 0, done.stderr)  # 1 and 2: abidiff itself failed
        return done.stdout

    def test_the_layout_is_that_of_the_baseline(self):
        report = self.compare(BASELINE)
        self.assertEqual(report, "", "if this was meant: tests/abi/layout_test.py --update")

    def test_a_changed_struct_would_be_noticed(self):
        old = f"{self.scratch}/old.layout"
        text = BASELINE.read_text()
        changed = text.replace("name='budget_bytes'", "name='bytes_budget'")
        self.assertNotEqual(text, changed)
        with open(old, "w", encoding="utf-8") as file:
            file.write(changed)
        self.assertIn("budget", self.compare(old))

    def test_the_surface_holds_every_function_of_the_symbol_list(self):
        listed = (surface.SOURCE / "abi" / "v0.symbols").read_text().split()
        structs, functions, enumerators = surface.names()
        self.assertEqual(functions, listed)
        self.assertIn("skl_runtime_options", structs)
        self.assertIn("SKL_E_STALE", enumerators)


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        with tempfile.TemporaryDirectory() as folder:
            BASELINE.write_text(describe(surface.build(folder)))
    else:
        unittest.main(verbosity=2)
