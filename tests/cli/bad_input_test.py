# SPDX-License-Identifier: Apache-2.0
"""Bad input of every kind: a clear error, the exit code of its group, nothing half-done."""
import functools
import json
import os
import resource
import signal
import subprocess

from cli_case import (NOT_FOUND, PACKAGE, PROGRAM, REQUEST, STOPPED, STORAGE, USAGE, CliCase, main,
                      shipped_package)
from skill_archive import SKILL, WEIGHT, SkillArchive, canonical

ID = "org.skillet.spam-filter"


class Requests(CliCase):
    def setUp(self):
        super().setUp()
        self.install_shipped()

    def refuse(self, code, text):
        return self.error_of(REQUEST, code, "run", ID, "--input-file", "-", stdin=text)

    def test_input_that_is_not_json(self):
        for text in ("", "hello", '{"subject": "a", "body": "b"} x', '{"subject": "a",}',
                     '{"subject": "a", "subject": "b", "body": ""}', "[" * 100_000,
                     '{"subject": "\\ud800", "body": ""}', "NaN"):
            with self.subTest(text[:40]):
                self.refuse("input_syntax", text)

    def test_input_that_is_not_utf8(self):
        done = subprocess.run([PROGRAM, "--root", str(self.root), "run", ID, "--input-file", "-"],
                              input=b'{"subject": "\xff\xfe", "body": ""}', capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, REQUEST)
        self.assertIn(b"input_syntax", done.stderr)

    def test_wrong_types_are_named_by_their_pointer(self):
        error = self.refuse("input_schema", '{"subject": 7, "body": "b"}')
        self.assertEqual(error["subject"], "/subject")
        self.refuse("input_schema", '["subject", "body"]')

    def test_missing_and_extra_members(self):
        self.assertIn("body", self.refuse("input_schema", '{"subject": "a"}')["message"])
        error = self.refuse("input_schema", '{"subject": "a", "body": "b", "from": "c"}')
        self.assertIn("from", error["message"] + error["subject"])

    def test_more_bytes_than_the_contract_admits(self):
        text = json.dumps({"subject": "a", "body": "x" * (1 << 20)})
        error = self.refuse("input_too_large", text)
        self.assertEqual(error["required_bytes"], len(text))
        self.assertLess(error["available_bytes"], len(text))

    def test_a_deadline_that_cannot_be_met(self):
        text = json.dumps({"subject": "a", "body": "word " * 20_000})
        error = self.error_of(STOPPED, "deadline_exceeded", "run", ID, "--input-file", "-",
                              "--deadline-ms", "1", stdin=text)
        self.assertEqual(error["retry"], "later")


