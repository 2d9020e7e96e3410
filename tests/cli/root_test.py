# SPDX-License-Identifier: Apache-2.0
"""A root as a whole: going back, garbage, damage, and readers who may not write."""
import json
import os
import stat
import subprocess

from cli_case import NOT_FOUND, PROGRAM, STATE, STORAGE, CliCase, main
from document_schema import check_document

ID = "org.example.mail"
MAIL = json.dumps({"subject": "lunch", "body": "Are you free for lunch on Thursday?"})


class Versions(CliCase):
    def setUp(self):
        super().setUp()
        for version in ("1.0.0", "1.1.0"):
            self.json_of("install", self.pack_as(ID, version))

    def serving(self):
        return [row["version"] for row in self.installed() if row["current"]]

    def test_a_rollback_leads_to_the_version_before_and_back(self):
        done = self.json_of("rollback", ID, "--reason", "too many false alarms")
        self.assertEqual((done["from"]["version"], done["to"]["version"]), ("1.1.0", "1.0.0"))
        self.assertEqual(self.serving(), ["1.0.0"])
        self.assertEqual(self.json_of("run", ID, "--input", MAIL)["skill"]["version"], "1.0.0")
        self.assertIn("held back", self.run_skillet("list").stdout)
        self.json_of("verify", ID + "@1.1.0")
        self.assertEqual(self.serving(), ["1.0.0"], "verifying the other one changes nothing")
        self.assertEqual(self.json_of("history", ID)["events"][-1]["reason"],
                         "too many false alarms")
        self.json_of("rollback", ID + "@1.1.0")
        self.assertEqual(self.serving(), ["1.1.0"])

    def test_there_may_be_nothing_to_go_back_to(self):
        self.json_of("rollback", ID)
        self.assertIn("below", self.error_of(NOT_FOUND, "not_found", "rollback", ID)["message"])

    def test_a_known_good_set_is_kept_and_brought_back(self):
        self.json_of("rollback", ID)
        self.json_of("known-good", "save", "good", "--reason", "as shipped")
        self.json_of("install", self.pack_as(ID, "1.2.0"))
        self.assertEqual(self.serving(), ["1.2.0"])
        member = self.json_of("known-good", "list")["sets"][0]["members"][0]
        self.assertEqual((member["version"], member["current"]), ("1.0.0", False))
        error = self.error_of(STATE, "dependency_unsatisfied", "remove", ID + "@1.0.0")
        self.assertEqual(error["subject"], "good")
        self.json_of("known-good", "restore", "good")
        self.assertEqual(self.serving(), ["1.0.0"])
        self.json_of("known-good", "remove", "good")
        self.json_of("remove", ID + "@1.0.0")


