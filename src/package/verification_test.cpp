// SPDX-License-Identifier: Apache-2.0
#include "package/verification.h"

#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "gguf/file.h"
#include "package/model_config.h"
#include "testing/archive_draft.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using json::Value;
using testing::ArchiveDraft;
using testing::made;
using testing::set_member;

class VerificationTest : public ::testing::Test {
protected:
    VerificationTest()
        : model_path_(testing::write_classifier_model(folder_ / "model.gguf")),
          model_(testing::tiny_classifier().bytes()),
          document_(testing::skill_document(model_path_)) {}

    [[nodiscard]] Archive packed() const {
        return open(testing::pack_skill(folder_.path(), model_path_, document_,
                                        {testing::calibration_document(document_, 1.5),
                                         testing::evidence_document(document_)}));
    }
    static Archive open(const std::string &path) {
        return made(Archive::open(made(FileSlice::open(path))));
    }
    // All blobs hash right; what the documents say is the caller's.
    [[nodiscard]] Archive drafted(const Value &skill, const std::string &model,
                                  const std::string &config = "{}") const {
        ArchiveDraft draft;
        OciManifest manifest = draft.manifest(model, json::canonical(skill));
        manifest.config = draft.add(media::model_config, config);
        draft.list(manifest);
        return draft.write(folder_ / "draft.skill");
    }
    static Report examine(const Archive &archive, const VerifyOptions &options = {}) {
        return made(examine_package(archive, made(only_package(archive)), options));
    }
    static const Check &check_named(const Report &report, CheckGroup group, std::string_view name) {
        for (const Check &check : report.checks) {
            if (check.group == group && check.name == name) return check;
        }
        throw std::runtime_error("no such check: " + std::string(name));
    }

    testing::TempDir folder_;
    std::string model_path_;
    std::string model_;
    Value document_;
};

TEST_F(VerificationTest, judges_the_licence_by_the_policy_it_is_given) {
    set_member(document_, "/license", "mit OR gpl-2.0");
    const Archive archive = packed();
    const Check allowed = check_named(examine(archive), CheckGroup::policy, "license");
    EXPECT_EQ(allowed.result, CheckResult::pass);
    EXPECT_EQ(allowed.subject, "MIT OR GPL-2.0");
    EXPECT_EQ(allowed.finding, "the licence lists allow it; GPL-2.0 is deprecated");
    const Report refused =
        examine(archive, {.licenses = made(LicensePolicy::parse({"Apache-2.0"}, {}))});
    ASSERT_FALSE(refused.holds());
    EXPECT_EQ(refused.first_failure()->code, SKL_E_LICENSE_REFUSED);
    EXPECT_EQ(check_named(refused, CheckGroup::policy, "license").result, CheckResult::fail);
}

TEST_F(VerificationTest, reports_on_every_group_in_order_and_on_every_blob) {
    const Report report = examine(packed());
    EXPECT_TRUE(report.holds());
    std::set<CheckGroup> groups;
    std::set<std::string> subjects;
    for (size_t i = 0; i < report.checks.size(); ++i) {
        const Check &check = report.checks[i];
        groups.insert(check.group);
        subjects.insert(check.subject);
        EXPECT_FALSE(check.finding.empty()) << check.name;
        EXPECT_LE(report.checks[i == 0 ? 0 : i - 1].group, check.group);
    }
    EXPECT_EQ(groups.size(), static_cast<size_t>(check_groups));
    for (const Descriptor &blob : report.package->blobs()) {
        EXPECT_TRUE(subjects.contains(blob.digest.to_string())) << blob_name(blob);
    }
    EXPECT_EQ(report.facts->labels, (std::vector<std::string>{"ham", "spam"}));
    EXPECT_EQ(report.evidence_status(), EvidenceStatus::evaluated);
}

TEST_F(VerificationTest, never_mixes_what_is_observed_estimated_and_reported) {
    for (const Check &check : examine(packed()).checks) {
        const bool reported = (check.group == CheckGroup::evidence) || check.name == "license" ||
                              check.name == "/contract/confidence";
        const FindingBasis expected = check.group == CheckGroup::resources ? FindingBasis::estimated
                                      : reported                           ? FindingBasis::reported
                                                                           : FindingBasis::observed;
        EXPECT_EQ(check.basis, expected) << check.name;
    }
}

TEST_F(VerificationTest, compares_every_derived_member_though_one_before_it_is_wrong) {
    Value wrong = document_;
    set_member(wrong, "/artifact/parameters", 1);
    set_member(wrong, "/tokenizer/id", "bpe/other");
    const Report report = examine(drafted(wrong, model_));
    for (const char *member : {"/artifact/parameters", "/tokenizer/id"}) {
        const Check &check = check_named(report, CheckGroup::facts, member);
        EXPECT_EQ(check.result, CheckResult::fail) << member;
        EXPECT_EQ(check.error->code, SKL_E_MANIFEST_INVALID) << member;
        EXPECT_EQ(check.error->subject, member);
    }
    EXPECT_EQ(check_named(report, CheckGroup::facts, "/tokenizer/digest").result,
              CheckResult::pass);
    EXPECT_EQ(report.first_failure()->subject, "/artifact/parameters");
    EXPECT_EQ(report.evidence_status(), EvidenceStatus::none);
}

