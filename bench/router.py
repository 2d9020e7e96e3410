# SPDX-License-Identifier: Apache-2.0
"""Many skills in little memory: ours in one process against llama-server in router mode, which runs
a process for each model. Same model files, same texts, one run; medians, 99th percentiles, ratios.

    router.py BUILD_DIR [--fleet FOLDER] [--peers tuned,plain,openmp] [--quick]

BUILD_DIR is our release build; bench/peer.sh makes the peer. Prints JSON lines:
peer_work     how the peer is asked and what it gives
peer_turns    eight skills in turn with memory for fewer, vocabularies of 4,000 and 32,000 tokens:
              each answer begins with a load; or for us with the pages of a parked skill; then an
              answer of a resident skill
peer_zipf     64 skills of mixed size, Zipf 1.0, our budget 25 % of what all of them take, without
              and with parking; the peer may keep as many models as we had resident in the median

We are called through the C ABI, in our process; the peer through HTTP on a connection that is kept,
as its users do. Asked to rerank, it computes the same encoder and the same classification head as
we do, on the same words, and gives the first logit only. `plain` has the options that it needs and
no others; `tuned` has what makes it fastest at this: one thread and one slot for each model, no
warm-up, no fitting to memory, context as small as ours; `openmp` is tuned, and built with OpenMP.
Their engine is built as ours is, but for that.
"""
import argparse
import http.client
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PEER = pathlib.Path(os.environ.get("SKILLET_PEER_DIR", HERE.parent / ".deps" / "peer"))


def series(values):
    ordered = sorted(values)
    pick = lambda fraction: round(ordered[int(fraction * (len(ordered) - 1))], 3)
    return {"n": len(ordered), "p10": pick(0.1), "median": round(statistics.median(ordered), 3),
            "p90": pick(0.9), "p99": pick(0.99)}


