# SPDX-License-Identifier: Apache-2.0
"""What is generated from the commands: completions, tried in the shells, and manual pages."""
import os
import pathlib
import pty
import re
import shutil
import subprocess

from cli_case import PROGRAM, USAGE, CliCase, main

ID = "org.skillet.spam-filter"
FILES = ("a.skill", "mail.json", "mood.gguf")


class Generated(CliCase):
    def setUp(self):
        super().setUp()
        self.program = str(pathlib.Path(PROGRAM).resolve())
        self.share = self.scratch / "share"
        done = self.run_skillet("share", self.share)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.here = self.scratch / "here"
        (self.here / "folder").mkdir(parents=True)
        for name in FILES:
            (self.here / name).touch()

    def run_shell(self, *command):
        if shutil.which(command[0]) is None:
            self.fail(f"{command[0]} is missing: run `tools/bootstrap.sh test`")
        done = subprocess.run(command, cwd=self.here, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "HOME": str(self.scratch)}, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout


class Shell:
    """What holds in bash and in fish alike; `candidates` asks the shell."""

    def test_commands_are_completed(self):
        self.assertEqual(self.candidates(""), set(self.commands()))
        self.assertEqual(self.candidates("ins"), {"inspect", "install"})
        self.assertEqual(self.candidates("--root", "x", "--budget", "1M", "hist"), {"history"})
        self.assertEqual(self.candidates("help", "re"),
                         {"reinstate", "release", "remove", "resume", "retire"})

    def test_every_option_of_every_command_is_completed(self):
        for command in self.all_commands():
            text = self.help_of(*command.split()).split("Examples:")[0]
            options = set(re.findall(r"^  (?:-., )?(--[a-z-]+)", text, re.M))
            self.assertEqual(self.candidates(*command.split(), "--"), options, command)

    def test_values_of_closed_sets_are_completed(self):
        self.assertEqual(self.candidates("completion", ""), {"bash", "zsh", "fish"})

    def test_files_and_folders_are_completed_where_they_are_meant(self):
        everything = {*FILES, "folder"}
        self.assertEqual(self.candidates("install", ""), everything)
        self.assertEqual(self.candidates("pack", "x", "--model", "mo"), {"mood.gguf"})
        self.assertEqual(self.candidates("pack", "-m", "mo"), {"mood.gguf"})
        self.assertEqual(self.candidates("--root", ""), {"folder"})
        self.assertEqual(self.candidates("run", "x", "--input", ""), set())

    def test_installed_skills_are_completed_also_of_another_root(self):
        self.install_shipped()
        for command in (["history"], ["show"], ["run"], ["remove"]):
            self.assertIn(ID, self.candidates("--root", str(self.root), *command, ""))
        self.assertEqual(self.candidates("run", "--root", str(self.root), "org."), {ID})
        self.assertEqual(self.candidates("--root", str(self.scratch / "none"), "run", "org."),
                         set())


class Bash(Shell, Generated):
    def candidates(self, *words):
        script = self.share / "bash-completion" / "completions" / "skillet"
        ask = ('source "$1"; shift; complete -p skillet > /dev/null || exit 1; COMP_WORDS=("$@"); '
               'COMP_CWORD=$(($# - 1)); _skillet; printf "%s\\n" "${COMPREPLY[@]}"')
        found = self.run_shell("bash", "--norc", "-c", ask, "bash", script, self.program, *words)
        return set(found.split()) - {"-h"}

    def test_an_option_and_its_value_may_be_joined(self):
        self.assertEqual(self.candidates("--root", "=", ""), {"folder"})
        self.assertEqual(self.candidates("--root", "="), {"folder"})


class Fish(Shell, Generated):
    def candidates(self, *words):
        script = self.share / "fish" / "vendor_completions.d" / "skillet.fish"
        ask = (f"source {script}; function skillet; {self.program} $argv; end; "
               f"complete -C 'skillet {' '.join(words)}'")
        found = self.run_shell("fish", "--no-config", "-c", ask)
        # Where one option's name begins another's, fish also offers the first one with "=".
        return {line.split("\t")[0].rstrip("/=") for line in found.splitlines()}


