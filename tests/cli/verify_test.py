# SPDX-License-Identifier: Apache-2.0
"""`skillet verify`: what its report says, of packages that hold and of packages that do not."""
import json
import struct

from cli_case import CliCase, PACKAGE, STORAGE, main, shipped_package
from document_schema import check_document
from skill_archive import WEIGHT, SkillArchive

ID = "org.skillet.spam-filter"
GROUPS = ["integrity", "structure", "facts", "compatibility", "contract", "authority", "resources",
          "evidence", "policy"]


class VerifyCase(CliCase):
    def failed(self, *arguments):
        """The report of a package that does not hold, and the error beside it."""
        done = self.run_skillet("verify", *arguments, "--json")
        self.assertEqual(done.returncode, PACKAGE, done.stderr)
        report = check_document(json.loads(done.stdout))
        error = check_document(json.loads(done.stderr))["error"]
        self.assertFalse(report["verified"])
        self.assertEqual(report["error"], error)
        self.assertEqual(report["evidence_status"], "none")
        return report

    def with_skill(self, change):
        archive = SkillArchive(shipped_package())
        skill = archive.skill()
        change(skill)
        archive.replace_skill(skill)
        return archive.write(self.scratch / "changed.skill")


class Reports(VerifyCase):
    def test_every_group_in_order_and_every_question_answered(self):
        report = self.json_of("verify", shipped_package())
        groups = [check["group"] for check in report["checks"]]
        self.assertEqual(sorted(set(groups), key=groups.index), GROUPS)
        self.assertIsNone(report["state"])
        self.assertEqual(report["counts"]["fail"], 0)
        self.assertEqual(sum(report["counts"].values()), len(report["checks"]))
        skill = SkillArchive(shipped_package()).skill()
        self.assertEqual(report["reviewed"]["artifact"]["digest"], skill["artifact"]["digest"])
        self.assertEqual(report["reviewed"]["source"], skill["source"])
        self.assertIn("llama.cpp", report["reviewed"]["backend"])
        about = {row["about"] for row in report["assumptions"]}
        self.assertLessEqual({"origin", "values", "backend", "license", "evidence"}, about)
        kept = {row["identity"] for row in report["retain"]}
        self.assertLessEqual(set(SkillArchive(shipped_package()).blobs), kept)

    def test_what_is_reported_or_estimated_is_never_shown_as_observed(self):
        for check in self.json_of("verify", shipped_package())["checks"]:
            if check["group"] == "resources":
                self.assertEqual(check["basis"], "estimated", check)
            if check["group"] == "evidence":
                self.assertEqual(check["basis"], "reported", check)

    def test_an_installed_package_with_its_state(self):
        self.install_shipped()
        self.assertEqual(self.json_of("verify", ID)["state"], "verified")

    def test_people_see_a_failure_among_what_held(self):
        path = self.with_skill(lambda skill: skill["artifact"].update(parameters=1))
        done = self.run_skillet("verify", path)
        self.assertEqual(done.returncode, PACKAGE)
        self.assertIn("✗ /artifact/parameters", done.stdout)
        self.assertIn("✓ /tokenizer/digest", done.stdout)
        self.assertIn("not verified", done.stdout)
        self.assertIn("claims 1, but the model's bytes say 970754", done.stderr)


class Failures(VerifyCase):
    def test_every_wrong_member_is_listed_with_both_values(self):
        def change(skill):
            skill["artifact"]["parameters"] = 1
            skill["tokenizer"]["id"] = "bpe/gpt-2"
        report = self.failed(self.with_skill(change))
        failed = {c["check"]: c["finding"] for c in report["checks"] if c["result"] == "fail"}
        self.assertEqual(set(failed), {"/artifact/parameters", "/tokenizer/id"})
        self.assertIn("claims \"bpe/gpt-2\", but the model's bytes say \"bert/default\"",
                      failed["/tokenizer/id"])

    def test_documents_that_cannot_be_read_leave_the_rest_unchecked(self):
        report = self.failed(self.with_skill(lambda skill: skill.update(surprise=1)))
        self.assertIsNone(report["id"])
        self.assertEqual(report["error"]["subject"], "/surprise")
        self.assertEqual(report["counts"], {"pass": 0, "fail": 1, "not-checked": 8, "note": 0})

    def test_an_installed_package_that_fails_is_quarantined(self):
        self.install_shipped()
        model = max((self.root / "store/blobs/sha256").iterdir(), key=lambda p: p.stat().st_size)
        model.chmod(0o644)
        model.write_bytes(model.read_bytes()[:-1] + b"?")
        report = self.failed(ID)
        self.assertEqual(report["state"], "quarantined")
        self.assertEqual(report["error"]["code"], "digest_mismatch")


class Deep(VerifyCase):
    def test_a_value_that_is_no_number_is_found_only_by_looking(self):
        archive = SkillArchive(shipped_package())
        model = archive.blobs[archive.layer(WEIGHT)["digest"]]
        # The last tensor is a bias in F32; its last value ends where the zeros of padding begin.
        end = len(model.rstrip(b"\0")) // 4 * 4
        archive.replace_layer(WEIGHT, model[:end - 4] + struct.pack("<f", float("nan"))
                              + model[end:])
        layer, skill = archive.layer(WEIGHT), archive.skill()
        skill["artifact"]["digest"], skill["artifact"]["bytes"] = layer["digest"], layer["size"]
        archive.replace_skill(skill)
        path = archive.write(self.scratch / "nan.skill")
        self.assertTrue(self.json_of("verify", path)["verified"])
        report = self.failed(path, "--deep")
        self.assertEqual(report["error"]["code"], "malformed_artifact")
        self.assertIn("1 NaN and 0 infinite values", report["error"]["message"])

    def test_a_sound_model_passes(self):
        report = self.json_of("verify", shipped_package(), "--deep")
        self.assertTrue(report["deep"])
        self.assertNotIn("values", {row["about"] for row in report["assumptions"]})


class Page(VerifyCase):
    def page_of(self, path, returncode=0):
        page = self.scratch / "report.html"
        done = self.run_skillet("verify", path, "--html", page)
        self.assertEqual(done.returncode, returncode, done.stderr)
        self.assertEqual(done.stdout, "")
        return page.read_text(encoding="utf-8")

    def test_stands_alone(self):
        page = self.page_of(shipped_package())
        for group in GROUPS:
            self.assertIn(f"<h2>{group}</h2>", page)
        for foreign in ("<script", "<link", "<img", "src=", "href=", "@import", "url("):
            self.assertNotIn(foreign, page)

    def test_escapes_what_a_package_says(self):
        def change(skill):
            skill["contract"]["domain"]["unsupported"] = "<script>alert('&\"')</script>"
        page = self.page_of(self.with_skill(change))
        self.assertNotIn("<script", page)
        self.assertIn("&lt;script&gt;", page)

    def test_is_written_for_a_package_that_fails_too(self):
        page = self.page_of(self.with_skill(lambda skill: skill.update(surprise=1)), PACKAGE)
        self.assertIn("Not verified", page)

    def test_that_cannot_be_written_is_an_error_and_leaves_nothing(self):
        target = self.scratch / "absent" / "report.html"
        self.error_of(STORAGE, "io", "verify", shipped_package(), "--html", target)
        self.assertFalse(target.parent.exists())


if __name__ == "__main__":
    main()
