# SPDX-License-Identifier: Apache-2.0
"""What the tests of the installed library need: a build, installed and then moved, since whoever
unpacks an archive puts it where they like; and strict compilers."""
import os
import pathlib
import shlex
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CC, CXX = os.environ.get("CC", "cc"), os.environ.get("CXX", "c++")
STRICT = ["-pedantic", "-Wall", "-Wextra", "-Werror"]
C99, CXX17 = [CC, "-std=c99", *STRICT], [CXX, "-std=c++17", *STRICT]


def output_of(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False, timeout=300, **options)
    assert done.returncode == 0, f"{done.args}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


class InstalledCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="skillet-install-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = pathlib.Path(scratch.name)
        output_of("cmake", "--install", os.environ["SKILLET_BUILD"], "--prefix",
                  cls.scratch / "first")
        cls.prefix = (cls.scratch / "first").rename(cls.scratch / "moved to here")
        cls.pc, = cls.prefix.rglob("skillet.pc")
        cls.libraries = cls.pc.parent.parent

    def environment(self, **more):
        return {**os.environ, "LD_LIBRARY_PATH": str(self.libraries), **more}

    def build_with_pkg_config(self, source):
        """A C99 program of one file."""
        flags = output_of("pkg-config", "--cflags", "--libs", "skillet",
                          env=self.environment(PKG_CONFIG_PATH=str(self.pc.parent)))
        program = self.scratch / f"{source.stem}_c"
        output_of(*C99, source, *shlex.split(flags), "-o", program)
        return program

    def build_with_cmake(self, folder):
        """The folder of the built project, which finds skillet as a package."""
        build = self.scratch / folder.name
        output_of("cmake", "-S", folder, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
                  f"-DCMAKE_C_COMPILER={CC}", f"-DCMAKE_CXX_COMPILER={CXX}",
                  f"-DCMAKE_CXX_FLAGS={' '.join(STRICT)}")
        output_of("cmake", "--build", build)
        return build
