# SPDX-License-Identifier: Apache-2.0
"""A pull from docker-registry on loopback against curl fetching the same blob: a document of
256 MiB in a package whose other blobs are small.

    pull.py PROGRAM PACKAGE.skill BENCH_PULL

Sets up registry and package; bench/pull.cpp measures.
"""
import hashlib
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

MIB = 1 << 20
DOCUMENT_MIB = 256
CONFIG = """\
version: 0.1
log: {{level: info, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:0"}}
"""


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True,
                          text=True).stdout


def start_registry(folder):
    config = folder / "config.yml"
    config.write_text(CONFIG.format(folder=folder / "registry"))
    process = subprocess.Popen(["docker-registry", "serve", config], text=True,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for line in process.stderr:
        found = re.search(r"listening on (127\.0\.0\.1:\d+)", line)
        if found:
            subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
            return process, found[1]
    raise SystemExit("docker-registry does not start")


def large_package(program, folder, small):
    """(path, digest of the document) of a package with a large document."""
    with tempfile.TemporaryDirectory() as inside:
        run("tar", "-xf", small, "-C", inside)
        blobs = pathlib.Path(inside) / "blobs" / "sha256"
        model = max(blobs.iterdir(), key=lambda path: path.stat().st_size)
        shutil.move(model, folder / "model.gguf")
    skill = folder / "skill.json"
    skill.write_text(run(program, "init", folder / "model.gguf", "--id", "org.example.large"))
    document = folder / "LARGE.txt"
    chunk = random.Random(1).randbytes(MIB)
    with open(document, "wb") as file:
        for _ in range(DOCUMENT_MIB):
            file.write(chunk)
    package = folder / "large.skill"
    run(program, "pack", skill, "-m", folder / "model.gguf", "--doc", document, "-o", package)
    with open(document, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    document.unlink()
    return package, digest


def main(program, small, bench):
    os.environ["no_proxy"] = "127.0.0.1"
    with tempfile.TemporaryDirectory(prefix="skillet-bench-", dir=os.environ.get("TMPDIR")) as name:
        folder = pathlib.Path(name)
        registry, host = start_registry(folder)
        try:
            package, digest = large_package(program, folder, small)
            run(program, "push", package, f"{host}/large:1")
            subprocess.run([bench, f"{host}/large:1",
                            f"http://{host}/v2/large/blobs/sha256:{digest}"], check=True)
        finally:
            registry.kill()


if __name__ == "__main__":
    main(*sys.argv[1:4])
