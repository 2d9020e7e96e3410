# SPDX-License-Identifier: Apache-2.0
"""Changing a skill's state: out of service, back again, and what keeps it from happening."""
import json

from cli_case import PACKAGE, STATE, USAGE, CliCase, main

ID = "org.example.mail"
MAIL = json.dumps({"subject": "lunch", "body": "Are you free for lunch on Thursday?"})


class Transitions(CliCase):
    def setUp(self):
        super().setUp()
        for version in ("1.0.0", "1.1.0"):
            self.json_of("install", self.pack_as(ID, version))

    def state(self, version="1.1.0"):
        return next(row["state"] for row in self.installed() if row["version"] == version)

    def damage_largest_blob(self):
        blob = max((self.root / "store" / "blobs" / "sha256").iterdir(),
                   key=lambda path: path.stat().st_size)
        blob.chmod(0o644)
        content = bytearray(blob.read_bytes())
        content[len(content) // 2] ^= 1
        blob.write_bytes(content)

    def test_a_suspended_version_does_not_serve_until_it_is_resumed(self):
        done = self.json_of("suspend", ID, "--reason", "false alarms")
        self.assertEqual((done["version"], done["from"], done["state"], done["reason"]),
                         ("1.1.0", "verified", "suspended", "false alarms"))
        self.assertEqual(done["serving"]["version"], "1.0.0")
        self.assertEqual(self.json_of("run", ID, "--input", MAIL)["skill"]["version"], "1.0.0")
        self.error_of(STATE, "suspended", "run", ID + "@1.1.0", "--input", MAIL)
        done = self.json_of("resume", ID)
        self.assertEqual((done["version"], done["to"], done["state"]),
                         ("1.1.0", "installed", "verified"))
        self.assertEqual(self.json_of("run", ID, "--input", MAIL)["skill"]["version"], "1.1.0")

    def test_what_comes_back_is_verified_unless_that_is_not_wanted(self):
        for away, back, reason in (("suspend", "resume", []), ("retire", "reinstate", []),
                                   ("quarantine", "release", ["--reason", "a test"])):
            with self.subTest(back):
                self.json_of(away, ID + "@1.1.0", *reason)
                self.assertEqual(self.json_of(back, ID, "--no-verify", *reason)["state"],
                                 "installed")
                self.error_of(STATE, "not_verified", "run", ID + "@1.1.0", "--input", MAIL)
                self.json_of("verify", ID + "@1.1.0")
                self.json_of(away, ID + "@1.1.0", *reason)
                self.assertEqual(self.json_of(back, ID, *reason)["state"], "verified")
        self.assertEqual([event["trigger"] for event in self.json_of("history", ID)["events"]
                          if event["version"] == "1.1.0"][-3:],
                         ["quarantine", "release", "verify"])

    def test_what_fails_its_verification_is_quarantined_and_the_command_fails(self):
        self.json_of("suspend", ID)
        self.damage_largest_blob()
        self.error_of(PACKAGE, "digest_mismatch", "resume", ID)
        self.assertEqual(self.state(), "quarantined")

    def test_an_illegal_step_names_both_states_and_what_is_possible(self):
        error = self.error_of(STATE, "illegal_transition", "resume", ID)
        self.assertIn("verified", error["message"])
        self.assertIn("installed", error["message"])
        self.assertIn("suspend", error["hint"])
        self.assertEqual(error["subject"], ID + "@1.1.0")

    def test_quarantine_and_release_want_a_reason(self):
        self.error_of(USAGE, "invalid_argument", "quarantine", ID)
        self.error_of(USAGE, "invalid_argument", "quarantine", ID, "--reason", " ")
        self.assertEqual(self.state(), "verified")
        self.json_of("quarantine", ID, "--reason", "it leaks")
        self.error_of(USAGE, "invalid_argument", "release", ID)
        self.assertEqual(self.state(), "quarantined")

    def test_what_others_need_is_suspended_but_not_retired(self):
        self.json_of("install", self.pack_as("org.a", depends=[{"id": ID, "range": ">=1.1"}]))
        error = self.error_of(STATE, "dependency_unsatisfied", "retire", ID)
        self.assertEqual(error["subject"], "org.a@1.0.0")
        done = self.json_of("suspend", ID)
        self.assertEqual(done["dependants"], ["org.a@1.0.0"])
        self.error_of(STATE, "dependency_unsatisfied", "run", "org.a", "--input", MAIL)
        self.json_of("resume", ID)
        self.json_of("run", "org.a", "--input", MAIL)

    def test_a_member_of_a_known_good_set_is_not_retired(self):
        self.json_of("known-good", "save", "good")
        self.assertEqual(
            self.error_of(STATE, "dependency_unsatisfied", "retire", ID)["subject"], "good")

    def test_people_are_told_what_serves_now(self):
        self.assertEqual(self.run_skillet("suspend", ID).stdout,
                         f"{ID} 1.1.0 is suspended, no longer verified\n  1.0.0 serves\n")
        self.assertIn(f"no version of {ID} serves", self.run_skillet("retire", ID).stdout)
        self.assertIn("is verified, no longer retired", self.run_skillet("reinstate", ID).stdout)


if __name__ == "__main__":
    main()
