# SPDX-License-Identifier: Apache-2.0
"""What tools/dist.sh made, from the outside: what it needs, what it holds, and that it starts.

    python3 tests/dist/dist_test.py [FOLDER]        (build/dist)

tools/dist_test.sh installs the same files where nothing of ours is.
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DIST = SOURCE / "build" / "dist"
GLIBC_MAX = (2, 36)  # Debian 12; Ubuntu 24.04 has 2.39
# What lintian may say: there is no address to write to yet, this is no upload to Debian's archive,
# and CPack writes the scripts that call ldconfig.
LINTIAN_KNOWN = re.compile(r": (bogus-mail-host(-in-debian-changelog)?"
                           r"|initial-upload-closes-no-bugs|maintscript-calls-ldconfig) ")
# The C library's own parts, and ours beside the program.
NEEDED = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libskillet.so.0"}


def output_of(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False, **options)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Tarball(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        archive, = DIST.glob("skillet-*-linux-x86_64.tar.gz")
        scratch = tempfile.TemporaryDirectory(prefix="skillet-dist-")
        cls.addClassCleanup(scratch.cleanup)
        subprocess.run(["tar", "-xzf", archive, "-C", scratch.name], check=True)
        cls.tree = pathlib.Path(scratch.name) / archive.name.removesuffix(".tar.gz")
        cls.program = cls.tree / "bin" / "skillet"
        cls.library = cls.tree / "lib" / "libskillet.so.0"

    def binaries(self):
        for path in (self.program, self.library):
            with self.subTest(path.name):
                yield path

    def test_nothing_but_the_c_library_is_needed(self):
        for path in self.binaries():
            needed = re.findall(r"^ +NEEDED +(\S+)", output_of("objdump", "-p", path), re.M)
            self.assertLessEqual(set(needed), NEEDED)

    def test_no_symbol_is_newer_than_the_stated_c_library(self):
        for path in self.binaries():
            text = output_of("objdump", "-T", path)
            versions = {tuple(map(int, found.split(".")))
                        for found in re.findall(r"GLIBC_([0-9.]+)", text)}
            self.assertTrue(versions)
            self.assertLessEqual(max(versions), GLIBC_MAX)
            self.assertNotRegex(text, r"GLIBCXX_|CXXABI_|\(GCC_")

    def test_the_library_is_found_beside_the_program_only(self):
        path = re.search(r"(RUNPATH|RPATH) +(\S+)", output_of("objdump", "-p", self.program))
        self.assertEqual(path[2], "$ORIGIN/../lib")
        self.assertNotRegex(output_of("objdump", "-p", self.library), r"RUNPATH|RPATH")

    def test_it_answers_from_where_it_was_unpacked_to(self):
        bare = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self.tree)}
        demo = json.loads(output_of(self.program, "demo", "--json", env=bare))
        self.assertEqual(len(demo["answers"]), 8)
        build = json.loads(output_of(self.program, "version", "--json", env=bare))["build"]
        self.assertEqual(build["type"], "Release")

    def test_it_carries_the_licences_of_all_it_contains(self):
        documents = self.tree / "share" / "doc" / "skillet"
        self.assertIn("Apache License", (documents / "LICENSE").read_text())
        self.assertIn("The ggml authors", (documents / "copyright").read_text())

    def test_it_holds_no_debug_information(self):
        for path in self.binaries():
            self.assertNotIn(".debug_info", output_of("objdump", "-h", path))


class DebianPackages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.packages = {path.name.split("_")[0]: path for path in DIST.glob("*.deb")}

    def field(self, package, name):
        return output_of("dpkg-deb", "-f", self.packages[package], name).strip()

    def files(self, package):
        listing = output_of("dpkg-deb", "-c", self.packages[package])
        return [line.split()[5].removeprefix(".") for line in listing.splitlines()]

    def test_there_are_three(self):
        self.assertEqual(sorted(self.packages), ["libskillet-dev", "libskillet0", "skillet"])

    def test_the_library_depends_on_what_it_is_linked_with(self):
        depends = self.field("libskillet0", "Depends")
        for package in ("libc6", "libssl3", "libsqlite3-0", "libstdc++6"):
            self.assertRegex(depends, rf"\b{re.escape(package)}\b")

    def test_the_library_asks_for_what_it_opens_itself_and_does_without(self):
        self.assertEqual(self.field("libskillet0", "Recommends"), "libcurl4")
        self.assertNotIn("curl", self.field("libskillet0", "Depends"))

    def test_headers_and_program_go_with_exactly_this_library(self):
        version = self.field("libskillet0", "Version")
        for package in ("libskillet-dev", "skillet"):
            self.assertIn(f"libskillet0 (= {version})", self.field(package, "Depends"))

    def test_each_holds_its_part_and_its_licence(self):
        libraries = output_of("dpkg-architecture", "-qDEB_HOST_MULTIARCH").strip()
        for package, path in (("libskillet0", f"/usr/lib/{libraries}/libskillet.so.0"),
                              ("libskillet-dev", f"/usr/lib/{libraries}/libskillet.so"),
                              ("libskillet-dev", f"/usr/lib/{libraries}/pkgconfig/skillet.pc"),
                              ("libskillet-dev", "/usr/include/skillet/skillet.h"),
                              ("skillet", "/usr/bin/skillet")):
            self.assertIn(path, self.files(package))
        for package in self.packages:
            self.assertIn(f"/usr/share/doc/{package}/copyright", self.files(package))
        skills = "/usr/share/skillet/skills/"
        self.assertTrue([path for path in self.files("skillet")
                         if path.startswith(skills) and path.endswith(".skill")])

    def test_pkg_config_leads_to_headers_and_library(self):
        with tempfile.TemporaryDirectory(prefix="skillet-dist-") as scratch:
            for package in ("libskillet0", "libskillet-dev"):
                output_of("dpkg-deb", "-x", self.packages[package], scratch)
            pc, = pathlib.Path(scratch).rglob("skillet.pc")
            environment = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}
            for variable, name in (("libdir", "libskillet.so"),
                                   ("includedir", "skillet/skillet.h")):
                folder = output_of("pkg-config", f"--variable={variable}", "skillet",
                                   env=environment).strip()
                self.assertTrue((pathlib.Path(folder) / name).resolve(strict=True).is_file())

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not here")
    def test_lintian_finds_no_error_or_warning_but_the_known(self):
        done = subprocess.run(["lintian", "--no-cfg", "--allow-root", "--tag-display-limit", "0",
                               *self.packages.values()],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})
        found = [line for line in done.stdout.splitlines() if line[:2] in ("E:", "W:")
                 and not LINTIAN_KNOWN.search(line)]
        self.assertEqual(found, [], done.stderr)


class Sums(unittest.TestCase):
    def test_every_file_has_its_digest(self):
        sums = dict(reversed(line.split()) for line in (DIST / "SHA256SUMS").read_text()
                    .splitlines())
        files = [*DIST.glob("*.deb"), *DIST.glob("*.tar.gz")]
        self.assertEqual({f"./{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
                          for path in files}, sums)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        DIST = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
