# SPDX-License-Identifier: Apache-2.0
"""The installed library, as strangers use it: through pkg-config from C99, through find_package
from C and C++17, with each header alone."""
import json
import os
import subprocess
import unittest

from installed_case import C99, CXX17, SOURCE, InstalledCase, output_of

CONSUMER = SOURCE / "tests" / "install" / "consumer"


class Installed(InstalledCase):
    def check_consumer(self, program):
        info = output_of(program, self.scratch / "root", env=self.environment())
        self.assertEqual(json.loads(info)["schema"], "skillet.version/1")

    def test_a_c99_program_is_built_through_pkg_config(self):
        self.check_consumer(self.build_with_pkg_config(CONSUMER / "consumer.c"))

    def test_c99_and_cxx17_programs_are_built_through_find_package(self):
        build = self.build_with_cmake(CONSUMER)
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
                    output_of(*compiler, "-fsyntax-only", f"-I{include}", "-x", language, "-",
                              input=text)

    def test_ignoring_a_result_or_copying_an_owner_does_not_compile(self):
        sound = "auto runtime = skl::Runtime::open(); return runtime ? 0 : 1;"
        self.assertTrue(self.compiles_cxx(sound))
        self.assertFalse(self.compiles_cxx("skl::Runtime::open(); return 0;"))
        self.assertFalse(self.compiles_cxx(
            "auto one = skl::Runtime::open(); skl::Runtime two = *one; return 0;"))
        self.assertFalse(self.compiles_cxx(
            "auto m = skl::Runtime::open()->open_module(\"a\"); m->invoke(\"{}\"); return 0;"))

    def compiles_cxx(self, body):
        source = self.scratch / "body.cpp"
        source.write_text(f"#include <skillet/skillet.hpp>\nint main() {{ {body} }}\n")
        done = subprocess.run([*CXX17, "-fsyntax-only", "-Wall", "-Werror",
                               f"-I{self.prefix / 'include'}", source], capture_output=True,
                              text=True, check=False)
        return done.returncode == 0

    def test_its_files_name_no_folder_of_the_build(self):
        texts = [self.pc, *self.prefix.rglob("*.cmake")]
        self.assertGreater(len(texts), 3)
        for path in texts:
            self.assertNotIn(str(self.scratch), path.read_text(), path)
            self.assertNotIn(str(SOURCE), path.read_text(), path)

    def test_the_program_runs_and_finds_its_skills(self):
        bare = {"PATH": os.environ["PATH"], "HOME": str(self.scratch)}
        program = self.prefix / "bin" / "skillet"
        version = json.loads(output_of(program, "version", "--json", env=bare))
        if version["engine"] == "none":
            self.skipTest("a build without the engine answers nothing")
        demo = json.loads(output_of(program, "demo", "--json", env=bare))
        self.assertEqual(len(demo["answers"]), 8)


if __name__ == "__main__":
    unittest.main(verbosity=2)
