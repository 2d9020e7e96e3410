# SPDX-License-Identifier: Apache-2.0
"""Transfers that break, against docker-registry behind a proxy that counts bytes: what is there
already is not sent again."""
import json
import random
import subprocess

from cutting_proxy import DOWN, UP, CuttingProxy
from registry_case import PROGRAM, RegistryCase, main, shipped_package
from skill_archive import WEIGHT, SkillArchive

MIB = 1 << 20
DOCUMENT = 48 * MIB  # three pieces of an upload
SMALL = 3 * MIB  # all the rest of the package, and what HTTP adds
IN_FLIGHT = 8 * MIB  # what a break may lose on its way


class Resume(RegistryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.content = random.Random(1).randbytes(DOCUMENT)

    def setUp(self):
        super().setUp()
        self.server = self.registry()
        self.proxy = CuttingProxy(self.server.port)
        self.addCleanup(self.proxy.close)
        self.package = self.pack_large()
        self.near = f"127.0.0.1:{self.server.port}/skills/large:1"
        self.far = f"127.0.0.1:{self.proxy.port}/skills/large:1"

    def pack_large(self):
        archive = SkillArchive(shipped_package())
        model = self.scratch / "model.gguf"
        model.write_bytes(archive.blobs[archive.layer(WEIGHT)["digest"]])
        skill = self.scratch / "skill.json"
        skill.write_text(json.dumps(self.json_of("init", model, "--id", "org.example.large")))
        document = self.scratch / "LARGE.txt"
        document.write_bytes(self.content)
        package = self.scratch / "large.skill"
        self.json_of("pack", skill, "-m", model, "--doc", document, "-o", package)
        return package

    def expect_bytes(self, direction, begin, least, most):
        moved = self.proxy.bytes[direction] - begin
        self.assertGreaterEqual(moved, least)
        self.assertLessEqual(moved, most)

    def test_a_pull_that_is_cut_asks_for_the_rest(self):
        self.json_of("push", self.package, self.near)
        self.proxy.cut_after(DOWN, DOCUMENT * 2 // 3)
        pulled = self.json_of("pull", self.far)
        self.assertTrue(self.proxy.reached.is_set())
        self.assertEqual(pulled["state"], "verified")
        self.expect_bytes(DOWN, 0, DOCUMENT, DOCUMENT + IN_FLIGHT)

    def test_a_pull_whose_process_is_killed_goes_on_in_the_next(self):
        self.json_of("push", self.package, self.near)
        self.proxy.hold_after(DOWN, DOCUMENT * 2 // 3)
        command = [PROGRAM, "--root", str(self.root), "pull", self.far]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            self.assertTrue(self.proxy.reached.wait(120))
            partial = self.root / "store" / "staging"
            # All that got through lies there before the process is killed.
            while sum(path.stat().st_size for path in partial.iterdir()) < DOCUMENT // 2:
                self.assertIsNone(process.poll())
            process.kill()
        begin = self.proxy.bytes[DOWN]
        self.assertEqual(self.json_of("list")["packages"], [])
        pulled = self.json_of("pull", self.far)
        self.assertEqual(pulled["state"], "verified")
        self.expect_bytes(DOWN, begin, DOCUMENT // 3 - SMALL, DOCUMENT // 2 + SMALL)

    def test_a_push_that_is_cut_goes_on(self):
        for part in (DOCUMENT // 4, DOCUMENT * 2 // 3):
            with self.subTest(part):
                begin = self.proxy.bytes[UP]
                self.proxy.cut_after(UP, part)
                remote = self.far.replace("large:", f"large-{part}:")
                self.json_of("push", self.package, remote)
                self.assertTrue(self.proxy.reached.is_set())
                self.expect_bytes(UP, begin, DOCUMENT, DOCUMENT + part + SMALL)
                self.in_another_root(f"other-{part}")
                self.json_of("pull", remote)

    def test_a_push_whose_process_is_killed_sends_no_blob_twice(self):
        remote = self.far
        self.proxy.hold_after(UP, DOCUMENT + MIB // 2)
        command = [PROGRAM, "push", "--connections", "1", str(self.package), remote]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            self.assertTrue(self.proxy.reached.wait(120))
            process.kill()
        begin = self.proxy.bytes[UP]
        self.json_of("push", self.package, remote)
        self.expect_bytes(UP, begin, 0, SMALL)


if __name__ == "__main__":
    main()
