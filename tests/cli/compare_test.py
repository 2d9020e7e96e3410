# SPDX-License-Identifier: Apache-2.0
"""compat and diff, and adapters from a GGUF file to an installed package."""
import json

from cli_case import NOT_FOUND, PACKAGE, STATE, USAGE, CliCase, main, shipped_package
from document_schema import check_document
from gguf_adapter import adapter
from skill_archive import WEIGHT, SkillArchive

ID = "org.skillet.spam-filter"
MOOD = "org.example.mood"
# Of the shipped model.
PAIRS = {"blk.0.attn_q.weight": (128, 128), "blk.1.ffn_up.weight": (128, 512)}


class CompareCase(CliCase):
    def setUp(self):
        super().setUp()
        self.base = shipped_package()
        archive = SkillArchive(self.base)
        self.model = self.scratch / "model.gguf"
        self.model.write_bytes(archive.blobs[archive.layer(WEIGHT)["digest"]])

    def lora(self, name="lora.gguf", **options):
        path = self.scratch / name
        path.write_bytes(adapter(PAIRS, **options))
        return path

    def pack_adapter(self, lora, name="mood.skill"):
        path = self.scratch / "mood.json"
        path.write_text(json.dumps(self.json_of("init", lora, "--id", MOOD, "--base", self.base)))
        package = self.scratch / name
        self.json_of("pack", path, "-m", lora, "--base", self.base, "-o", package)
        return package

    def pack_model(self, name, **changes):
        skill = self.json_of("init", self.model, "--id", MOOD)
        for pointer, value in changes.items():
            *parents, last = pointer.split("__")
            place = skill
            for parent in parents:
                place = place[parent]
            place[last] = value
        path = self.scratch / "skill.json"
        path.write_text(json.dumps(skill))
        package = self.scratch / name
        self.json_of("pack", path, "-m", self.model, "-o", package)
        return package

    def compared(self, *arguments, exit_code=0):
        done = self.run_skillet(*arguments, "--json")
        self.assertEqual(done.returncode, exit_code, done.stderr + done.stdout)
        self.assertEqual(done.stderr, "")
        return check_document(json.loads(done.stdout))


class Adapters(CompareCase):
    def test_an_adapter_waits_for_its_base_and_is_verified_with_it(self):
        package = self.pack_adapter(self.lora())
        error = self.error_of(STATE, "dependency_unsatisfied", "install", package)
        self.assertIn("install the base", error["hint"])
        self.assertEqual([row["state"] for row in self.installed()], ["installed"])
        self.install_shipped()
        self.assertTrue(self.json_of("verify", MOOD + "@0.1.0")["verified"])
        self.assertEqual({row["state"] for row in self.installed()}, {"verified"})
        self.error_of(PACKAGE, "format_unsupported", "run", MOOD, "--input", '{"text": "x"}')
        self.assertEqual(self.json_of("show", MOOD)["skill"]["adapter"]["base"]["id"], ID)

    def test_a_file_is_verified_with_the_base_that_is_given_or_installed(self):
        package = self.pack_adapter(self.lora())
        for base in (self.base, self.model):
            self.assertTrue(self.json_of("verify", package, "--base", base)["verified"])
        done = self.run_skillet("verify", package)
        self.assertEqual(done.returncode, STATE, done.stdout)
        self.install_shipped()
        self.assertTrue(self.json_of("verify", package)["verified"])

    def test_an_adapter_needs_its_base_and_a_model_has_none(self):
        self.error_of(USAGE, "invalid_argument", "init", self.lora(), "--id", MOOD)
        self.error_of(USAGE, "invalid_argument", "init", self.model, "--id", MOOD, "--base",
                      self.model)
        self.error_of(USAGE, "invalid_argument", "init", self.lora(), "--id", MOOD, "--base",
                      self.model)
        named = self.json_of("init", self.lora(), "--id", MOOD, "--base", self.model, "--base-id",
                             "org.example.base", "--base-version", "2.0.0")
        self.assertEqual(named["adapter"]["base"]["version"], "2.0.0")
        self.install_shipped()
        self.json_of("init", self.lora(), "--id", MOOD, "--base", ID)

    def test_an_adapter_that_cannot_be_right_is_not_packed(self):
        wrong = {"alpha": dict(alpha=0.0), "nan": dict(value=float("nan")),
                 "architecture": dict(architecture="llama"),
                 "activated": dict(keys={"adapter.alora.invocation": "x"})}
        for name, options in wrong.items():
            with self.subTest(name):
                done = self.run_skillet("init", self.lora(**options), "--id", MOOD, "--base",
                                        self.base)
                self.assertEqual(done.returncode, PACKAGE, done.stderr)

    def test_inspect_says_what_an_adapter_is(self):
        facts = self.json_of("inspect", self.lora())
        self.assertEqual(facts["adapter"]["rank"], 4)
        self.assertEqual(facts["adapter"]["target_modules"], ["attn_q", "ffn_up"])
        self.assertIsNone(facts["compatibility_key"])
        self.assertFalse(facts["runnable"])
        self.assertIn("LoRA of attn_q, ffn_up", self.run_skillet("inspect", self.lora()).stdout)


