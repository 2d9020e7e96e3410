# SPDX-License-Identifier: Apache-2.0
"""Other people's tools read what we write, and we read what they write."""
import json
import shutil

from registry_case import ID, REMOTE, RegistryCase, main, shipped_package

MAIL = json.dumps({"subject": "lunch", "body": "Are you free for lunch on Thursday?"})


class Interop(RegistryCase):
    def setUp(self):
        super().setUp()
        self.installed = self.install_shipped()
        self.layout = self.root / "store"
        self.name = f"{ID}-{self.installed['version']}"

    def index_of(self, layout):
        return json.loads((layout / "index.json").read_text())["manifests"]

    def package_digests(self, layout):
        return [entry["digest"] for entry in self.index_of(layout)]

    def expect_answer(self):
        self.assertTrue(self.json_of("verify", ID)["verified"])
        answer = self.json_of("run", ID, "--input", MAIL)
        self.assertIn(answer["output"]["label"], ["ham", "spam"])

    def test_skopeo_copies_our_layout_to_a_registry_and_back(self):
        registry = self.registry()
        there = f"docker://{registry.host}/skills/spam:1"
        back = self.scratch / "back"
        self.skopeo_copy(f"oci:{self.layout}:{self.name}", there)
        self.skopeo_copy(there, f"oci:{back}:spam")
        self.assertEqual(self.package_digests(back), [self.installed["digest"]])
        for blob in (back / "blobs" / "sha256").iterdir():
            own = self.layout / "blobs" / "sha256" / blob.name
            self.assertEqual(blob.read_bytes(), own.read_bytes())

    def test_we_install_what_skopeo_wrote(self):
        copied = self.scratch / "copied"
        self.skopeo_copy(f"oci:{self.layout}:{self.name}", f"oci:{copied}:spam")
        self.in_another_root()
        installed = self.json_of("install", copied)
        self.assertEqual(installed["digest"], self.installed["digest"])
        self.expect_answer()

    def test_a_name_says_which_of_several_packages(self):
        copied = self.scratch / "copied"
        for name in ("first", "second"):
            self.skopeo_copy(f"oci:{self.layout}:{self.name}", f"oci:{copied}:{name}")
        mood = self.scratch / "mood.skill"
        self.make_mood(mood)
        self.json_of("install", mood)
        self.skopeo_copy(f"oci:{self.layout}:org.example.mood-0.1.0", f"oci:{copied}:mood")
        self.in_another_root()
        error = self.error_of(4, "manifest_invalid", "install", copied)
        self.assertIn("mood", error["hint"])
        self.error_of(3, "not_found", "install", copied, "--name", "third")
        self.assertEqual(self.json_of("install", copied, "--name", "mood")["id"],
                         "org.example.mood")
        self.assertEqual(self.json_of("install", copied, "--name", "second")["id"], ID)

    def make_mood(self, path):
        from skill_archive import WEIGHT, SkillArchive
        archive = SkillArchive(shipped_package())
        model = self.scratch / "model.gguf"
        model.write_bytes(archive.blobs[archive.layer(WEIGHT)["digest"]])
        skill = self.scratch / "skill.json"
        skill.write_text(json.dumps(self.json_of("init", model, "--id", "org.example.mood")))
        self.json_of("pack", skill, "-m", model, "-o", path)

    def test_skopeo_refuses_a_blob_that_was_tampered_with(self):
        copy = self.scratch / "tampered"
        shutil.copytree(self.layout, copy)
        largest = max((copy / "blobs" / "sha256").iterdir(), key=lambda path: path.stat().st_size)
        content = bytearray(largest.read_bytes())
        content[len(content) // 2] ^= 1
        largest.chmod(0o644)
        largest.write_bytes(content)
        said = self.skopeo_copy(f"oci:{copy}:{self.name}", f"oci:{self.scratch / 'x'}:x",
                                fails=True)
        self.assertIn("igest", said)
        self.in_another_root()
        self.error_of(4, "digest_mismatch", "install", copy)
        self.assertEqual(self.installed_ids(), [])

    def installed_ids(self):
        return [package["id"] for package in super().installed()]

    def test_umoci_collects_nothing_that_we_need(self):
        whole = self.scratch / "whole"
        shutil.copytree(self.root, whole)
        before = sorted(path.name for path in (whole / "store/blobs/sha256").iterdir())
        self.run_tool("umoci", "gc", "--layout", whole / "store")
        after = sorted(path.name for path in (whole / "store/blobs/sha256").iterdir())
        self.assertEqual(before, after)
        self.root = whole
        self.expect_answer()
        names = self.run_tool("umoci", "ls", "--layout", whole / "store").split()
        self.assertEqual(names, [self.name])

    def test_what_we_push_we_pull_with_its_documents(self):
        registry = self.registry()
        remote = f"{registry.host}/skills/spam"
        pushed = self.json_of("push", ID, remote)
        self.assertEqual(pushed["tag"], self.installed["version"])
        self.assertEqual(pushed["documents"], 2)
        index = (self.layout / "index.json").read_bytes()
        blobs = self.blobs()
        self.in_another_root()
        pulled = self.json_of("pull", f"{remote}:{pushed['tag']}")
        self.assertEqual(pulled["digest"], self.installed["digest"])
        self.assertEqual(pulled["remote"], pushed["remote"])
        self.assertEqual(self.blobs(), blobs)
        self.assertEqual((self.root / "store/index.json").read_bytes(), index)
        self.expect_answer()

    def test_a_second_push_and_pull_move_no_blob(self):
        registry = self.registry()
        remote = f"{registry.host}/skills/spam:1"
        self.json_of("push", shipped_package(), remote)
        self.assertEqual(self.json_of("push", ID, remote)["uploaded_bytes"], 0)
        self.assertEqual(self.json_of("pull", remote)["downloaded_bytes"], 0)

    def test_skopeo_reads_what_we_pushed(self):
        registry = self.registry()
        self.json_of("push", ID, f"{registry.host}/skills/spam:1")
        copied = self.scratch / "copied"
        self.skopeo_copy(f"docker://{registry.host}/skills/spam:1", f"oci:{copied}:spam")
        self.assertEqual(self.package_digests(copied), [self.installed["digest"]])

    def test_we_pull_what_skopeo_pushed(self):
        registry = self.registry()
        self.skopeo_copy(f"oci:{self.layout}:{self.name}",
                         f"docker://{registry.host}/skills/spam:1")
        self.in_another_root()
        pulled = self.json_of("pull", f"{registry.host}/skills/spam:1")
        self.assertEqual(pulled["digest"], self.installed["digest"])
        # skopeo copies no referrers.
        self.assertEqual(self.package_digests(self.root / "store"), [self.installed["digest"]])

    def test_name_and_password_are_those_of_docker(self):
        passwords = self.scratch / "htpasswd"
        # bcrypt of "pass", which is the only kind that it takes.
        passwords.write_text(
            "user:$2y$05$Vc0mVIC4C1ogVlbJNwRFN..q0GZlGzdbnXMgaDwV4SzE77IXdt7g.\n")
        registry = self.registry(auth=f"auth: {{htpasswd: {{realm: here, path: {passwords}}}}}\n")
        remote = f"{registry.host}/skills/spam:1"
        self.error_of(REMOTE, "remote_denied", "push", ID, remote)
        config = self.scratch / "config.json"
        config.write_text(json.dumps({"auths": {registry.host: {"auth": "dXNlcjpwYXNz"}}}))
        self.json_of("push", ID, remote, "--credentials", config)
        self.error_of(REMOTE, "remote_denied", "pull", remote)
        shutil.copy(config, self.home / "config.json")
        self.json_of("pull", remote)


if __name__ == "__main__":
    main()
