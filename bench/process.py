# SPDX-License-Identifier: Apache-2.0
"""Wall time of whole `skillet run` processes with a warm page cache, and where it goes.

    process.py PROGRAM PACKAGE.skill MAIL.json
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 41


def series(values):
    ordered = sorted(values)
    pick = lambda fraction: ordered[int(fraction * (len(ordered) - 1))]
    return {"n": len(ordered), "p10": round(pick(0.1), 3),
            "median": round(statistics.median(ordered), 3), "p90": round(pick(0.9), 3)}


def time_ms(command):
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begin) * 1000


def main(program, package, mail):
    with tempfile.TemporaryDirectory(prefix="skillet-bench-") as root:
        base = [program, "--root", root]
        subprocess.run([*base, "install", package], check=True, stdout=subprocess.DEVNULL)
        identity = json.loads(subprocess.run([*base, "list", "--json"], check=True,
                                             capture_output=True).stdout)["packages"][0]["id"]
        request = pathlib.Path(root) / "input.json"
        request.write_text(json.dumps(json.loads(pathlib.Path(mail).read_text())["input"]))
        run = [*base, "run", identity, "--input-file", str(request), "--json", "--stats"]
        commands = {"run": run, "list": [*base, "list"], "version": [program, "--version"]}
        times = {name: [] for name in commands}
        inside = []
        for _ in range(ROUNDS):  # in turn, so that noise meets all alike
            for name, command in commands.items():
                times[name].append(time_ms(command))
        for _ in range(5):
            document = json.loads(subprocess.run(run, check=True, capture_output=True).stdout)
            inside.append(document["stats"]["total_ms"])
        print(json.dumps({"bench": "process", "unit": "ms",
                          **{name: series(values) for name, values in times.items()},
                          "request_inside": series(inside)}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
