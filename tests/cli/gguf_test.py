# SPDX-License-Identifier: Apache-2.0
"""skillet gguf inspect: facts and 0, or an error that names what is wrong."""
import json
import os
import pathlib
import random
import struct
import subprocess

from cli_case import NOT_FOUND, PACKAGE, PROGRAM, CliCase, main, shipped_package
from document_schema import check_document
from skill_archive import WEIGHT, SkillArchive

VOCABULARIES = pathlib.Path(__file__).resolve().parents[2] / ".deps" / "llama.cpp" / "models"
REFUSED = {"ggml-vocab-gemma-4", "ggml-vocab-nomic-bert-moe"}


def text(value):
    return struct.pack("<Q", len(value)) + value


class Inspect(CliCase):
    def setUp(self):
        super().setUp()
        archive = SkillArchive(shipped_package())
        self.content = archive.blobs[archive.layer(WEIGHT)["digest"]]
        self.model = self.write("model.gguf", self.content)

    def write(self, name, content):
        path = self.scratch / name
        path.write_bytes(content)
        return path

    def inspect(self, *arguments):
        return self.json_of("gguf", "inspect", *arguments)

    def refuse(self, code, *arguments):
        return self.error_of(PACKAGE, code, "gguf", "inspect", *arguments)

    def test_a_sound_model_is_described(self):
        facts = self.inspect(self.model)
        self.assertTrue(facts["has_weights"] and facts["vetted"] and facts["runnable"])
        self.assertEqual(sum(row["tensors"] for row in facts["types"]), len(facts["tensors"]))
        self.assertEqual(sum(row["parameters"] for row in facts["types"]), facts["parameters"])
        self.assertIsNone(facts["values"])
        told = self.run_skillet("gguf", "inspect", self.model).stdout
        for fact in ("bert Q8_0", "vetted     yes", "runnable   yes", facts["digest"],
                     facts["tokenizer"]["digest"]):
            self.assertIn(fact, told)

    def test_deep_reads_the_values(self):
        values = self.inspect(self.model, "--deep")["values"]
        self.assertEqual((values["nan"], values["infinite"], values["faults"]), (0, 0, []))
        self.assertGreater(values["values"], 1000)
        told = self.run_skillet("gguf", "inspect", self.model, "--deep").stdout
        self.assertIn("are finite", told)

    def test_deep_counts_values_that_are_not_finite_and_says_so_in_its_status(self):
        facts = self.inspect(self.model)
        # The last tensor is of F32: its last value becomes NaN, the one before infinite.
        self.assertEqual(facts["tensors"][-1]["type"], "F32")
        size = sum((tensor["bytes"] + 31) // 32 * 32 for tensor in facts["tensors"][:-1])
        start = len(self.content) - size - (facts["tensors"][-1]["bytes"] + 31) // 32 * 32
        end = start + size + facts["tensors"][-1]["bytes"]
        wrong = bytearray(self.content)
        wrong[end - 8:end] = struct.pack("<ff", float("-inf"), float("nan"))
        path = self.write("wrong.gguf", bytes(wrong))
        self.assertTrue(self.inspect(path)["runnable"], "nobody has looked at the values yet")
        done = self.run_skillet("gguf", "inspect", path, "--deep", "--json")
        self.assertEqual((done.returncode, done.stderr), (PACKAGE, ""))
        found = check_document(json.loads(done.stdout))
        self.assertEqual(found["values"]["faults"], [
            {"tensor": facts["tensors"][-1]["name"], "nan": 1, "infinite": 1}])
        self.assertFalse(found["runnable"])
        told = self.run_skillet("gguf", "inspect", path, "--deep")
        self.assertEqual(told.returncode, PACKAGE)
        self.assertIn("1 NaN and 1 infinite in 1 tensors", told.stdout)

    def test_an_architecture_that_nobody_vetted_is_refused_unless_asked_for(self):
        bart = self.content.replace(text(b"bert"), text(b"bart"), 1)
        path = self.write("bart.gguf", bart)
        error = self.refuse("format_unsupported", path)
        self.assertEqual(error["subject"], "general.architecture")
        self.assertIn("bert", error["hint"])
        facts = self.inspect(path, "--any-architecture")
        self.assertEqual((facts["vetted"], facts["runnable"]), (False, False))
        self.assertIn("bart", facts["doubt"]["message"])
        told = self.run_skillet("gguf", "inspect", path, "--any-architecture").stdout
        self.assertIn("nothing vouches for an engine", told)

    def test_what_is_no_gguf_or_a_broken_one_is_an_error_on_stderr(self):
        self.refuse("format_unsupported", __file__)
        self.refuse("malformed_artifact", self.write("cut.gguf", self.content[:5000]))
        self.refuse("malformed_artifact", self.write("short.gguf", self.content[:-1000]))
        self.error_of(NOT_FOUND, "not_found", "gguf", "inspect", self.scratch / "none.gguf")

    def test_vocabularies_are_taken_and_flagged(self):
        paths = sorted(VOCABULARIES.glob("ggml-vocab-*.gguf"))
        if not paths:
            self.skipTest("the engine's source is not here")
        for path in paths:
            with self.subTest(path.stem):
                if path.stem in REFUSED:
                    error = self.refuse("format_unsupported", path)
                    self.assertTrue(error["subject"] and error["hint"])
                    continue
                facts = self.inspect(path)
                self.assertEqual((facts["has_weights"], facts["vetted"]), (False, True))
                self.assertIn("vocabulary only", self.run_skillet("gguf", "inspect", path).stdout)


class Malformed(CliCase):
    """Whole processes; src/gguf/mutation_test.cpp makes thousands of files in one."""

    def test_no_damaged_file_crashes_or_hangs_the_program(self):
        archive = SkillArchive(shipped_package())
        content = archive.blobs[archive.layer(WEIGHT)["digest"]][:120_000]
        chance = random.Random(4)
        path = self.scratch / "damaged.gguf"
        for round_number in range(300):
            damaged = bytearray(content[:chance.choice([len(content), chance.randrange(4000)])])
            for _ in range(chance.randrange(1, 6)):
                if damaged:
                    damaged[chance.randrange(min(len(damaged), 6000))] = chance.randrange(256)
            path.write_bytes(damaged)
            done = self.run_skillet("gguf", "inspect", path, "--deep", "--json")
            self.assertEqual(done.returncode, PACKAGE, round_number)
            self.assertEqual(done.stdout, "")
            self.assertIn(json.loads(done.stderr)["error"]["code"],
                          ("malformed_artifact", "format_unsupported"))


class Bounds(CliCase):
    """A file at every limit at once: 65,536 keys, 65,536 tensors, 1,048,576 tokens, 256 MiB."""

    def test_a_file_at_every_limit_is_read_in_200_mb(self):
        path = self.scratch / "full.gguf"
        write_full_file(path)
        with open(os.devnull, "wb") as nothing:
            done = subprocess.Popen(
                [PROGRAM, "gguf", "inspect", "--any-architecture", "--json", path], stdout=nothing)
            _, status, usage = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(done.returncode, 0)
        # A sanitizer's shadow and red zones are not ours to bound.
        if not os.environ.get("SKILLET_SANITIZED"):
            self.assertLessEqual(usage.ru_maxrss, 200_000, "kB at the most")


def entry(name, value_type, value):
    return text(name) + struct.pack("<I", value_type) + value


def write_full_file(path):
    keys, tensors, tokens, metadata_bytes = 65_536, 65_536, 1_048_576, 256 << 20
    head = b"GGUF" + struct.pack("<IQQ", 3, tensors, keys)
    head += entry(b"general.architecture", 8, text(b"llama"))
    head += entry(b"tokenizer.ggml.model", 8, text(b"gpt2"))
    plain = b"".join(entry(b"filler.%05d" % i, 4, struct.pack("<I", i)) for i in range(keys - 3))
    infos = b"".join(text(b"tensor.%05d" % i) + struct.pack("<IQIQ", 1, 1, 0, 32 * i)
                     for i in range(tensors))
    front = entry(b"tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, tokens))
    room = metadata_bytes - len(head) - len(plain) - len(infos) - len(front)
    each = room // tokens - 8
    with open(path, "wb") as file:
        file.write(head + plain + front)
        for first in range(0, tokens, 4096):
            file.write(b"".join(text(b"%0*d" % (each, i)) for i in range(first, first + 4096)))
        file.write(infos)
        size = file.tell()
        file.truncate(size + -size % 32 + 32 * tensors)


if __name__ == "__main__":
    main()