class Upkeep(CliCase):
    def setUp(self):
        super().setUp()
        self.installed_row = self.install_shipped()
        self.store = self.root / "store" / "blobs" / "sha256"

    def test_retired_skills_are_collected_on_request(self):
        skill = "org.skillet.spam-filter"
        self.json_of("retire", skill)
        self.assertEqual(self.json_of("gc", "--retired")["packages"], [])
        self.assertEqual(self.json_of("gc", "--grace", "0s")["packages"], [])
        self.assertIn(f"would remove {skill} 1.0.0, which is retired",
                      self.run_skillet("gc", "--retired", "--grace", "0s", "--dry-run").stdout)
        done = self.json_of("gc", "--retired", "--grace", "0s")
        self.assertEqual([row["id"] for row in done["packages"]], [skill])
        self.assertEqual((self.installed(), self.blobs()), ([], []))
        self.assertEqual(self.json_of("history", skill)["events"][-1]["trigger"], "remove")

    def largest_blob(self):
        return max(self.store.iterdir(), key=lambda path: path.stat().st_size)

    def test_garbage_is_collected_after_its_grace(self):
        stray = self.store / ("ab" * 32)
        stray.write_bytes(b"nobody's")
        spared = self.json_of("gc")
        self.assertEqual((spared["removed"], spared["spared_bytes"]), ([], 8))
        self.assertEqual(self.json_of("gc", "--grace", "0s", "--dry-run")["removed_bytes"], 8)
        self.assertTrue(stray.exists())
        self.assertIn("removed 1 blobs, 8 B", self.run_skillet("gc", "--grace", "0s").stdout)
        self.assertFalse(stray.exists())
        self.json_of("verify", "org.skillet.spam-filter")

    def test_damage_is_found_named_and_healed_by_installing_again(self):
        self.assertTrue(self.json_of("fsck")["sound"])
        blob = self.largest_blob()
        blob.chmod(0o644)
        content = bytearray(blob.read_bytes())
        content[len(content) // 2] ^= 1
        blob.write_bytes(content)
        blob.chmod(0o444)
        done = self.run_skillet("fsck", "--json")
        self.assertEqual((done.returncode, done.stderr), (STORAGE, ""))
        report = check_document(json.loads(done.stdout))
        self.assertEqual([(row["fault"], row["subject"]) for row in report["findings"]],
                         [("blob_damaged", "sha256:" + blob.name)])
        # A load notices it, too: no answer, and the package is out of service.
        self.error_of(4, "digest_mismatch", "run", "org.skillet.spam-filter", "--input", MAIL)
        row = self.installed()[0]
        self.assertEqual((row["state"], row["cause"]), ("quarantined", "digest_mismatch"))
        self.assertEqual(self.install_shipped()["state"], "verified")
        self.assertTrue(self.json_of("fsck")["sound"])
        self.json_of("run", "org.skillet.spam-filter", "--input", MAIL)

    def test_what_is_derived_is_repaired(self):
        (self.root / "store" / "index.json").chmod(0o644)
        (self.root / "store" / "index.json").write_text("{}")
        self.largest_blob().chmod(0o644)
        report = self.json_of("fsck", "--repair")
        self.assertEqual({row["fault"]: row["repaired"] for row in report["findings"]},
                         {"index": True, "blob_writable": True})
        self.assertTrue(self.json_of("fsck")["sound"])


class Readers(CliCase):
    """Somebody who may read a root, but not write it: another user, or its owner without the
    right to write."""

    def setUp(self):
        super().setUp()
        self.scratch.chmod(0o755)
        self.root.mkdir(mode=0o755)
        self.root.chmod(0o755)
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        self.install_shipped()
        if os.geteuid() != 0:
            self.root.chmod(0o555)
            self.addCleanup(self.root.chmod, 0o755)

    def reader(self, *arguments):
        return self.run_as_nobody("--root", self.root, *arguments, "--json")

    def test_a_root_is_served_to_who_may_only_read_it(self):
        done = self.reader("run", "org.skillet.spam-filter", "--input", MAIL)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(json.loads(done.stdout)["output"]["label"], ["ham", "spam"])
        for command in (["list"], ["verify", "org.skillet.spam-filter"], ["fsck"], ["doctor"]):
            done = self.reader(*command)
            self.assertEqual(done.returncode, 0, command + [done.stdout, done.stderr])

    def test_what_would_change_it_is_refused(self):
        for command in (["remove", "org.skillet.spam-filter"], ["gc"],
                        ["known-good", "save", "good"]):
            done = self.reader(*command)
            self.assertEqual(done.returncode, STORAGE, command)
            self.assertEqual(json.loads(done.stderr)["error"]["code"], "read_only")

    def test_who_may_not_read_the_folder_reads_nothing(self):
        if os.geteuid() != 0:
            self.root.chmod(0o000)
        else:
            self.root.chmod(0o700)
        self.assertNotEqual(self.reader("list").returncode, 0)

    def test_what_is_made_may_be_read_by_those_who_may_read_the_folder(self):
        for path in self.root.rglob("*"):
            if path.name in ("lock",) or "run" in path.relative_to(self.root).parts:
                continue
            wanted = 0o755 if path.is_dir() else 0o644 if "skillet.db" in path.name else 0o444
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), wanted, path)


# Runs a command where the folder $1 is mounted read-only: in a mount namespace of its own, which
# root may have, or whoever may have a user namespace.
MOUNTED = """\
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 99
shift
exec "$@"
"""


class ReadOnlyMount(CliCase):
    def setUp(self):
        super().setUp()
        self.install_shipped()
        self.state = self.scratch / "state"
        self.namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-rm"]
        if self.mounted("true").returncode != 0:
            self.skipTest("this machine lets nobody mount")

    def mounted(self, *command):
        return subprocess.run(
            [*self.namespace, "sh", "-c", MOUNTED, "sh", str(self.root), *map(str, command)],
            capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, "SKILLET_STATE": str(self.state)})

    def read_only(self, *arguments):
        return self.mounted(PROGRAM, "--root", self.root, *arguments, "--json")

    def test_it_serves_and_writes_beside_itself(self):
        before = {path: path.stat().st_mtime_ns for path in self.root.rglob("*")}
        done = self.read_only("run", "org.skillet.spam-filter", "--input", MAIL)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(json.loads(done.stdout)["output"]["label"], ["ham", "spam"])
        self.assertTrue((self.state / "engine").is_dir())
        for command in (["list"], ["verify", "org.skillet.spam-filter"], ["fsck"], ["ps"]):
            done = self.read_only(*command)
            self.assertEqual(done.returncode, 0, command + [done.stdout, done.stderr])
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.root.rglob("*")}, before)

    def test_what_would_change_it_is_refused(self):
        for command in (["remove", "org.skillet.spam-filter"], ["gc"],
                        ["suspend", "org.skillet.spam-filter"]):
            done = self.read_only(*command)
            self.assertEqual(done.returncode, STORAGE, command)
            self.assertEqual(json.loads(done.stderr)["error"]["code"], "read_only")


if __name__ == "__main__":
    main()
