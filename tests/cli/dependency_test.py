# SPDX-License-Identifier: Apache-2.0
"""Skills that need others, from the command line."""
from cli_case import STATE, CliCase, main


class Dependencies(CliCase):
    def test_what_is_missing_is_shown_as_a_path_until_it_is_there(self):
        needs_b = self.pack_as("org.a", depends=[{"id": "org.b", "range": "^1"}], owner="the team")
        error = self.error_of(STATE, "dependency_unsatisfied", "install", needs_b)
        self.assertEqual(error["subject"], "org.a@1.0.0 -> org.b ^1")
        shown = self.json_of("show", "org.a")
        self.assertEqual(shown["installed"]["state"], "installed")
        self.assertFalse(shown["dependencies"]["satisfied"])
        self.assertEqual(shown["dependencies"]["obstacle"]["subject"], error["subject"])
        self.assertIn("which is not installed", self.run_skillet("show", "org.a").stdout)

        dependency = self.json_of("install", self.pack_as("org.b", "1.2.0"))
        self.json_of("verify", "org.a")
        shown = self.json_of("show", "org.a")["dependencies"]
        self.assertTrue(shown["satisfied"])
        self.assertEqual(shown["needs"], [{"id": "org.b", "version": "1.2.0",
                                           "digest": dependency["digest"],
                                           "path": "org.a@1.0.0 -> org.b@1.2.0"}])
        text = self.run_skillet("show", "org.a").stdout
        self.assertRegex(text, r"(?m)^ +depends on +org\.b 1\.2\.0$")
        self.assertRegex(text, r"(?m)^ +owner +the team$")

    def test_what_others_need_is_not_removed(self):
        self.json_of("install", self.pack_as("org.b"))
        self.json_of("install", self.pack_as("org.a", depends=[{"id": "org.b", "range": "*"}]))
        self.assertEqual(self.json_of("show", "org.b")["dependencies"]["dependants"],
                         ["org.a@1.0.0"])
        error = self.error_of(STATE, "dependency_unsatisfied", "remove", "org.b")
        self.assertEqual(error["subject"], "org.a@1.0.0")
        self.json_of("remove", "org.a")
        self.json_of("remove", "org.b")
        self.assertEqual(self.installed(), [])

    def test_skills_that_conflict_are_not_needed_together(self):
        self.json_of("install", self.pack_as("org.b", conflicts=[{"id": "org.c", "range": "<2"}]))
        self.json_of("install", self.pack_as("org.c"))
        both = self.pack_as("org.a", depends=[{"id": "org.b", "range": "*"},
                                           {"id": "org.c", "range": "*"}])
        error = self.error_of(STATE, "dependency_unsatisfied", "install", both)
        self.assertEqual(error["subject"], "org.a@1.0.0 -> org.b@1.0.0 conflicts with "
                                           "org.a@1.0.0 -> org.c@1.0.0")

    def test_what_is_replaced_is_shown(self):
        self.json_of("install", self.pack_as("org.a", "1.0.0"))
        self.json_of("install", self.pack_as("org.a", "2.0.0",
                                          replaces={"id": "org.a", "range": "<2"}))
        shown = self.json_of("show", "org.a")["dependencies"]["replaced"]
        self.assertEqual(shown["version"], "1.0.0")


if __name__ == "__main__":
    main()
