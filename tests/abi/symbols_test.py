# SPDX-License-Identifier: Apache-2.0
"""What the library exports, and that what has no place in it is not inside."""
import os
import pathlib
import re
import subprocess
import unittest

import surface

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BASELINE = SOURCE / "abi" / "v0.symbols"
# Server, network, multimodal and template code, which comes with the engine's source. Our own
# client of registries opens libcurl when it is first needed and has none of its symbols.
UNWANTED = re.compile(
    r"ggml_backend_rpc|\bmtmd_|\bcurl_(easy|multi|global)_|jinja|minja|httplib")


def symbols(path, *options):
    """(type, name) of every symbol; a version such as @@SKILLET_0 is no part of a name."""
    output = subprocess.run(["nm", *options, path], check=True, capture_output=True, text=True)
    rows = (line.split(maxsplit=1) for line in
            (re.sub(r"^[0-9a-f]* *", "", line) for line in output.stdout.splitlines()))
    return [(row[0], row[1].split("@")[0]) for row in rows if len(row) == 2]


class Symbols(unittest.TestCase):
    library = os.environ["SKILLET_LIBRARY"]
    program = os.environ["SKILLET_PROGRAM"]
    maxDiff = None

    def setUp(self):
        self.baseline = BASELINE.read_text().splitlines()
        exported = symbols(self.library, "-D", "--defined-only")
        # The name of the version itself is an absolute symbol.
        self.exported = sorted(name for kind, name in exported if kind != "A")

    def test_baseline_is_sorted(self):
        self.assertEqual(self.baseline, sorted(set(self.baseline)))

    def test_library_exports_the_baseline_and_nothing_else(self):
        self.assertEqual(self.exported, self.baseline)

    def test_every_exported_name_has_our_prefix(self):
        self.assertEqual([name for name in self.exported if not name.startswith("skl_")], [])

    def test_headers_declare_the_baseline(self):
        _, functions, _ = surface.names()
        self.assertEqual(functions, self.baseline)

    def test_no_server_or_network_code_is_inside(self):
        for path in (self.library, self.program):
            names = [name for _, name in symbols(path, "-a", "--demangle")]
            self.assertIn("skl_version", names, f"{path} was stripped: nothing to look at")
            self.assertEqual([name for name in names if UNWANTED.search(name)], [], path)

    def test_no_process_starts_with_a_network_library(self):
        for path in (self.library, self.program):
            headers = subprocess.run(["objdump", "-p", path], check=True, capture_output=True,
                                     text=True).stdout
            self.assertNotIn("libcurl", headers)


if __name__ == "__main__":
    unittest.main()
