# SPDX-License-Identifier: Apache-2.0
"""`cmake --install` puts everything in place, and what is installed works from there."""
import pathlib
import subprocess

from cli_case import PROGRAM, CliCase, main

BUILD = pathlib.Path(PROGRAM).resolve().parents[2]


class Install(CliCase):
    def setUp(self):
        super().setUp()
        self.prefix = self.scratch / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", self.prefix], check=True,
                       stdout=subprocess.DEVNULL)

    def test_program_pages_completions_and_demo_are_there(self):
        for path in ("bin/skillet", "include/skillet/skillet.h", "share/man/man1/skillet.1",
                     "share/man/man1/skillet-run.1",
                     "share/bash-completion/completions/skillet",
                     "share/zsh/site-functions/_skillet",
                     "share/fish/vendor_completions.d/skillet.fish"):
            self.assertTrue((self.prefix / path).is_file(), path)
        done = subprocess.run([self.prefix / "bin" / "skillet", "demo"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("ANSWER", done.stdout)


if __name__ == "__main__":
    main()
