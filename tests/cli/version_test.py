# SPDX-License-Identifier: Apache-2.0
"""`skillet version`: what a report about a problem should begin with."""
import re

from cli_case import CliCase, main


class Version(CliCase):
    def test_it_names_release_engine_and_build(self):
        document = self.json_of("version")
        self.assertRegex(document["version"], r"^\d+\.\d+\.\d+")
        self.assertRegex(document["engine"], r"^llama\.cpp-.+\+[0-9a-f]{7,}$")
        self.assertRegex(document["build"]["compiler"], r"^\w+ \d+\.")

    def test_both_forms_for_people_agree_with_it(self):
        document = self.json_of("version")
        abi = f"{document['abi']['major']}.{document['abi']['minor']}"
        line = self.run_skillet("--version").stdout
        self.assertEqual(
            line, f"skillet {document['version']} (ABI {abi}, {document['engine']})\n")
        text = self.run_skillet("version").stdout
        for fact in (f"skillet {document['version']}", abi, document["engine"],
                     document["build"]["compiler"]):
            self.assertIn(fact, text)
        self.assertTrue(re.search(r"^  commit +\S", text, re.M), text)

    def test_it_needs_no_root(self):
        self.json_of("version")
        self.assertFalse(self.root.exists())


if __name__ == "__main__":
    main()
