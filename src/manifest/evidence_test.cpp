// SPDX-License-Identifier: Apache-2.0
#include "manifest/evidence.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "testing/document_edit.h"

namespace skillet {
namespace {

using json::Value;
using testing::erase_member;
using testing::json_of;
using testing::set_member;

Value subject() {
    return json::Object{{"artifact", sha256("model").to_string()},
                        {"contract", sha256("contract").to_string()}};
}

Value good(const char *kind = "evaluated") {
    json::Object document{{"schema", "skillet.evidence/2"},
                          {"subject", subject()},
                          {"kind", kind},
                          {"method", "python3 recipe.py"},
                          {"by", "the authors"},
                          {"at", "2026-11-23"},
                          {"environment", json::Object{{"machine", "x86_64"}}},
                          {"results", json::Object{{"accuracy", 0.9}}}};
    const std::string_view name = kind;
    if (name != "released") {
        document.append("cases", json::Object{{"name", "test split"}, {"count", 10}});
    }
    if (name == "reproduced" || name == "released") {
        document.append("basis", sha256("basis").to_string());
    }
    return document;
}

Evidence parsed(const Value &document) {
    auto evidence = Evidence::parse(json::canonical(document));
    EXPECT_TRUE(evidence) << evidence.error().message << " at " << evidence.error().subject;
    return evidence ? *std::move(evidence) : Evidence();
}

Evidence resting_on(const Digest &basis, const char *kind) {
    Value document = good(kind);
    set_member(document, "/basis", basis.to_string());
    return parsed(document);
}

void expect_refused(const Value &document, const std::string &subject,
                    Code code = SKL_E_MANIFEST_INVALID) {
    const auto evidence = Evidence::parse(json::compact(document));
    ASSERT_FALSE(evidence) << "accepted what is wrong at " << subject;
    EXPECT_EQ(evidence.error().subject, subject) << evidence.error().message;
    EXPECT_EQ(evidence.error().code, code) << evidence.error().message;
}

TEST(Evidence, gives_what_the_document_says) {
    const Evidence evidence = parsed(good("reproduced"));
    EXPECT_EQ(evidence.artifact, sha256("model"));
    EXPECT_EQ(evidence.contract, sha256("contract"));
    EXPECT_EQ(evidence.kind, EvidenceKind::reproduced);
    EXPECT_EQ(evidence.method, "python3 recipe.py");
    EXPECT_EQ(evidence.by, "the authors");
    EXPECT_EQ(evidence.at, "2026-11-23");
    EXPECT_EQ(evidence.environment.at("machine"), "x86_64");
    EXPECT_EQ(evidence.basis, sha256("basis"));
    EXPECT_EQ(evidence.digest, sha256(json::canonical(good("reproduced"))));
}

TEST(Evidence, of_the_first_version_is_an_evaluation_whose_method_nobody_recorded) {
    const Evidence evidence =
        parsed(json::Object{{"schema", "skillet.evidence/1"}, {"subject", subject()}, {"free", 1}});
    EXPECT_EQ(evidence.kind, EvidenceKind::evaluated);
    EXPECT_EQ(evidence.method, "");
}

TEST(Evidence, refuses_each_missing_member_by_its_pointer) {
    for (const char *kind : {"smoke", "evaluated", "reproduced", "released"}) {
        const Value whole = good(kind);
        for (const auto &[name, value] : *whole.object()) {
            Value document = whole;
            erase_member(document, "/" + name);
            expect_refused(document, "/" + name);
        }
    }
}

TEST(Evidence, refuses_unknown_members_wherever_they_are) {
    for (const std::string object : {"", "/subject", "/cases"}) {
        Value document = good();
        set_member(document, object + "/surprise", 1);
        expect_refused(document, object + "/surprise");
    }
    // Only a reproduction or a release rests on another document; a release measures no cases.
    Value document = good("smoke");
    set_member(document, "/basis", sha256("basis").to_string());
    expect_refused(document, "/basis");
    document = good("released");
    set_member(document, "/cases", json::Object{{"name", "test split"}, {"count", 10}});
    expect_refused(document, "/cases");
}

TEST(Evidence, refuses_each_wrong_value_by_its_pointer) {
    for (const auto &[member, value] : {std::pair{"/subject/artifact", R"("sha256:00")"},
                                        {"/kind", R"("structural")"},
                                        {"/method", R"("")"},
                                        {"/at", R"("23.11.2026")"},
                                        {"/at", R"("2026-11-23T00:00:00Z")"},
                                        {"/environment", "{}"},
                                        {"/environment/machine", "1"},
                                        {"/cases/count", "0"},
                                        {"/cases/digest", R"("abc")"},
                                        {"/results", "[]"}}) {
        Value document = good();
        set_member(document, member, json_of(value));
        expect_refused(document, member);
    }
}

TEST(Evidence, refuses_another_version_of_the_document) {
    for (const char *schema : {"skillet.evidence/3", "skillet.calibration/1"}) {
        Value document = good();
        set_member(document, "/schema", schema);
        expect_refused(document, "/schema", SKL_E_FORMAT_UNSUPPORTED);
    }
}

TEST(EvidenceStatus, without_a_document_is_structural) {
    EXPECT_EQ(evidence_status({}), EvidenceStatus::structural);
}

TEST(EvidenceStatus, is_the_highest_rung_whose_documents_rest_on_one_another) {
    const Evidence smoke = parsed(good("smoke"));
    const Evidence evaluated = parsed(good());
    const Evidence reproduced = resting_on(evaluated.digest, "reproduced");
    const Evidence released = resting_on(reproduced.digest, "released");
    const auto status = [](const std::vector<Evidence> &documents) {
        return evidence_status(documents);
    };
    EXPECT_EQ(status({smoke}), EvidenceStatus::smoke);
    EXPECT_EQ(status({smoke, evaluated}), EvidenceStatus::evaluated);
    EXPECT_EQ(status({evaluated, reproduced}), EvidenceStatus::reproduced);
    EXPECT_EQ(status({released, reproduced, evaluated}), EvidenceStatus::released);
}

TEST(EvidenceStatus, does_not_count_a_rung_that_rests_on_a_document_which_is_not_there) {
    const Evidence evaluated = parsed(good());
    const Evidence reproduced = resting_on(evaluated.digest, "reproduced");
    const Evidence released = resting_on(reproduced.digest, "released");
    const std::vector<Evidence> alone{released};
    EXPECT_EQ(evidence_status(alone), EvidenceStatus::structural);
    const std::vector<Evidence> gap{evaluated, released};
    EXPECT_EQ(evidence_status(gap), EvidenceStatus::evaluated);
    const std::vector<Evidence> other{evaluated, resting_on(sha256("another"), "reproduced")};
    EXPECT_EQ(evidence_status(other), EvidenceStatus::evaluated);
    // Nor does a release that skips the reproduction.
    const std::vector<Evidence> hasty{evaluated, resting_on(evaluated.digest, "released")};
    EXPECT_EQ(evidence_status(hasty), EvidenceStatus::evaluated);
}

}  // namespace
}  // namespace skillet
