// SPDX-License-Identifier: Apache-2.0
#include "contract/slot_member.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace skillet {
namespace {

bool names(std::string_view schema, std::string_view pointer) {
    const auto document = json::parse(schema, SKL_E_MANIFEST_INVALID, "");
    EXPECT_TRUE(document);
    return names_member(*document, pointer);
}

TEST(SlotMember, is_found_under_properties_at_any_depth) {
    constexpr const char *schema =
        R"({"properties":{"mail":{"properties":{"body":{"type":"string"}}},"a/b~c":true}})";
    EXPECT_TRUE(names(schema, "/mail"));
    EXPECT_TRUE(names(schema, "/mail/body"));
    EXPECT_TRUE(names(schema, "/a~1b~0c"));
    EXPECT_FALSE(names(schema, "/body"));
    EXPECT_FALSE(names(schema, "/mail/subject"));
    EXPECT_FALSE(names(schema, "/mail/body/more"));
    EXPECT_FALSE(names(schema, "/"));
    EXPECT_FALSE(names(schema, ""));
    EXPECT_FALSE(names(schema, "mail"));
}

TEST(SlotMember, is_found_in_subschemas_of_the_same_object_and_behind_references) {
    constexpr const char *schema =
        R"({"allOf":[{"anyOf":[{"properties":{"a":true}}]}],"then":{"properties":{"b":true}},
            "$ref":"#/$defs/more","$defs":{"more":{"properties":{"c":{"$ref":"#"}}}}})";
    for (const char *pointer : {"/a", "/b", "/c", "/c/a", "/c/c/b"})
        EXPECT_TRUE(names(schema, pointer)) << pointer;
    EXPECT_FALSE(names(schema, "/d"));
}

TEST(SlotMember, may_be_inside_an_element_of_a_list) {
    constexpr const char *schema =
        R"({"properties":{"a":{"prefixItems":[{"properties":{"x":true}}],
                               "items":{"properties":{"y":true}}}}})";
    EXPECT_TRUE(names(schema, "/a/0/x"));
    EXPECT_TRUE(names(schema, "/a/17/y"));
    EXPECT_FALSE(names(schema, "/a/0/y"));
    EXPECT_FALSE(names(schema, "/a/1/x"));
    EXPECT_FALSE(names(schema, "/a/-/y"));
    EXPECT_FALSE(names(schema, "/a/99999999999999999999/y"));
}

TEST(SlotMember, is_not_looked_for_without_end) {
    EXPECT_FALSE(names(R"({"$ref":"#"})", "/a"));
    EXPECT_FALSE(names(R"({"allOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]})", "/a"));
    EXPECT_FALSE(names("true", "/a"));
}

}  // namespace
}  // namespace skillet