class Zsh(Generated):
    """In a terminal: zsh completes only where someone could type."""

    def completed(self, *typed):
        """What the arguments are after the tabs in each typed line."""
        ours, theirs = pty.openpty()
        functions = self.share / "zsh" / "site-functions"
        # The lines are not run: their arguments are written down.
        setup = (f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D; "
                 f"skillet() {{ if [[ $* == *ids ]]; then {self.program} \"$@\"; "
                 "else print -r -- \"$*\" >> lines; fi }; setopt no_beep\n")
        with subprocess.Popen(["zsh", "-f", "-i"], stdin=theirs, stdout=theirs, stderr=theirs,
                              cwd=self.here, start_new_session=True,
                              env={**os.environ, "HOME": str(self.scratch), "TERM": "dumb"}) as zsh:
            os.close(theirs)
            for line in (setup, *(f"skillet {line}\n" for line in typed), "exit\n"):
                os.write(ours, line.encode())
            content = b""
            try:
                while chunk := os.read(ours, 65536):
                    content += chunk
            except OSError:  # zsh has ended
                pass
            os.close(ours)
            zsh.wait(timeout=60)
        lines = self.here / "lines"
        self.assertTrue(lines.exists(), content.decode())
        return [line.strip() for line in lines.read_text().splitlines()]

    def test_commands_options_values_files_and_skills_are_completed(self):
        self.install_shipped()
        asked = {
            "hist\t": "history",
            "run x --sta\t": "run x --stats",
            "completion zs\t": "completion zsh",
            "pack x --model mo\t": "pack x --model mood.gguf",
            "inspect mail\t": "inspect mail.json",
            "help rem\t": "help remove",
            f"--root {self.root} show org\t": f"--root {self.root} show {ID}",
            f"run --root={self.root} org\t": f"run --root={self.root} {ID}",
            f"run --root {self.root} --stats org\t": f"run --root {self.root} --stats {ID}",
        }
        self.assertEqual(self.completed(*asked), list(asked.values()))

    def test_the_script_may_be_sourced(self):
        script = self.share / "zsh" / "site-functions" / "_skillet"
        found = self.run_shell("zsh", "-f", "-c", f"autoload -Uz compinit; compinit -u -D; source "
                               f"{script}; print -- $_comps[skillet]")
        self.assertEqual(found.strip(), "_skillet")


class Scripts(Generated):
    def test_the_command_prints_what_is_installed(self):
        for shell, path in (("bash", "bash-completion/completions/skillet"),
                            ("zsh", "zsh/site-functions/_skillet"),
                            ("fish", "fish/vendor_completions.d/skillet.fish")):
            self.assertEqual(self.run_skillet("completion", shell).stdout,
                             (self.share / path).read_text())
        self.assertEqual(self.run_skillet("completion", "tcsh").returncode, USAGE)

    def test_the_shells_find_nothing_wrong_with_their_scripts(self):
        self.run_shell("bash", "-n", self.share / "bash-completion" / "completions" / "skillet")
        self.run_shell("zsh", "-n", self.share / "zsh" / "site-functions" / "_skillet")
        self.run_shell("fish", "--no-execute",
                       self.share / "fish" / "vendor_completions.d" / "skillet.fish")


class ManualPages(Generated):
    def pages(self):
        return sorted((self.share / "man" / "man1").iterdir())

    def test_there_is_a_page_for_each_command(self):
        names = {f"skillet-{command.replace(' ', '-')}.1" for command in self.all_commands()}
        names.add("skillet.1")
        self.assertEqual({page.name for page in self.pages()}, names)

    def test_a_linter_finds_nothing_but_the_missing_date(self):
        if shutil.which("mandoc") is None:
            self.fail("mandoc is missing: run `tools/bootstrap.sh test`")
        done = subprocess.run(["mandoc", "-T", "lint", *self.pages()], capture_output=True,
                              text=True, check=False)
        complaints = [line for line in (done.stdout + done.stderr).splitlines()
                      if "missing date" not in line]  # a generated page has none
        self.assertEqual(complaints, [])

    def test_a_page_says_what_the_help_says(self):
        page = self.run_shell("mandoc", "-T", "utf8", self.share / "man" / "man1" / "skillet-run.1")
        text = " ".join(re.sub(".\b", "", page).split())
        for words in ("skillet-run - Ask a skill and print its typed answer",
                      "skillet run [OPTIONS] SKILL", "--input-file FILE", "5 request refused",
                      "skillet run ./my.skill --input-file mail.json --json",
                      '{"subject": "Hi", "body": "…"}'):
            self.assertIn(words, text)


if __name__ == "__main__":
    main()