TEST_F(VerificationTest, asks_nothing_of_a_model_whose_bytes_are_damaged) {
    const Archive intact = packed();
    const uint64_t offset = made(intact.open(sha256(model_))).offset();
    const std::string path = folder_ / "org.example.test-1.0.0.skill";
    std::string bytes = made(read_all(made(FileSlice::open(path)), 1 << 20));
    bytes[offset + 100] = static_cast<char>(bytes[offset + 100] ^ 1);
    const Report report = examine(open(testing::write_file(folder_ / "flipped.skill", bytes)));
    EXPECT_EQ(report.first_failure()->code, SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(check_named(report, CheckGroup::integrity, "model.gguf").result, CheckResult::fail);
    EXPECT_EQ(check_named(report, CheckGroup::facts, "model").result, CheckResult::not_checked);
    EXPECT_FALSE(report.facts);
}

TEST_F(VerificationTest, says_of_unreadable_documents_that_nothing_else_was_checked) {
    const Report report = examine(drafted(Value(json::Object{}), model_));
    EXPECT_FALSE(report.package);
    EXPECT_EQ(check_named(report, CheckGroup::structure, "documents").result, CheckResult::fail);
    EXPECT_EQ(check_named(report, CheckGroup::policy, "everything").result,
              CheckResult::not_checked);
    EXPECT_EQ(report.checks.size(), static_cast<size_t>(check_groups));
}

TEST_F(VerificationTest, looks_at_tensor_values_only_when_asked_and_counts_those_not_finite) {
    std::string bytes = model_;
    const gguf::File file = made(gguf::read(MemorySource(bytes, "model")));
    const std::string nan = testing::gguf_bytes(std::numeric_limits<float>::quiet_NaN());
    bytes.replace(file.data_offset + file.tensors.back().offset, nan.size(), nan);
    const std::string path = testing::write_file(folder_ / "nan.gguf", bytes);
    const Archive archive = drafted(testing::skill_document(path), bytes);

    const Report shallow = examine(archive);
    EXPECT_TRUE(shallow.holds());
    EXPECT_EQ(check_named(shallow, CheckGroup::structure, "tensor values").result,
              CheckResult::not_checked);
    const Report deep = examine(archive, {.deep = true});
    const Check &check = check_named(deep, CheckGroup::structure, "tensor values");
    ASSERT_TRUE(check.error);
    EXPECT_EQ(check.error->code, SKL_E_MALFORMED_ARTIFACT);
    EXPECT_NE(check.finding.find("1 NaN"), std::string::npos) << check.finding;
    EXPECT_TRUE(examine(packed(), {.deep = true}).holds());
}

TEST_F(VerificationTest,
       refuses_a_model_config_that_contradicts_skill_json_but_not_one_that_says_more) {
    const Skill skill = made(Skill::from_json(document_));
    Value config = model_config(skill);
    set_member(config, "/descriptor/vendor", "somebody");
    EXPECT_TRUE(examine(drafted(document_, model_, json::canonical(config))).holds());
    set_member(config, "/config/architecture", "llama");
    const Report report = examine(drafted(document_, model_, json::canonical(config)));
    ASSERT_FALSE(report.holds());
    EXPECT_EQ(report.first_failure()->subject, "/config/architecture");
    for (const char *text : {"[]", "{", "\"config\""}) {
        EXPECT_FALSE(examine(drafted(document_, model_, text)).holds()) << text;
    }
}

TEST_F(VerificationTest, lists_a_document_about_other_bytes_and_counts_it_for_nothing) {
    ArchiveDraft draft;
    OciManifest manifest = draft.manifest(model_, json::canonical(document_));
    const Descriptor package = draft.list(manifest);
    Value evidence = testing::evidence_document(document_);
    set_member(evidence, "/subject/artifact", sha256("another model").to_string());
    draft.attach(media::evidence, json::canonical(evidence), package);
    const Report report = examine(draft.write(folder_ / "draft.skill"));
    EXPECT_TRUE(report.holds());
    EXPECT_EQ(report.evidence_status(), EvidenceStatus::structural);
    const Check &check = check_named(report, CheckGroup::evidence, "evidence");
    EXPECT_EQ(check.result, CheckResult::note);
    EXPECT_NE(check.finding.find("counts for nothing"), std::string::npos);
}

TEST_F(VerificationTest, is_an_error_only_for_what_is_not_about_the_package) {
    const Archive archive = packed();
    const Descriptor descriptor = made(only_package(archive));
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    const auto stopped = examine_package(archive, descriptor, {}, {{flag, {}}, {}});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, SKL_E_CANCELLED);
}

}  // namespace
}  // namespace skillet
