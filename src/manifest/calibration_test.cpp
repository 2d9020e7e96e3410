// SPDX-License-Identifier: Apache-2.0
#include "manifest/calibration.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "testing/document_edit.h"

namespace skillet {
namespace {

using json::Value;
using testing::erase_member;
using testing::json_of;
using testing::set_member;

Value good() {
    return json::Object{{"schema", "skillet.calibration/1"},
                        {"subject", json::Object{{"artifact", sha256("model").to_string()},
                                                 {"contract", sha256("contract").to_string()}}},
                        {"method", "temperature"},
                        {"temperature", 1.5},
                        {"cases", 100},
                        {"fitted_on", "held-out cases"},
                        {"quality", json::Object{{"ece", 0.02},
                                                 {"brier", 0.1},
                                                 {"ece_interval", json::Array{0.01, 0.03}},
                                                 {"risk_coverage", json::Array{}},
                                                 {"measured_on", "other cases"},
                                                 {"cases", 200}}}};
}

constexpr const char *members[] = {"/schema",
                                   "/subject",
                                   "/subject/artifact",
                                   "/subject/contract",
                                   "/method",
                                   "/cases",
                                   "/quality",
                                   "/temperature",
                                   "/fitted_on",
                                   "/quality/ece",
                                   "/quality/brier",
                                   "/quality/ece_interval",
                                   "/quality/risk_coverage",
                                   "/quality/measured_on",
                                   "/quality/cases"};

void expect_refused(const Value &document, const std::string &subject,
                    Code code = SKL_E_MANIFEST_INVALID) {
    const auto calibration = Calibration::parse(json::compact(document));
    ASSERT_FALSE(calibration) << "accepted what is wrong at " << subject;
    EXPECT_EQ(calibration.error().subject, subject) << calibration.error().message;
    EXPECT_EQ(calibration.error().code, code) << subject << ": " << calibration.error().message;
}

Value with(std::string_view pointer, Value value) {
    Value document = good();
    set_member(document, pointer, std::move(value));
    return document;
}

TEST(Calibration, gives_what_the_document_says) {
    const std::string text = json::pretty(good());
    const auto calibration = Calibration::parse(text);
    ASSERT_TRUE(calibration) << calibration.error().message;
    EXPECT_EQ(calibration->artifact, sha256("model"));
    EXPECT_EQ(calibration->contract, sha256("contract"));
    EXPECT_EQ(calibration->temperature, 1.5);
    EXPECT_EQ(calibration->cases, 100);
    EXPECT_EQ(calibration->json, good());
}

TEST(Calibration, has_the_digest_of_its_bytes) {
    for (const std::string &text : {json::pretty(good()), json::canonical(good())}) {
        EXPECT_EQ(Calibration::parse(text)->digest, sha256(text));
    }
}

TEST(Calibration, refuses_each_missing_member_by_its_pointer) {
    for (const char *member : members) {
        Value document = good();
        erase_member(document, member);
        expect_refused(document, member);
    }
}

TEST(Calibration, refuses_each_member_of_another_type_by_its_pointer) {
    for (const char *member : members) expect_refused(with(member, nullptr), member);
    expect_refused(json::Array{}, "");
}

TEST(Calibration, refuses_unknown_members_wherever_they_are) {
    for (const std::string object : {"", "/subject", "/quality"}) {
        expect_refused(with(object + "/surprise", 1), object + "/surprise");
    }
}

TEST(Calibration, refuses_each_wrong_value_by_its_pointer) {
    for (const auto &[member, value] : {std::pair{"/subject/artifact", R"("sha256:00")"},
                                        {"/subject/contract", R"("")"},
                                        {"/method", R"("isotonic")"},
                                        {"/temperature", "0"},
                                        {"/temperature", "-1"},
                                        {"/temperature", "1000.5"},
                                        {"/cases", "0"},
                                        {"/cases", "1.5"},
                                        {"/quality/ece", "1.1"},
                                        {"/quality/brier", "-0.1"},
                                        {"/quality/brier", "2.1"},
                                        {"/quality/cases", "0"}}) {
        expect_refused(with(member, json_of(value)), member);
    }
}

TEST(Calibration, refuses_another_version_of_the_document) {
    expect_refused(with("/schema", "skillet.calibration/3"), "/schema", SKL_E_FORMAT_UNSUPPORTED);
    expect_refused(with("/schema", "skillet.evidence/1"), "/schema", SKL_E_FORMAT_UNSUPPORTED);
}

Value second() {
    const Value share =
        json::Object{{"value", 0.98}, {"hits", 98}, {"n", 100}, {"interval", json::Array{0.9, 1}}};
    return json::Object{
        {"schema", "skillet.calibration/2"},
        {"subject", *json::resolve(good(), "/subject")},
        {"method", "temperature"},
        {"temperature", 1.5},
        {"fitted_on", 50},
        {"cases", json::Object{{"name", "cases.jsonl"},
                               {"digest", sha256("cases").to_string()},
                               {"count", 200},
                               {"split", "by each input's digest, seed 0"}}},
        {"abstention", json::Object{{"target_error", 0.01},
                                    {"confidence", 0.95},
                                    {"method", "fixed-sequence"},
                                    {"chosen_on", 50},
                                    {"abstain_below", 0.9},
                                    {"answered", 40},
                                    {"wrong", 0},
                                    {"error_bound", 0.05},
                                    {"obstacle", nullptr}}},
        {"label_set", json::Object{{"miss", 0.05}, {"threshold", 0.4}, {"chosen_on", 50}}},
        {"quality", json::Object{{"accuracy", share},
                                 {"ece", 0.02},
                                 {"ece_interval", json::Array{0.01, 0.03}},
                                 {"ece_bins", 15},
                                 {"brier", 0.1},
                                 {"log_loss", 0.2},
                                 {"measured_on", 100},
                                 {"risk_coverage", json::Array{}},
                                 {"abstention", nullptr},
                                 {"label_set", json::Object{}},
                                 {"uncalibrated", json::Object{}}}}};
}

TEST(Calibration, reads_the_second_version) {
    const auto calibration = Calibration::parse(json::canonical(second()));
    ASSERT_TRUE(calibration) << calibration.error().message;
    EXPECT_EQ(calibration->temperature, 1.5);
    EXPECT_EQ(calibration->cases, 50);
    Value without = second();
    set_member(without, "/abstention/abstain_below", nullptr);
    set_member(without, "/abstention/obstacle", "too few cases");
    EXPECT_TRUE(Calibration::parse(json::canonical(without)));
}

TEST(Calibration, is_as_strict_with_the_second_version) {
    for (const std::string object : {"", "/cases", "/abstention", "/label_set", "/quality"}) {
        Value document = second();
        set_member(document, object + "/surprise", 1);
        expect_refused(document, object + "/surprise");
    }
    const Value whole = second();
    for (const char *object : {"", "/cases", "/abstention", "/label_set", "/quality"}) {
        const Value *there = json::resolve(whole, object);
        ASSERT_NE(there, nullptr) << object;
        for (const auto &[name, value] : *there->object()) {
            Value document = second();
            const std::string member = std::string(object) + "/" + name;
            erase_member(document, member);
            expect_refused(document, member);
        }
    }
    for (const auto &[member, value] : {std::pair{"/fitted_on", "0"},
                                        {"/cases/digest", R"("sha256:0")"},
                                        {"/abstention/abstain_below", "1.5"},
                                        {"/abstention/obstacle", "7"},
                                        {"/label_set/threshold", "-1"},
                                        {"/quality/log_loss", "-1"},
                                        {"/quality/ece_bins", "0"}}) {
        Value document = second();
        set_member(document, member, json_of(value));
        expect_refused(document, member);
    }
}

TEST(Calibration, does_not_mix_the_versions) {
    Value document = second();
    set_member(document, "/schema", "skillet.calibration/1");
    expect_refused(document, "/cases");
    document = good();
    set_member(document, "/schema", "skillet.calibration/2");
    expect_refused(document, "/fitted_on");
}

TEST(Calibration, refuses_what_is_no_strict_json) {
    for (const char *text : {"", "{", R"({"schema": 1, "schema": 1})", "{} {}"}) {
        const auto calibration = Calibration::parse(text);
        ASSERT_FALSE(calibration) << text;
        EXPECT_EQ(calibration.error().code, SKL_E_MANIFEST_INVALID) << text;
        EXPECT_EQ(calibration.error().subject, "calibration") << text;
    }
}

}  // namespace
}  // namespace skillet
