# SPDX-License-Identifier: Apache-2.0
"""The main job through the command line: install, list, show, run, history, remove."""
import json

from cli_case import SHIPPED, CliCase, main, shipped_package

MAIL = {"subject": "lunch", "body": "Are you free for lunch on Thursday?"}
ID = "org.skillet.spam-filter"


class Lifecycle(CliCase):
    def test_an_installed_skill_answers_with_label_confidence_and_digests(self):
        installed = self.install_shipped()
        self.assertEqual(installed["state"], "verified")
        result = self.json_of("run", ID, "--input", json.dumps(MAIL))
        self.assertEqual(result["schema"], "skillet.result/1")
        self.assertEqual(result["digests"]["package"], installed["digest"])
        self.assertAlmostEqual(sum(result["probabilities"].values()), 1.0, places=9)
        self.assertAlmostEqual(result["confidence"], max(result["probabilities"].values()))
        self.assertNotIn("stats", result)

    def test_the_same_input_gives_the_same_bytes(self):
        self.install_shipped()
        runs = {self.run_skillet("run", ID, "--input", json.dumps(MAIL), "--json").stdout
                for _ in range(3)}
        self.assertEqual(len(runs), 1)

    def test_a_file_runs_without_being_installed(self):
        result = self.json_of("run", shipped_package(), "--input", json.dumps(MAIL))
        self.assertIn(result["output"]["label"], ["ham", "spam"])
        self.assertFalse(self.root.exists(), "running a file must not touch the root")

    def test_stats_say_where_the_time_went(self):
        self.install_shipped()
        stats = self.json_of("run", ID, "--input", json.dumps(MAIL), "--stats")["stats"]
        self.assertGreater(stats["tokens"], 0)
        self.assertGreaterEqual(stats["total_ms"], stats["compute_ms"])

    def test_verify_list_show_and_history_agree(self):
        installed = self.install_shipped()
        verified = self.json_of("verify", ID)
        self.assertTrue(verified["verified"])
        self.assertEqual(verified["digest"], installed["digest"])
        self.assertEqual([p["digest"] for p in self.installed()], [installed["digest"]])
        self.assertEqual(self.json_of("show", ID)["digest"], installed["digest"])
        events = self.json_of("history", ID)["events"]
        self.assertEqual([(e["trigger"], e["to"]) for e in events],
                         [("install", "installed"), ("verify", "verified")])

    def test_installing_twice_changes_nothing(self):
        first = self.install_shipped()
        blobs = self.blobs()
        self.assertEqual(self.install_shipped(), first)
        self.assertEqual(self.blobs(), blobs)
        self.assertEqual(len(self.json_of("history", ID)["events"]), 2)

    def test_remove_deletes_the_blobs_and_keeps_the_history(self):
        self.install_shipped()
        self.json_of("remove", ID, "--reason", "a test")
        self.assertEqual(self.installed(), [])
        self.assertEqual(self.blobs(), [])
        events = self.json_of("history", ID)["events"]
        self.assertEqual(events[-1]["reason"], "a test")
        self.error_of(3, "not_found", "run", ID, "--input", json.dumps(MAIL))

    def test_people_get_tables_and_no_escape_codes_in_a_pipe(self):
        self.install_shipped()
        run = ["run", ID, "--input", json.dumps(MAIL), "--stats"]
        for command, expected in ((["list"], "STATE"), (["show", ID], "license"), (run, "package"),
                                  (["verify", ID], "verified"), (["history", ID], "WHY")):
            done = self.run_skillet(*command)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("\033", done.stdout)
            self.assertIn(expected, done.stdout)

    def test_the_demo_prints_every_sample_beside_its_truth(self):
        document = self.json_of("demo", "--dir", str(SHIPPED))
        samples = list((SHIPPED / "samples").glob("*.json"))
        self.assertEqual(len(document["answers"]), len(samples))
        self.assertFalse(self.root.exists(), "the demo must not touch the user's root")


if __name__ == "__main__":
    main()