def report(bench, **members):
    print(json.dumps({"bench": bench, **members}, separators=(",", ":")), flush=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Client:
    """One connection to the router."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def ask(self, model, text):
        words = text.split()
        half = len(words) // 2
        body = json.dumps({"model": model, "query": " ".join(words[:half]),
                           "documents": [" ".join(words[half:])]})
        self.connection.request("POST", "/rerank", body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the peer answered {answer.status}: {text[:300]}")
        return json.loads(text)

    def ask_ms(self, model, text):
        begin = time.perf_counter()
        self.ask(model, text)
        return (time.perf_counter() - begin) * 1000


NEEDED = ["--reranking", "--offline", "--no-ui"]
TUNED = [*NEEDED, "--no-warmup", "--fit", "off", "--threads", "1", "--threads-batch", "1",
         "--parallel", "1", "--ctx-size", "128", "--batch-size", "128", "--ubatch-size", "128",
         "--flash-attn", "off", "--cache-ram", "0"]
PEERS = {"plain": ("matched", NEEDED), "tuned": ("matched", TUNED), "openmp": ("openmp", TUNED)}


class Router:
    """llama-server without a model of its own."""

    def __init__(self, peer, models, models_max, folder):
        build, options = PEERS[peer]
        self.port = free_port()
        self.log = open(pathlib.Path(folder) / f"router-{peer}.log", "w")
        self.process = subprocess.Popen(
            [PEER / build / "bin" / "llama-server", "--host", "127.0.0.1", "--port", str(self.port),
             "--models-dir", str(models), "--models-max", str(models_max), *options],
            stdout=self.log, stderr=subprocess.STDOUT)

    def __enter__(self):
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError(f"the peer ended at once: see {self.log.name}")
            try:
                if Client(self.port).get("/health")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError("the peer does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def ours(build, name, *arguments):
    done = subprocess.run([build / "bench" / f"bench_{name}", *map(str, arguments)], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure_turns(build, fleet, facts, vocabulary, blocks, requests, folder, peers):
    names = [one["name"] for one in facts["members"] if one["tokens"] == vocabulary][:8]
    texts = facts["texts"]
    measured = {"ours": {"evicted": [], "parked": [], "resident": []}}
    for peer in peers:
        measured[peer] = {"evicted": [], "resident": []}
    for _ in range(blocks):  # in turn, so that the machine's moods meet all of them
        for kind, values in ours(build, "turns", fleet, vocabulary, requests).items():
            measured["ours"][kind] += values
        for peer in peers:
            with Router(peer, fleet / "models", 2, folder) as router:
                client = Client(router.port)
                for i in range(requests + 2):
                    took = client.ask_ms(names[i % 8], texts[i])
                    if i >= 2:
                        measured[peer]["evicted"].append(took)
                client.ask(names[7], texts[0])
                measured[peer]["resident"] += [
                    client.ask_ms(names[7], text) for text in texts[:requests]]
    for kind in ("evicted", "parked", "resident"):
        # The peer parks nothing: the same request begins with a load there.
        of_peer = "evicted" if kind == "parked" else kind
        we = series(measured["ours"][kind])
        they = {peer: series(measured[peer][of_peer]) for peer in peers}
        report("peer_turns", unit="ms", vocabulary=vocabulary, kind=kind, ours=we, **they,
               **{f"{peer}_over_ours": round(they[peer]["median"] / we["median"], 2)
                  for peer in peers})


WARM_UP = 200  # as in bench/zipf.cpp


def run_zipf(port, facts, clients, part):
    trace, texts, members = facts["trace"], facts["texts"], facts["members"]
    numbers, lock, took, failures = iter(part), threading.Lock(), [], []

    def client():
        connection = Client(port)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                ms = connection.ask_ms(members[trace[number]]["name"], texts[number])
                with lock:
                    took.append(ms)
            except (RuntimeError, OSError, http.client.HTTPException) as error:
                with lock:
                    failures.append(str(error))
                connection = Client(port)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begin, took, failures


def proportional_bytes(pid):
    """Of the process and its children; what they share counts once."""
    pids, total = {pid}, 0
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                pids.add(int(entry.parent.name))
        except OSError:
            pass
    for one in pids:
        try:
            rollup = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text()
            total += int(rollup.split("Pss:")[1].split()[0]) * 1024
        except OSError:
            pass
    return total


def measure_zipf(build, fleet, facts, clients, requests, folder):
    loading = ours(build, "zipf", fleet, clients, requests, 25, "off")
    parking = ours(build, "zipf", fleet, clients, requests, 25, "on")
    models_max = max(1, round(max(one["resident_skills"]["median"] for one in (loading, parking))))
    with Router("tuned", fleet / "models", models_max, folder) as router:
        run_zipf(router.port, facts, clients, range(WARM_UP))
        seconds, took, failures = run_zipf(router.port, facts, clients,
                                           range(WARM_UP, WARM_UP + requests))
        memory = proportional_bytes(router.process.pid)
    rate = len(took) / seconds
    report("peer_zipf", clients=clients, requests=requests, skills=len(facts["members"]),
           models_max=models_max, ours=parking, ours_without_parking=loading,
           peer={"requests_per_s": round(rate, 2), "seconds": round(seconds, 3),
                 "ms": series(took), "bytes": memory, "failed": len(failures),
                 "failures": failures[:2]},
           ours_over_peer=round(parking["requests_per_s"] / rate, 2),
           ours_without_parking_over_peer=round(loading["requests_per_s"] / rate, 2))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--fleet", type=pathlib.Path, help="where the models are, or will be")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--quick", action="store_true", help="to see that it works")
    options = parser.parse_args()
    peers = options.peers.split(",")
    for build in sorted({PEERS[peer][0] for peer in peers}):
        if not (PEER / build / "bin" / "llama-server").exists():
            sys.exit(f"router: no peer in {PEER / build}: bench/peer.sh {build}")
    with tempfile.TemporaryDirectory(prefix="skillet-bench-") as folder:
        fleet = options.fleet or pathlib.Path(folder) / "fleet"
        subprocess.run([options.build / "bench" / "bench_fleet", fleet], check=True)
        facts = json.loads((fleet / "fleet.json").read_text())
        with Router(peers[0], fleet / "models", 2, folder) as router:
            report("peer_work", request="POST /rerank, the text's halves as query and document",
                   answer=Client(router.port).ask("m00", facts["texts"][0]))
        for vocabulary in (4000, 32000):
            measure_turns(options.build, fleet, facts, vocabulary, 1 if options.quick else 3,
                          8 if options.quick else 32, folder, peers)
        for clients in (1, 8):
            measure_zipf(options.build, fleet, facts, clients, 60 if options.quick else 800,
                         folder)


if __name__ == "__main__":
    sys.exit(main())
