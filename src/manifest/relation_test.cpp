// SPDX-License-Identifier: Apache-2.0
#include "manifest/relation.h"

#include <gtest/gtest.h>

#include "testing/document_edit.h"
#include "testing/made.h"

namespace skillet {
namespace {

const std::string pin = sha256("pinned").to_string();

Result<Relations> read(const std::string &text) {
    const json::Value value = testing::json_of(text);
    json::MemberReader reader(value, "", SKL_E_MANIFEST_INVALID);
    SKL_TRY_ASSIGN(relations, read_relations(reader, "org.a.self", SKL_E_MANIFEST_INVALID));
    SKL_TRY(reader.done());
    return std::move(relations);
}

void expect_refused(const std::string &text, const std::string &subject) {
    const auto relations = read(text);
    ASSERT_FALSE(relations) << text;
    EXPECT_EQ(relations.error().code, SKL_E_MANIFEST_INVALID);
    EXPECT_EQ(relations.error().subject, subject) << relations.error().message;
}

TEST(Relations, are_none_unless_they_are_written) {
    for (const char *text : {"{}", R"({"depends": [], "conflicts": []})"}) {
        const Relations relations = testing::made(read(text));
        EXPECT_TRUE(relations.depends.empty());
        EXPECT_TRUE(relations.conflicts.empty());
        EXPECT_FALSE(relations.replaces);
    }
}

TEST(Relations, name_versions_of_other_skills) {
    const Relations relations = testing::made(read(
        R"({"depends": [{"id": "org.a.b", "range": "^1.2"},
                        {"id": "org.a.c", "range": "*", "digest": ")" +
        pin + R"("}],
            "conflicts": [{"id": "org.a.b", "range": "=1.3.0"}],
            "replaces": {"id": "org.a.self", "range": "0.9.0", "digest": ")" +
        pin + R"("}})"));
    ASSERT_EQ(relations.depends.size(), 2u);
    EXPECT_EQ(relations.depends[0].text(), "org.a.b ^1.2");
    EXPECT_FALSE(relations.depends[0].digest);
    EXPECT_EQ(relations.depends[1].digest, sha256("pinned"));
    ASSERT_EQ(relations.conflicts.size(), 1u);
    EXPECT_TRUE(relations.conflicts[0].range.contains(testing::made(Semver::parse("1.3.0"))));
    ASSERT_TRUE(relations.replaces);
    EXPECT_EQ(relations.replaces->id, "org.a.self") << "a skill replaces its own past";
    EXPECT_EQ(relations.replaces->digest, sha256("pinned"));
}

TEST(Relations, refuse_each_wrong_member_by_its_pointer) {
    expect_refused(R"({"depends": {}})", "/depends");
    expect_refused(R"({"depends": null})", "/depends");
    expect_refused(R"({"depends": ["org.a.b"]})", "/depends/0");
    expect_refused(R"({"depends": [{"range": "*"}]})", "/depends/0/id");
    expect_refused(R"({"depends": [{"id": "b", "range": "*"}]})", "/depends/0/id");
    expect_refused(R"({"depends": [{"id": "org.a.b"}]})", "/depends/0/range");
    expect_refused(R"({"depends": [{"id": "org.a.b", "range": "new"}]})", "/depends/0/range");
    expect_refused(R"({"depends": [{"id": "org.a.b", "range": ""}]})", "/depends/0/range");
    expect_refused(R"({"depends": [{"id": "org.a.b", "range": "*", "digest": "sha256:0"}]})",
                   "/depends/0/digest");
    expect_refused(R"({"depends": [{"id": "org.a.b", "range": "*", "optional": true}]})",
                   "/depends/0/optional");
    expect_refused(R"({"conflicts": [{"id": "org.a.b", "range": "*", "digest": ")" + pin + "\"}]}",
                   "/conflicts/0/digest");
    expect_refused(R"({"replaces": []})", "/replaces");
    expect_refused(R"({"replaces": {"id": "org.a.b"}})", "/replaces/range");
}

TEST(Relations, name_no_skill_twice_and_never_the_skill_itself) {
    const std::string other = R"({"id": "org.a.b", "range": "*"})";
    const std::string self = R"({"id": "org.a.self", "range": "*"})";
    for (const std::string list : {"depends", "conflicts"}) {
        expect_refused("{\"" + list + "\": [" + other + ", " + other + "]}", "/" + list + "/1/id");
        expect_refused("{\"" + list + "\": [" + self + "]}", "/" + list + "/0/id");
    }
}

TEST(Relations, are_at_most_64_of_a_kind) {
    const auto list = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) {
            text += (i > 0 ? ", " : "") + std::string(R"({"range": "*", "id": "org.s)") +
                    std::to_string(i) + "\"}";
        }
        return "{\"depends\": [" + text + "]}";
    };
    EXPECT_TRUE(read(list(64)));
    expect_refused(list(65), "/depends");
}

}  // namespace
}  // namespace skillet
