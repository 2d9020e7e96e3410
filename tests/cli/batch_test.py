# SPDX-License-Identifier: Apache-2.0
"""run --batch: a stream of lines, each answered as it comes, in order, in bounded memory."""
import json
import os
import subprocess
import threading

from cli_case import PROGRAM, REQUEST, SHIPPED, STORAGE, CliCase, main

MAIL = {"subject": "lunch", "body": "Are you free for lunch on Thursday?"}
ID = "org.skillet.spam-filter"


class Batch(CliCase):
    def setUp(self):
        super().setUp()
        self.install_shipped()

    def start(self, *arguments, **options):
        return subprocess.Popen([PROGRAM, "--root", str(self.root), "run", ID, "--batch",
                                 *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **options)

    def run_batch(self, lines, *arguments):
        done = self.run_skillet("run", ID, "--batch", *arguments, stdin=lines)
        return done, [json.loads(line) for line in done.stdout.splitlines()]

    def test_every_line_is_answered_in_order(self):
        samples = [json.loads(p.read_text()) for p in sorted((SHIPPED / "samples").glob("*.json"))]
        lines = "".join(json.dumps(s["input"]) + "\n" for s in samples) * 5
        done, answers = self.run_batch(lines)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([a["line"] for a in answers], list(range(1, 5 * len(samples) + 1)))
        alone = self.json_of("run", ID, "--input", json.dumps(samples[1]["input"]))
        self.assertEqual(answers[1]["logits"], alone["logits"])

    def test_a_line_is_answered_before_the_next_one_is_asked(self):
        with self.start(text=True, bufsize=1) as process:
            for number in range(1, 4):
                process.stdin.write(json.dumps(MAIL) + "\n")
                self.assertEqual(json.loads(process.stdout.readline())["line"], number)
            process.stdin.write(json.dumps(MAIL))  # the last line needs no newline
            process.stdin.close()
            self.assertEqual(json.loads(process.stdout.readline())["line"], 4)
            self.assertEqual(process.wait(timeout=60), 0)

    def test_bad_lines_are_reported_in_place_and_the_rest_goes_on(self):
        lines = json.dumps(MAIL) + "\nnot json\n\n" + json.dumps(MAIL) + "\n"
        done, answers = self.run_batch(lines, "--json")
        self.assertEqual(done.returncode, REQUEST)
        self.assertEqual([a["schema"] for a in answers],
                         ["skillet.result/1", "skillet.error/1", "skillet.error/1",
                          "skillet.result/1"])
        self.assertEqual([a["line"] for a in answers], [1, 2, 3, 4])
        self.assertEqual(answers[1]["error"]["code"], "input_syntax")
        self.assertIn("2 of 4 lines", json.loads(done.stderr)["error"]["message"])

    def test_a_line_that_no_request_may_have_is_refused_as_a_request_is(self):
        text = json.dumps({"subject": "a", "body": "x" * (1 << 20)})
        alone = self.error_of(REQUEST, "input_too_large", "run", ID, "--input-file", "-",
                              stdin=text)
        done, answers = self.run_batch(text + "\n" + json.dumps(MAIL))
        self.assertEqual(done.returncode, REQUEST)
        self.assertEqual(answers[0]["error"], alone)
        self.assertEqual(answers[1]["schema"], "skillet.result/1")

    def test_no_input_is_no_output(self):
        done, answers = self.run_batch("")
        self.assertEqual((done.returncode, answers, done.stderr), (0, [], ""))

    def peak_kilobytes(self, chunk, count):
        """The most memory a batch takes for `count` times the same chunk."""
        # AddressSanitizer keeps freed memory; little of it here, so that growth is ours.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        with self.start(env={**os.environ, "ASAN_OPTIONS": sanitizer}) as process:
            reader = threading.Thread(target=process.stdout.read)
            reader.start()
            for _ in range(count):
                process.stdin.write(chunk)
            process.stdin.close()
            reader.join()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_maxrss

    def test_memory_does_not_grow_with_the_input(self):
        little = self.peak_kilobytes(json.dumps(MAIL).encode() + b"\n", 100)
        many_lines = self.peak_kilobytes((b"x" * 50_000 + b"\n") * 20, 200)  # 200 MB
        one_line = self.peak_kilobytes(b"x" * 1_000_000, 200)
        self.assertLess(many_lines, little + 50_000)
        self.assertLess(one_line, little + 50_000)

    def test_answers_that_cannot_be_printed_end_the_batch(self):
        lines = self.scratch / "lines.jsonl"
        lines.write_text((json.dumps(MAIL) + "\n") * 200)
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, "--root", str(self.root), "run", ID, "--batch",
                                   "--input-file", str(lines)], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, STORAGE, done.stderr)


if __name__ == "__main__":
    main()