class Compat(CompareCase):
    def test_equal_keys_are_compatible_and_others_are_not(self):
        same = self.compared("compat", self.base, self.model)
        self.assertTrue(same["compatible"])
        self.assertEqual(same["a"]["key"], same["b"]["key"])
        self.assertEqual(same["a"]["key"],
                         self.json_of("show", self.base)["compatibility_key"]["digest"])
        other = shipped_package().replace("spam-filter", "language-id")
        differs = self.compared("compat", self.base, other, exit_code=PACKAGE)
        self.assertEqual(differs["first_mismatch"], "tokenizer")

    def test_an_adapter_attaches_to_its_base_and_to_no_copy_of_its_shape(self):
        package = self.pack_adapter(self.lora())
        self.install_shipped()
        self.assertTrue(self.compared("compat", package, ID)["compatible"])
        self.assertTrue(self.compared("compat", self.model, package)["compatible"])
        content = bytearray(self.model.read_bytes())
        content[-100] ^= 1
        twin = self.scratch / "twin.gguf"
        twin.write_bytes(content)
        document = self.compared("compat", package, twin, exit_code=PACKAGE)
        self.assertEqual(document["first_mismatch"], "base")
        text = self.run_skillet("compat", package, twin).stdout
        self.assertIn("does not attach: base differs", text)

    def test_two_adapters_share_a_base(self):
        one = self.pack_adapter(self.lora())
        two = self.pack_adapter(self.lora("two.gguf", rank=8), "two.skill")
        document = self.compared("compat", one, two)
        self.assertEqual(document["relation"], "adapters")
        self.assertIn("never combined", document["verdict"])

    def test_what_is_not_there_is_an_error(self):
        self.error_of(NOT_FOUND, "not_found", "compat", ID, self.base)
        self.error_of(NOT_FOUND, "not_found", "compat", self.base, "./nothing.gguf")


class Diff(CompareCase):
    def test_nothing_changed(self):
        document = self.compared("diff", "--check", self.base, self.base)
        self.assertEqual((document["changes"], document["deserves"]), ([], "none"))

    def test_check_fails_if_the_step_is_too_small(self):
        old = self.pack_model("old.skill", version="1.0.0")
        for version, code in (("1.0.1", PACKAGE), ("1.1.0", PACKAGE), ("2.0.0", 0)):
            with self.subTest(version):
                new = self.pack_model("new.skill", version=version,
                                      contract__limits__input_bytes=100)
                document = self.compared("diff", old, new, "--check", exit_code=code)
                self.assertEqual(document["deserves"], "major")
                self.assertEqual(document["enough"], code == 0)
                self.compared("diff", old, new)
        self.assertIn("limit-admits-less", self.run_skillet("diff", old, new).stdout)

    def test_an_installed_package_and_a_file(self):
        self.json_of("install", self.pack_model("old.skill", version="1.0.0"))
        new = self.pack_model("new.skill", version="1.0.1", title="Mood")
        document = self.compared("diff", MOOD, new, "--check")
        self.assertEqual([change["rule"] for change in document["changes"]], ["words"])

    def test_a_model_file_has_no_version(self):
        self.error_of(USAGE, "invalid_argument", "diff", self.base, self.model)


if __name__ == "__main__":
    main()
