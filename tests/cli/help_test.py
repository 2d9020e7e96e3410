# SPDX-License-Identifier: Apache-2.0
"""What the program says of itself: help with examples, usage errors, exit statuses."""
import os
import pty
import re
import subprocess

from cli_case import PROGRAM, USAGE, CliCase, main, shipped_package
from document_schema import FORMATS

ID = "org.skillet.spam-filter"
HEADER = FORMATS.parents[1] / "include" / "skillet" / "error.h"


class Help(CliCase):
    def test_every_command_says_in_one_line_what_it_does_and_shows_examples(self):
        self.assertIn("install", self.commands())
        for command in self.all_commands():
            with self.subTest(command):
                text = self.help_of(*command.split())
                summary, usage = text.split("\n\n")[:2]
                self.assertRegex(summary, r"^[A-Z][^\n]{10,78}[^.\s]$")
                self.assertTrue(usage.startswith(f"Usage: skillet {command} [OPTIONS]"), usage)
                examples = text.split("\nExamples:\n")[1].splitlines()
                self.assertTrue(examples)
                for example in examples:
                    self.assertRegex(example, rf"^  (source <\()?skillet {command}\b")

    def test_help_fits_80_columns(self):
        for command in ([], *(name.split() for name in self.all_commands())):
            for line in self.help_of(*command).splitlines():
                self.assertLessEqual(len(line), 82, line)  # an example may stand out a little

    def test_help_is_also_a_command(self):
        self.assertEqual(self.run_skillet("help", "run").stdout, self.help_of("run"))
        self.assertEqual(self.run_skillet("help").stdout, self.help_of())
        self.assertEqual(self.run_skillet("help", "nothing").returncode, USAGE)

    def test_the_options_in_examples_exist(self):
        for command in self.all_commands():
            text, examples = self.help_of(*command.split()).split("\nExamples:\n")
            for option in re.findall(r"(?<=\s)--?[a-z][a-z-]*", examples.split("|")[0]):
                self.assertRegex(text, rf"(?m)^  (-., )?{option}\b|^  {option},", command)

    def test_wrong_usage_goes_to_stderr_and_says_where_help_is(self):
        for arguments, said in ((["lst"], "skillet list"), (["run"], "skillet run --help"),
                                (["list", "--all"], "--all"), ([""], "no command ''"),
                                (["pack", "--doc"], "skillet pack --help"), ([], "no command")):
            with self.subTest(arguments):
                done = self.run_skillet(*arguments)
                self.assertEqual((done.returncode, done.stdout), (USAGE, ""))
                self.assertIn(said, done.stderr)

    def test_a_repeated_option_takes_one_value_each_time(self):
        done = self.run_skillet("pack", "--doc", "a.md", "none.json", "--json")
        self.assertIn("none.json", done.stderr)
        self.assertNotIn("SKILL_JSON is required", done.stderr)


class ExitStatuses(CliCase):
    def test_every_code_of_the_header_is_listed(self):
        listed = {e["number"]: e["code"] for e in self.json_of("errors")["errors"]}
        declared = {int(number): name.lower() for name, number in
                    re.findall(r"SKL_E_(\w+) = (\d+)", HEADER.read_text())}
        self.assertEqual(listed, declared)

    def test_help_names_the_exit_statuses_that_errors_lead_to(self):
        text = " ".join(self.run_skillet("--help").stdout.split("Exit status: ")[1].split())
        named = dict(re.findall(r"(\d+) ([^,]+)", text))
        statuses = {str(e["exit_status"]) for e in self.json_of("errors")["errors"]}
        self.assertEqual(set(named), statuses | {"0"})
        self.assertNotIn("other", named.values())

    def test_the_documented_table_is_the_programs(self):
        text = (FORMATS.parent / "errors.md").read_text()
        rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (\d+) \| ([a-z ]+) \| (.*) \|$", text, re.M)
        said = [(str(e["number"]), e["code"], str(e["exit_status"]),
                 e["retry"].replace("_", " a "), e["meaning"])
                for e in self.json_of("errors")["errors"]]
        self.assertEqual(rows, said)


class Terminal(CliCase):
    def setUp(self):
        super().setUp()
        self.install_shipped()

    def on_terminal(self, *arguments, **environment):
        """What a terminal of 80 columns shows."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([PROGRAM, "--root", str(self.root), *arguments], stdout=theirs,
                              stderr=theirs, env={**os.environ, **environment}) as process:
            os.close(theirs)
            content = b""
            try:
                while chunk := os.read(ours, 65536):
                    content += chunk
            except OSError:  # the other side is closed
                pass
            os.close(ours)
            self.assertEqual(process.wait(timeout=60), 0, content)
        return content.decode().replace("\r\n", "\n")

    def test_tables_fit_the_terminal_and_are_whole_in_a_pipe(self):
        reason = "because " * 30
        self.json_of("remove", ID, "--reason", reason)
        self.install_shipped()
        for command in (["list"], ["show", ID], ["history", ID], ["errors"],
                        ["verify", ID], ["inspect", shipped_package()]):
            for line in self.on_terminal(*command, NO_COLOR="1").splitlines():
                unbreakable = "sha256:" in line
                self.assertTrue(unbreakable or len(line) <= 80, line)
        self.assertIn(reason.strip(), self.run_skillet("history", ID).stdout)

    def test_colour_on_a_terminal_only_and_never_with_no_color(self):
        environment = {"NO_COLOR": "1"}
        self.assertIn("\033[", self.on_terminal("verify", ID))
        self.assertNotIn("\033", self.on_terminal("verify", ID, **environment))
        self.assertNotIn("\033", self.run_skillet("verify", ID).stdout)

    def test_json_has_no_colour_on_a_terminal(self):
        for command in (["list"], ["show", ID], ["verify", ID], ["history", ID]):
            self.assertNotIn("\033", self.on_terminal(*command, "--json"))

    def test_columns_are_aligned(self):
        heading, row = self.run_skillet("list").stdout.splitlines()
        for word, value in (("VERSION", "1.0.0"), ("STATE", "verified"), ("DIGEST", "sha256:")):
            self.assertEqual(heading.index(word), row.index(value))

    def test_text_from_outside_does_not_steer_the_terminal(self):
        done = self.run_skillet("remove", ID, "--reason", "a\033[31mred\nline\u009b1m")
        self.assertEqual(done.returncode, 0)
        text = self.run_skillet("history", ID).stdout
        self.assertIn("a [31mred line 1m", text)
        self.assertNotIn("\033", self.run_skillet("show", "\033[31m").stderr)


if __name__ == "__main__":
    main()
