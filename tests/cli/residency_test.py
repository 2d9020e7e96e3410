# SPDX-License-Identifier: Apache-2.0
"""What `skillet ps` and `skillet explain evict` say of other processes, while they live."""
import json
import os
import pathlib
import signal
import subprocess

from cli_case import PROGRAM, CliCase, main, shipped_package

ID = "org.skillet.spam-filter"
MAIL = json.dumps({"subject": "lunch", "body": "Are you free for lunch on Thursday?"})


class Residency(CliCase):
    def setUp(self):
        super().setUp()
        self.json_of("install", shipped_package())
        self.boards = pathlib.Path(self.root) / "run" / "runtimes"

    def serving(self):
        """A process that has answered one request and waits for the next one."""
        process = subprocess.Popen(
            [PROGRAM, "--root", str(self.root), "run", ID, "--batch"], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.ask(process)
        return process

    def ask(self, process):
        process.stdin.write(MAIL + "\n")
        process.stdin.flush()
        self.assertIn('"label"', process.stdout.readline())

    def processes(self):
        return self.json_of("ps")["processes"]

    def end(self, process):
        process.stdin.close()
        self.assertEqual(process.wait(), 0)

    def test_nothing_is_in_memory_where_nothing_runs(self):
        document = self.json_of("ps")
        self.assertEqual(document["packages"], {"installed": 1, "verified": 1})
        self.assertEqual(document["processes"], [])

    def test_a_process_is_listed_as_long_as_it_lives(self):
        serving = self.serving()
        [process] = self.processes()
        self.assertEqual(process["pid"], serving.pid)
        self.assertEqual((process["loads"], process["in_memory"]), (1, 1))
        [module] = process["modules"]
        self.assertEqual((module["id"], module["state"], module["uses"]), (ID, "resident", 1))
        self.assertEqual(module["leaves"], 1)
        self.assertGreater(module["reserved_bytes"], 1_000_000)
        self.ask(serving)
        [process] = self.processes()
        self.assertEqual((process["hits"], process["modules"][0]["uses"]), (1, 2))
        self.end(serving)
        self.assertEqual(self.processes(), [])
        self.assertEqual(os.listdir(self.boards), [])

    def test_a_killed_process_is_not_listed_and_leaves_nothing(self):
        serving = self.serving()
        serving.send_signal(signal.SIGKILL)
        serving.wait()
        self.assertEqual(len(os.listdir(self.boards)), 1)
        self.assertEqual(self.processes(), [])
        self.assertEqual(os.listdir(self.boards), [])

    def test_several_processes_are_listed_each_by_itself(self):
        pids = {serving.pid for serving in (self.serving(), self.serving())}
        self.assertEqual({process["pid"] for process in self.processes()}, pids)
        self.assertIn("2 in memory of 2 processes", self.run_skillet("ps").stdout)

    def test_draining_ends_once_no_process_computes_with_the_skill(self):
        serving = self.serving()
        serving.stdin.write((MAIL + "\n") * 40)
        serving.stdin.flush()
        self.json_of("suspend", ID, "--drain", "600")
        [process] = self.processes()
        self.assertEqual(sum(module["leases"] for module in process["modules"]), 0)
        lines = [serving.stdout.readline() for _ in range(40)]
        refused = ["suspended" in line for line in lines]
        self.assertEqual(refused, sorted(refused), "none is answered after one was refused")

    def test_the_next_to_leave_is_named_with_its_reasons(self):
        self.serving()
        text = self.run_skillet("explain", "evict").stdout
        self.assertIn(ID, text)
        self.assertRegex(text, r"(park|evict) .*MB")

    def test_watching_goes_on_until_it_is_interrupted(self):
        watching = subprocess.Popen(
            [PROGRAM, "--root", str(self.root), "--json", "ps", "--watch", "--every", "1"],
            text=True, stdout=subprocess.PIPE)
        for _ in range(2):
            self.assertIn("skillet.processes/1", watching.stdout.readline())
        watching.send_signal(signal.SIGINT)
        watching.stdout.close()
        self.assertEqual(watching.wait(), 0)


if __name__ == "__main__":
    main()
