# SPDX-License-Identifier: Apache-2.0
"""The installed library, as strangers use it: from a folder that was moved after installing,
through pkg-config from C99 and through find_package from C++17, with each header alone."""
import json
import os
import pathlib
import shlex
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = os.environ["SKILLET_BUILD"]
CC, CXX = os.environ.get("CC", "cc"), os.environ.get("CXX", "c++")
STRICT = ["-pedantic", "-Wall", "-Wextra", "-Werror"]
C99, CXX17 = [CC, "-std=c99", *STRICT], [CXX, "-std=c++17", *STRICT]


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False, timeout=300, **options)
    assert done.returncode == 0, f"{done.args}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="skillet-install-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = pathlib.Path(scratch.name)
        run("cmake", "--install", BUILD, "--prefix", cls.scratch / "first")
        # Whoever unpacks an archive puts it where they like.
        cls.prefix = (cls.scratch / "first").rename(cls.scratch / "moved to here")
        cls.pc, = cls.prefix.rglob("skillet.pc")
        cls.libraries = cls.pc.parent.parent

    def environment(self, **more):
        return {**os.environ, "LD_LIBRARY_PATH": str(self.libraries), **more}

    def check_consumer(self, program):
        info = run(program, self.scratch / "root", env=self.environment())
        self.assertEqual(json.loads(info)["schema"], "skillet.version/1")

    def pkg_config(self, *options):
        path = str(self.pc.parent)
        return shlex.split(run("pkg-config", *options, "skillet",
                               env={**os.environ, "PKG_CONFIG_PATH": path}))

    def test_a_c99_program_is_built_through_pkg_config(self):
        flags = self.pkg_config("--cflags", "--libs")
        program = self.scratch / "consumer_c"
        run(*C99, HERE / "consumer" / "consumer.c", *flags, "-o", program)
        self.check_consumer(program)

    def test_a_cxx17_program_is_built_through_find_package(self):
        build = self.scratch / "consumer"
        run("cmake", "-S", HERE / "consumer", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_C_COMPILER={CC}", f"-DCMAKE_CXX_COMPILER={CXX}")
        run("cmake", "--build", build)
        self.check_consumer(build / "consumer")
        self.check_consumer(build / "consumer_c")

    def test_each_header_compiles_alone_as_c99_and_as_cxx17(self):
        include = self.prefix / "include"
        headers = sorted(include.rglob("*.h*"))
        self.assertGreater(len(headers), 5)
        for header in headers:
            name = header.relative_to(include)
            text = f"#include <{name}>\n#include <{name}>\nextern int nothing;\n"
            languages = [(CXX17, "c++")] if header.suffix == ".hpp" else \
                [(C99, "c"), (CXX17, "c++")]
            for compiler, language in languages:
                with self.subTest(header=str(name), language=language):
                    run(*compiler, "-fsyntax-only", f"-I{include}", "-x", language, "-",
                        input=text)

    def test_its_files_name_no_folder_of_the_build(self):
        texts = [self.pc, *self.prefix.rglob("*.cmake")]
        self.assertGreater(len(texts), 3)
        for path in texts:
            self.assertNotIn(str(self.scratch), path.read_text(), path)
            self.assertNotIn(str(HERE.parents[1]), path.read_text(), path)

    def test_the_program_runs_and_finds_its_skills(self):
        bare = {"PATH": os.environ["PATH"], "HOME": str(self.scratch)}
        program = self.prefix / "bin" / "skillet"
        version = json.loads(run(program, "version", "--json", env=bare))
        if version["engine"] == "none":
            self.skipTest("a build without the engine answers nothing")
        demo = json.loads(run(program, "demo", "--json", env=bare))
        self.assertEqual(len(demo["answers"]), 8)


if __name__ == "__main__":
    unittest.main(verbosity=2)
