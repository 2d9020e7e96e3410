# SPDX-License-Identifier: Apache-2.0
"""A client that was compiled with an earlier header runs against today's library.

    recorded_client_test.py            run every client in abi/clients/
    recorded_client_test.py --record   compile abi_test as the client of this ABI version

A client is recorded once for each minor version. Until version 1 a deliberate break records it anew
(the diff of abi/ shows it); after that a client is for ever.
"""
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CLIENTS = SOURCE / "abi" / "clients"
LIBRARY = pathlib.Path(os.environ["SKILLET_LIBRARY"])
PROGRAM = ("abi_test.c", "skill_checks.c", "wrong_arguments.c")


def version():
    """"0.1", from the header."""
    lines = (SOURCE / "include" / "skillet" / "version.h").read_text().splitlines()
    numbers = dict(line.split()[1:3] for line in lines if line.startswith("#define SKL_ABI_M"))
    return f"{numbers['SKL_ABI_MAJOR']}.{numbers['SKL_ABI_MINOR']}"


def record():
    CLIENTS.mkdir(exist_ok=True)
    client = CLIENTS / f"v{version()}-{platform.machine()}"
    sources = [f"tests/abi/{name}" for name in PROGRAM]
    # No paths inside: neither to the sources nor to the library, of which the loader is told.
    subprocess.run(["cc", "-std=c99", "-Os", "-s", "-Iinclude", "-o", client, *sources,
                    LIBRARY.resolve()], check=True, cwd=SOURCE)
    print(f"recorded {client.relative_to(SOURCE)}, {client.stat().st_size} bytes")


class RecordedClients(unittest.TestCase):
    def test_every_client_of_this_machine_finds_what_it_was_compiled_for(self):
        clients = sorted(CLIENTS.glob(f"v*-{platform.machine()}"))
        if platform.machine() == "x86_64":
            self.assertTrue(clients, "none is recorded")
        skill = os.environ["SKILLET_TEST_SKILL"]
        for client in clients:
            with self.subTest(client.name), tempfile.TemporaryDirectory() as scratch:
                done = subprocess.run(
                    [client, f"{scratch}/root", skill, '{"text":"a b"}'], capture_output=True,
                    text=True, timeout=300, check=False,
                    env={**os.environ, "LD_LIBRARY_PATH": str(LIBRARY.parent),
                         "SKILLET_ROOT": f"{scratch}/default"})
                self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    if sys.argv[1:] == ["--record"]:
        record()
    else:
        unittest.main(verbosity=2)
