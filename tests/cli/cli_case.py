# SPDX-License-Identifier: Apache-2.0
"""What every test of the command line needs: the program, the shipped package, a scratch folder."""
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from document_schema import check_document
from skill_archive import WEIGHT, SkillArchive

PROGRAM = os.environ.get("SKILLET_PROGRAM", "skillet")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = SOURCE / "skills" / "spam-filter"

# Exit codes by group, as the program's help prints them.
USAGE, NOT_FOUND, PACKAGE, REQUEST, STATE, MEMORY, STOPPED, STORAGE = 2, 3, 4, 5, 6, 7, 8, 9
REMOTE = 10


def shipped_package():
    return str(sorted(SHIPPED.glob("*.skill"))[-1])


class CliCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="skillet-cli-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.root = self.scratch / "root"

    def run_skillet(self, *arguments, stdin=None, **options):
        command = [PROGRAM, "--root", str(self.root), *map(str, arguments)]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120,
                              check=False, **options)

    def json_of(self, *arguments, **options):
        """The document a successful command prints."""
        done = self.run_skillet(*arguments, "--json", **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        return check_document(json.loads(done.stdout))

    def error_of(self, exit_code, code, *arguments, **options):
        """The error a command fails with; only `verify` says on stdout what else it found."""
        done = self.run_skillet(*arguments, "--json", **options)
        self.assertEqual(done.returncode, exit_code, done.stderr + done.stdout)
        if "verify" in arguments and done.stdout:
            self.assertFalse(check_document(json.loads(done.stdout))["verified"])
        else:
            self.assertEqual(done.stdout, "")
        document = check_document(json.loads(done.stderr))
        self.assertEqual(document["schema"], "skillet.error/1")
        error = document["error"]
        self.assertEqual(error["code"], code, error)
        self.assertTrue(error["message"])
        return error

    def run_as_nobody(self, *arguments, before=(), **options):
        """As another user, if this one can become one; as this user without a name otherwise. The
        program is copied to where everybody gets: its folder may be private."""
        place = self.scratch / "program"
        if not place.exists():
            self.scratch.chmod(0o755)
            place.mkdir(mode=0o755)
            loaded = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True)
            for path in [PROGRAM, *re.findall(r"=> (\S*/libskillet\S*)", loaded.stdout)]:
                shutil.copy(path, place)
            home = place / "home"
            home.mkdir()
            home.chmod(0o777)
            place.chmod(0o755)
        options["env"] = {**os.environ, "HOME": str(place / "home"), "USER": "nobody",
                          "LD_LIBRARY_PATH": str(place), **options.get("env", {})}
        if os.geteuid() == 0:
            options |= {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid,
                        "extra_groups": []}
        command = [*before, place / pathlib.Path(PROGRAM).name, *arguments]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              timeout=120, check=False, **options)

    def help_of(self, *command):
        done = self.run_skillet(*command, "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def commands(self, *above):
        """The names of the commands below the program, or below a group of commands."""
        text = self.help_of(*above)
        if "\nCommands:\n" not in text:
            return []
        listed = text.split("\nCommands:\n")[1].split("\n\n")[0]
        return re.findall(r"^  ([a-z]\S*)", listed, re.M)

    def all_commands(self, *above):
        """All of them as they are typed, groups included: "run", "gguf", "gguf inspect" …"""
        paths = [(*above, name) for name in self.commands(*above)]
        return [found for path in paths for found in (" ".join(path), *self.all_commands(*path))]

    def pack_as(self, name, version="1.0.0", **members):
        """The shipped skill under another name, with more members."""
        archive = SkillArchive(shipped_package())
        model, document = self.scratch / "model.gguf", self.scratch / "skill.json"
        model.write_bytes(archive.blobs[archive.layer(WEIGHT)["digest"]])
        document.write_text(json.dumps({**archive.skill(), "id": name, "version": version,
                                        **members}))
        packed = self.scratch / f"{name}-{version}.skill"
        self.json_of("pack", document, "--model", model, "--output", packed)
        return packed

    def install_shipped(self):
        return self.json_of("install", shipped_package())

    def installed(self):
        return self.json_of("list")["packages"]

    def blobs(self):
        folder = self.root / "store" / "blobs" / "sha256"
        return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