class Packages(CliCase):
    def refuse(self, code, archive):
        """Verifying the file and installing it fail alike, and no skill serves afterwards."""
        path = archive.write(self.scratch / "bad.skill")
        error = self.error_of(PACKAGE, code, "verify", path)
        self.error_of(PACKAGE, code, "install", path)
        self.assertNotIn("verified", [row["state"] for row in self.installed()])
        self.error_of(PACKAGE, code, "run", path, "--input", "{}")
        return error

    def test_one_flipped_bit_is_refused_naming_the_blob(self):
        for digest in SkillArchive(shipped_package()).blobs:
            with self.subTest(digest):
                archive = SkillArchive(shipped_package())
                content = bytearray(archive.blobs[digest])
                content[len(content) // 2] ^= 4
                archive.blobs[digest] = bytes(content)
                error = self.refuse("digest_mismatch", archive)
                self.assertIn(digest, error["subject"])
                self.assertEqual(self.installed(), [])
                self.assertEqual(self.blobs(), [])

    def test_an_unknown_member_in_skill_json(self):
        archive = SkillArchive(shipped_package())
        archive.replace_skill({**archive.skill(), "surprise": 1})
        self.assertEqual(self.refuse("manifest_invalid", archive)["subject"], "/surprise")

    def test_a_duplicate_member_in_skill_json(self):
        archive = SkillArchive(shipped_package())
        text = canonical(archive.skill())
        archive.replace_layer(SKILL, b'{"id":"org.example.other",' + text[1:])
        self.assertIn("duplicate", self.refuse("manifest_invalid", archive)["message"])

    def test_a_well_formed_claim_that_is_wrong_about_the_bytes(self):
        archive = SkillArchive(shipped_package())
        skill = archive.skill()
        skill["artifact"]["parameters"] += 1
        archive.replace_skill(skill)
        error = self.refuse("manifest_invalid", archive)
        self.assertEqual(error["subject"], "/artifact/parameters")
        self.assertEqual([row["state"] for row in self.installed()], ["quarantined"])
        self.error_of(6, "quarantined", "run", ID, "--input", "{}")

    def test_claims_that_the_model_does_not_bear_out(self):
        for member, claim in (("/artifact/quantization/label", "Q4_K_M"),
                              ("/tokenizer/digest", "sha256:" + "0" * 64),
                              ("/engine/abi", "skillet.engine/9"),
                              ("/resources/estimate/weights_bytes", 1),
                              ("/authority/reads", ["mail.other"])):
            with self.subTest(member):
                archive = SkillArchive(shipped_package())
                skill = archive.skill()
                *path, name = member.split("/")[1:]
                holder = functools.reduce(dict.__getitem__, path, skill)
                observed, holder[name] = holder[name], claim
                archive.replace_skill(skill)
                error = self.error_of(PACKAGE, "manifest_invalid", "run",
                                      archive.write(self.scratch / "drifted.skill"),
                                      "--input", "{}")
                self.assertEqual(error["subject"], member)
                for value in (claim, observed):
                    text = ", ".join(value) if isinstance(value, list) else str(value)
                    self.assertIn(text, error["message"])

    def test_a_foreign_model_under_a_correct_digest(self):
        archive = SkillArchive(shipped_package())
        content = b"GGUF" + os.urandom(4096)
        archive.replace_layer(WEIGHT, content)
        skill = archive.skill()
        layer = archive.layer(WEIGHT)
        skill["artifact"]["digest"], skill["artifact"]["bytes"] = layer["digest"], layer["size"]
        archive.replace_skill(skill)
        path = archive.write(self.scratch / "bad.skill")
        done = self.run_skillet("verify", path)
        self.assertEqual(done.returncode, PACKAGE, done.stderr)

    def test_a_text_longer_than_prepare_and_the_model_admit(self):
        archive = SkillArchive(shipped_package())
        skill = archive.skill()
        # Without truncate, a long text must be refused: the engine would abort the process.
        skill["contract"]["prepare"] = [
            step for step in skill["contract"]["prepare"] if step["step"] != "truncate@1"]
        archive.replace_skill(skill)
        path = archive.write(self.scratch / "long.skill")
        long_mail = json.dumps({"subject": "a", "body": "word " * 20_000})
        error = self.error_of(REQUEST, "context_exceeded", "run", path, "--input-file", "-",
                              stdin=long_mail)
        self.assertIn("tokens", error["message"])

    def test_a_file_that_is_no_archive(self):
        path = self.scratch / "x.skill"
        for content in (b"", b"hello", os.urandom(10_000), b"\0" * 10_240):
            path.write_bytes(content)
            self.assertEqual(self.run_skillet("install", path).returncode, PACKAGE)
        with open(shipped_package(), "rb") as shipped:
            path.write_bytes(shipped.read()[:5000])
        self.assertEqual(self.run_skillet("install", path).returncode, PACKAGE)

    def test_other_bytes_under_a_known_version(self):
        self.install_shipped()
        archive = SkillArchive(shipped_package())
        archive.replace_skill({**archive.skill(), "title": "An impostor"})
        path = archive.write(self.scratch / "other.skill")
        self.error_of(6, "conflict", "install", path)
        self.assertEqual(len(self.installed()), 1)

    def test_a_blob_damaged_after_the_install_is_noticed_at_load(self):
        self.install_shipped()
        archive = SkillArchive(shipped_package())
        digest = archive.layer(WEIGHT)["digest"].split(":")[1]
        blob = self.root / "store" / "blobs" / "sha256" / digest
        content = bytearray(blob.read_bytes())
        content[-1] ^= 1
        blob.chmod(0o644)
        blob.write_bytes(content)
        mail = '{"subject": "a", "body": "b"}'
        self.error_of(PACKAGE, "digest_mismatch", "run", ID, "--input", mail)
        self.error_of(6, "quarantined", "run", ID, "--input", mail)


class Surroundings(CliCase):
    def test_unknown_skills_files_and_versions(self):
        self.error_of(NOT_FOUND, "not_found", "run", "org.example.nothing", "--input", "{}")
        self.error_of(NOT_FOUND, "not_found", "install", self.scratch / "none.skill")
        self.install_shipped()
        error = self.error_of(NOT_FOUND, "not_found", "show", ID + "@99.0.0")
        self.assertIn("installed:", error["message"])
        self.error_of(USAGE, "invalid_argument", "show", "Not An Id")

    def test_wrong_usage(self):
        for arguments in ([], ["frobnicate"], ["run"], ["run", ID], ["install"]):
            done = self.run_skillet(*arguments)
            self.assertEqual(done.returncode, USAGE, arguments)
            self.assertEqual(done.stdout, "")
            self.assertTrue(done.stderr)

    def test_a_root_that_cannot_be_used(self):
        self.root.write_text("a file")
        self.error_of(STORAGE, "io", "list")
        self.root.unlink()
        self.root.mkdir()
        (self.root / "skillet.db").write_bytes(b"not a database" * 1000)
        self.error_of(STORAGE, "store_corrupt", "list")

    def test_a_full_disk_leaves_nothing_half_installed(self):
        def small_files():  # every write past 256 KiB fails, as on a full disk
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, 256 * 1024))

        self.error_of(STORAGE, "io", "install", shipped_package(), preexec_fn=small_files)
        self.assertEqual(self.installed(), [])
        self.assertEqual(self.blobs(), [])
        self.install_shipped()

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, "--root", str(self.root), "list"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, STORAGE)

    def test_ctrl_c_stops_a_batch(self):
        self.install_shipped()
        line = json.dumps({"subject": "a", "body": "word " * 5_000}) + "\n"
        lines = self.scratch / "lines.jsonl"
        lines.write_text(line * 1_000)
        with subprocess.Popen([PROGRAM, "--root", str(self.root), "run", ID, "--batch",
                               "--input-file", str(lines)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            process.stdout.readline()  # it is at work now
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, STOPPED)

    def test_ctrl_c_while_waiting_for_input(self):
        self.install_shipped()
        with subprocess.Popen([PROGRAM, "--root", str(self.root), "run", ID, "--input-file", "-"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            self.assertIn(process.returncode, (STOPPED, -signal.SIGINT))


if __name__ == "__main__":
    main()
