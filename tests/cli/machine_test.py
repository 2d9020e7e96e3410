# SPDX-License-Identifier: Apache-2.0
"""Settings, logs and the doctor."""
import json
import os
import subprocess

from cli_case import PACKAGE, PROGRAM, STORAGE, USAGE, CliCase, main, shipped_package
from document_schema import check_document

ID = "org.skillet.spam-filter"
MAIL = json.dumps({"subject": "lunch", "body": "Are you free for lunch on Thursday?"})


class MachineCase(CliCase):
    def setUp(self):
        super().setUp()
        # Nothing of the user's own may decide.
        self.clean = {name: value for name, value in os.environ.items()
                      if not name.startswith(("SKILLET_", "XDG_"))}
        self.clean["HOME"] = str(self.scratch)

    def run_plain(self, *arguments, **environment):
        """Without --root, in an environment without settings but these."""
        return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                              timeout=60, check=False, env={**self.clean, **environment})

    def settings(self, *arguments, **environment):
        done = self.run_plain("config", "--json", *arguments, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = check_document(json.loads(done.stdout))["settings"]
        return {row["name"]: (row["value"], row["source"]) for row in rows}


class Config(MachineCase):
    def test_flags_win_over_environment_over_file_over_defaults(self):
        self.assertEqual(self.settings()["log"], ("error", "default"))
        file = self.scratch / ".config" / "skillet" / "config.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"schema": "skillet.config/1", "root": "/from/file",
                                    "budget": "1K", "log": "info", "log_format": "json"}))
        found = self.settings(SKILLET_BUDGET="2K")
        self.assertEqual(found["root"], ("/from/file", "file"))
        self.assertEqual(found["budget"], ("2048", "environment"))
        self.assertEqual(found["log_format"], ("json", "file"))
        found = self.settings("--budget", "3K", "--log", "debug", "--log-format", "text",
                              SKILLET_BUDGET="2K")
        self.assertEqual(found["budget"], ("3072", "option"))
        self.assertEqual(found["log"], ("debug", "option"))
        self.assertEqual(found["log_format"], ("text", "option"))

    def test_a_file_that_makes_no_sense_is_refused_by_name(self):
        file = self.scratch / "settings.json"
        file.write_text('{"schema": "skillet.config/1", "buget": "1K"}')
        done = self.run_plain("list", "--config", file)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn(f"{file}#/buget", done.stderr)

    def test_a_licence_that_the_policy_refuses_is_not_installed(self):
        refused = self.error_of(PACKAGE, "license_refused", "install", shipped_package(),
                                env={**self.clean, "SKILLET_LICENSE_ALLOW": "MIT, ISC"})
        self.assertEqual(refused["subject"], "Apache-2.0")
        self.assertIn("not on license.allow", refused["message"])
        self.assertEqual(self.installed(), [])
        refused = self.error_of(PACKAGE, "license_refused", "verify", shipped_package(),
                                env={**self.clean, "SKILLET_LICENSE_DENY": "Apache-2.0"})
        self.assertIn("denied by license.deny", refused["message"])

    def test_looking_leaves_no_trace(self):
        for command in (["config"], ["doctor"], ["list"], ["ids"], ["history", ID]):
            self.assertEqual(self.run_plain(*command).returncode, 0, command)
        self.assertNotEqual(self.run_plain("show", ID).returncode, 0)
        self.assertNotEqual(self.run_plain("run", ID, "--input", MAIL).returncode, 0)
        self.assertEqual(list(self.scratch.iterdir()), [])


class Logs(MachineCase):
    def test_records_are_documents_on_stderr(self):
        done = self.run_skillet("install", shipped_package(), "--log", "debug", "--log-format",
                                "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        events = [check_document(json.loads(line))["event"] for line in done.stderr.splitlines()]
        self.assertEqual(events, ["package.installed"])
        done = self.run_skillet("run", ID, "--input", MAIL, "--log-format", "json",
                                env={**os.environ, "SKILLET_LOG": "debug"})
        events = [check_document(json.loads(line))["event"] for line in done.stderr.splitlines()]
        self.assertEqual(events, ["module.loaded", "request.finished"])

    def test_a_quarantine_is_a_warning_for_people(self):
        self.install_shipped()
        model = max((self.root / "store/blobs/sha256").iterdir(), key=lambda p: p.stat().st_size)
        model.chmod(0o644)
        model.write_bytes(model.read_bytes()[:-1] + b"?")
        done = self.run_skillet("verify", ID, "--log", "warning")
        self.assertIn("warning: package.quarantined: ", done.stderr)

    def test_nothing_is_logged_unasked(self):
        self.assertEqual(self.run_skillet("install", shipped_package()).stderr, "")


class Doctor(MachineCase):
    def test_finds_nothing_wrong_with_a_sound_root(self):
        self.install_shipped()
        document = self.json_of("doctor")
        self.assertEqual(document["code"], "ok")
        checks = {row["check"]: row for row in document["checks"]}
        self.assertEqual(checks["database"]["health"], "good")
        self.assertEqual(checks["packages"]["finding"], "1 installed, 0 quarantined")

    def test_a_damaged_database_is_a_problem_with_its_exit_status(self):
        self.install_shipped()
        for file in self.root.glob("skillet.db*"):
            file.write_bytes(b"some text, and no database at all " * 100)
        done = self.run_skillet("doctor", "--json")
        self.assertEqual(done.returncode, STORAGE, done.stderr)
        document = check_document(json.loads(done.stdout))
        self.assertEqual((document["health"], document["code"]), ("problem", "store_corrupt"))

    def test_people_read_what_to_do(self):
        self.install_shipped()
        self.root.chmod(0o777)
        done = self.run_skillet("doctor")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"(?m)^warning +root +.*\n +try: chmod go-w")


if __name__ == "__main__":
    main()
