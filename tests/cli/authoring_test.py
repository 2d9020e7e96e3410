# SPDX-License-Identifier: Apache-2.0
"""Packaging a GGUF of one's own, and the models that are refused."""
import json
import os
import shutil
import subprocess
import sys

from cli_case import PACKAGE, PROGRAM, REQUEST, SHIPPED, CliCase, main, shipped_package
from skill_archive import WEIGHT, SkillArchive


class Authoring(CliCase):
    def setUp(self):
        super().setUp()
        archive = SkillArchive(shipped_package())
        self.model = self.scratch / "model.gguf"
        self.model.write_bytes(archive.blobs[archive.layer(WEIGHT)["digest"]])

    def write_init(self):
        document = self.json_of("init", self.model, "--id", "org.example.mood")
        path = self.scratch / "skill.json"
        path.write_text(json.dumps(document, indent=2))
        return path

    def test_five_commands_from_a_gguf_to_an_answer(self):
        skill = self.write_init()
        package = self.scratch / "mood.skill"
        packed = self.json_of("pack", skill, "--model", self.model, "-o", package)
        self.assertEqual(self.json_of("verify", package)["digest"], packed["digest"])
        self.assertEqual(self.json_of("install", package)["digest"], packed["digest"])
        result = self.json_of("run", "org.example.mood", "--input", '{"text": "hello"}')
        self.assertIsNone(result["confidence"], "without a calibration there is no confidence")
        self.assertFalse(result["abstained"])

    def test_a_schema_that_is_refused_is_named_within_skill_json(self):
        skill = self.write_init()
        document = json.loads(skill.read_text())
        for keyword, value in (("pattern", "(?<=a)b"), ("format", "iri"), ("contentEncoding", "x")):
            changed = json.loads(json.dumps(document))
            changed["contract"]["input"]["properties"]["text"][keyword] = value
            skill.write_text(json.dumps(changed))
            error = self.error_of(PACKAGE, "schema_refused", "pack", skill, "--model", self.model)
            self.assertEqual(error["subject"], f"/contract/input/properties/text/{keyword}")

    def test_a_pattern_and_a_format_hold_for_requests(self):
        skill = self.write_init()
        document = json.loads(skill.read_text())
        document["contract"]["input"]["properties"]["text"] |= {"pattern": "^\\p{L}+$",
                                                                "format": "hostname"}
        skill.write_text(json.dumps(document))
        package = self.scratch / "mood.skill"
        self.json_of("pack", skill, "--model", self.model, "-o", package)
        self.json_of("run", package, "--input", '{"text": "hello"}')
        for text in ("hello1", "h\u00e9llo"):
            error = self.error_of(REQUEST, "input_schema", "run", package, "--input",
                                  json.dumps({"text": text}))
            self.assertEqual(error["subject"], "/text")

    def test_packing_twice_gives_the_same_bytes(self):
        skill = self.write_init()
        paths = [self.scratch / name for name in ("a.skill", "b.skill")]
        for path in paths:
            self.json_of("pack", skill, "--model", self.model, "-o", path)
        self.assertEqual(paths[0].read_bytes(), paths[1].read_bytes())

    def test_who_packs_when_and_where_leaves_no_trace(self):
        skill = self.write_init()
        here = self.scratch / "here.skill"
        self.json_of("pack", skill, "--model", self.model, "-o", here)
        there = self.scratch / "elsewhere"
        there.mkdir(mode=0o777)
        there.chmod(0o777)
        for path in (skill, self.model):
            shutil.copy(path, there)
            os.utime(there / path.name, (1, 1))
        # A sanitizer must be loaded before the library that sets the clock.
        clock = [] if os.environ.get("SKILLET_SANITIZED") else ["faketime", "2001-02-03 04:05:06"]
        before = os.umask(0o027)
        try:
            done = self.run_as_nobody(
                "pack", "skill.json", "--model", "model.gguf", "-o", "it.skill", before=clock,
                cwd=there, env={"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"})
        finally:
            os.umask(before)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((there / "it.skill").read_bytes(), here.read_bytes())

    def test_the_shipped_packages_are_what_their_parts_pack_to(self):
        for folder in sorted(path.parent for path in SHIPPED.parent.glob("*/pack.py")):
            with self.subTest(folder.name):
                out = self.scratch / folder.name
                out.mkdir()
                subprocess.run([sys.executable, str(folder / "pack.py"), PROGRAM, "--out",
                                str(out)], check=True, stdout=subprocess.DEVNULL)
                (again,) = out.glob("*.skill")
                (shipped,) = folder.glob("*.skill")
                self.assertEqual(again.read_bytes(), shipped.read_bytes())

    def test_derived_members_may_be_left_out_but_not_be_wrong(self):
        path = self.write_init()
        skill = json.loads(path.read_text())
        whole = self.json_of("pack", path, "--model", self.model, "-o", self.scratch / "a.skill")
        for member in ("artifact", "tokenizer", "engine", "resources"):
            del skill[member]
        path.write_text(json.dumps(skill))
        lean = self.json_of("pack", path, "--model", self.model, "-o", self.scratch / "b.skill")
        self.assertEqual(lean["digest"], whole["digest"])

    def test_a_damaged_model_is_refused_before_anything_is_written(self):
        whole = self.model.read_bytes()
        cases = {
            "truncated": whole[:len(whole) // 2],
            "no GGUF": b"PK\x03\x04" + whole[4:],
            "empty": b"",
            "a flipped bit in the header": whole[:9] + bytes([whole[9] ^ 0x40]) + whole[10:],
        }
        skill = self.write_init()
        for name, content in cases.items():
            with self.subTest(name):
                self.model.write_bytes(content)
                output = self.scratch / "bad.skill"
                done = self.run_skillet("pack", skill, "--model", self.model, "-o", output)
                self.assertEqual(done.returncode, PACKAGE, done.stderr)
                self.assertFalse(output.exists())

    def test_a_flipped_weight_is_another_model(self):
        skill = self.write_init()
        content = bytearray(self.model.read_bytes())
        content[-100] ^= 1
        self.model.write_bytes(content)
        error = self.error_of(PACKAGE, "manifest_invalid", "pack", skill, "--model", self.model,
                              "-o", self.scratch / "bad.skill")
        self.assertEqual(error["subject"], "/artifact/digest")

    def test_inspect_says_what_a_model_is(self):
        facts = self.json_of("inspect", self.model)
        self.assertEqual(facts["architecture"], "bert")
        self.assertEqual(facts["labels"], ["ham", "spam"])
        self.assertTrue(facts["runnable"])
        self.assertIn("runnable   yes", self.run_skillet("inspect", self.model).stdout)


if __name__ == "__main__":
    main()
