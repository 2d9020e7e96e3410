// SPDX-License-Identifier: Apache-2.0
// Parts that no keyword looked at, patterns, and what depends on a member.
#include <string>

#include <gtest/gtest.h>

#include "schema/schema.h"
#include "testing/document_edit.h"
#include "testing/made.h"

namespace skillet {
namespace {

using testing::json_of;
using testing::made;

// "" if accepted, otherwise "POINTER: MESSAGE".
std::string violation(std::string_view schema, std::string_view instance) {
    const auto result =
        made(Schema::compile(json_of(schema), "")).validate(json_of(instance), SKL_E_INPUT_SCHEMA);
    return result ? "" : result.error().subject + ": " + result.error().message;
}

TEST(Unevaluated, members_are_those_that_nobody_looked_at) {
    const char *schema = R"({"properties":{"a":true},"patternProperties":{"^p":true},)"
                         R"("allOf":[{"properties":{"b":true}}],"unevaluatedProperties":false})";
    EXPECT_EQ(violation(schema, R"({"a":1,"b":2,"pq":3})"), "");
    EXPECT_EQ(violation(schema, R"({"a":1,"c":2})"), "/c: unknown member \"c\"");
    EXPECT_EQ(violation(schema, "[1]"), "");
    EXPECT_EQ(
        violation(R"({"additionalProperties":true,"unevaluatedProperties":false})", R"({"a":1})"),
        "");
    EXPECT_EQ(violation(R"({"unevaluatedProperties":{"type":"null"}})", R"({"a":null,"b":1})"),
              "/b: expected null, found integer");
}

TEST(Unevaluated, what_an_alternative_looked_at_counts_if_it_accepts) {
    const char *any = R"({"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},)"
                      R"({"properties":{"b":true},"required":["b"]},)"
                      R"({"properties":{"c":{"const":2}}}],"unevaluatedProperties":false})";
    EXPECT_EQ(violation(any, R"({"a":1,"b":1})"), "");
    EXPECT_EQ(violation(any, R"({"a":2,"b":1})"), "/a: unknown member \"a\"");
    EXPECT_EQ(violation(any, R"({"a":1,"c":3})"), "/c: unknown member \"c\"");
    const char *branch = R"({"if":{"properties":{"k":{"const":1}},"required":["k"]},)"
                         R"("then":{"properties":{"x":true}},"else":{"properties":{"y":true}},)"
                         R"("unevaluatedProperties":false})";
    EXPECT_EQ(violation(branch, R"({"k":1,"x":1})"), "");
    EXPECT_EQ(violation(branch, R"({"k":2,"y":1})"), "/k: unknown member \"k\"");
    EXPECT_EQ(
        violation(R"({"not":{"not":{"properties":{"a":true}}},"unevaluatedProperties":false})",
                  R"({"a":1})"),
        "/a: unknown member \"a\"");
}

TEST(Unevaluated, elements_are_those_that_nobody_looked_at) {
    const char *schema = R"({"prefixItems":[true],"contains":{"type":"string"},)"
                         R"("unevaluatedItems":{"type":"null"}})";
    EXPECT_EQ(violation(schema, R"([1,"a",null])"), "");
    EXPECT_EQ(violation(schema, R"([1,"a",2])"), "/2: expected null, found integer");
    EXPECT_EQ(violation(R"({"allOf":[{"items":true}],"unevaluatedItems":false})", "[1,2]"), "");
    EXPECT_EQ(violation(R"({"unevaluatedItems":false})", "[1]"), "/0: no value is allowed here");
}

TEST(Unevaluated, each_value_and_each_schema_has_its_own_parts) {
    // A cousin's members are not one's own, and a nested word speaks for itself first.
    EXPECT_EQ(violation(R"({"allOf":[{"properties":{"a":true}},{"unevaluatedProperties":false}]})",
                        R"({"a":1})"),
              "/a: unknown member \"a\"");
    EXPECT_EQ(
        violation(R"({"allOf":[{"unevaluatedProperties":true}],"unevaluatedProperties":false})",
                  R"({"a":1})"),
        "");
    EXPECT_EQ(violation(R"({"properties":{"a":{"properties":{"b":true}}},)"
                        R"("unevaluatedProperties":false})",
                        R"({"a":{"b":1},"b":1})"),
              "/b: unknown member \"b\"");
    EXPECT_EQ(violation(R"({"$ref":"#/$defs/x","unevaluatedProperties":false,)"
                        R"("$defs":{"x":{"properties":{"a":true}}}})",
                        R"({"a":1})"),
              "");
}

TEST(Unevaluated, what_depends_on_a_member_is_looked_at_only_beside_it) {
    const char *schema = R"({"dependentSchemas":{"a":{"properties":{"a":true,"b":{"const":1}}}},)"
                         R"("unevaluatedProperties":false})";
    EXPECT_EQ(violation(schema, R"({"a":0,"b":1})"), "");
    EXPECT_EQ(violation(schema, R"({"a":0,"b":2})"), "/b: must be 1");
    EXPECT_EQ(violation(schema, R"({"b":1})"), "/b: unknown member \"b\"");
    EXPECT_EQ(violation(schema, "7"), "");
}

TEST(Unevaluated, a_wide_value_and_many_alternatives_end_in_time) {
    std::string schema = R"({"unevaluatedProperties":false,"anyOf":[{"additionalProperties":true})";
    for (int i = 0; i < 500; ++i) schema += R"(,{"additionalProperties":true})";
    std::string object = R"({"m":1)";
    for (int i = 0; i < 20000; ++i) object += ",\"m" + std::to_string(i) + "\":1";
    EXPECT_EQ(violation(schema + "]}", object + "}"),
              ": more than 10000000 steps are needed to check the value");
}

TEST(SchemaPattern, is_found_in_texts_and_names) {
    EXPECT_EQ(violation(R"({"pattern":"^a+$"})", R"("aaa")"), "");
    EXPECT_EQ(violation(R"({"pattern":"^a+$"})", R"("ab")"),
              R"(: does not match the pattern "^a+$")");
    EXPECT_EQ(violation(R"({"pattern":"^a+$"})", "7"), "");
    const char *schema = R"({"properties":{"ab":{"minimum":1}},"patternProperties":)"
                         R"({"^a":{"maximum":3},"b$":{"type":"integer"}},)"
                         R"("additionalProperties":false})";
    EXPECT_EQ(violation(schema, R"({"ab":2,"ac":1.5,"cb":9})"), "");
    EXPECT_EQ(violation(schema, R"({"ab":0})"), "/ab: 0 is less than the minimum of 1");
    EXPECT_EQ(violation(schema, R"({"ab":4})"), "/ab: 4 is more than the maximum of 3");
    EXPECT_EQ(violation(schema, R"({"ab":1.5})"), "/ab: expected integer, found number");
    EXPECT_EQ(violation(schema, R"({"c":1})"), "/c: unknown member \"c\"");
}

TEST(SchemaPattern, costs_steps_by_its_size_and_the_texts) {
    const std::string text(600'000, 'a');
    const std::string small = R"({"pattern":"c"})";
    EXPECT_EQ(violation(small, "\"" + text + "\""), R"(: does not match the pattern "c")");
    const std::string large = R"({"not":{"pattern":"(?:a|b)*a(?:a|b){300}c"}})";
    EXPECT_EQ(violation(large, "\"" + text.substr(0, 1000) + "\""), "");
    const auto limit = ": more than 10000000 steps are needed to check the value";
    EXPECT_EQ(violation(large, "\"" + text + "\""), limit);
    const std::string names = R"({"not":{"patternProperties":{"(?:a|b)*a(?:a|b){300}c":false}}})";
    EXPECT_EQ(violation(names, "{\"" + text + "\":1}"), limit);
}

TEST(SchemaFormatKeyword, is_an_assertion) {
    EXPECT_EQ(violation(R"({"format":"ipv4"})", R"("1.2.3.4")"), "");
    EXPECT_EQ(violation(R"({"format":"ipv4"})", R"("1.2.3")"), ": is not of the format \"ipv4\"");
    EXPECT_EQ(violation(R"({"format":"ipv4"})", "7"), "");
}

TEST(SchemaReference, finds_anchors_and_the_documents_own_name) {
    const char *schema = R"({"$id":"https://example.com/a","items":{"$ref":"#n"},)"
                         R"("contains":{"$ref":"https://example.com/a#/$defs/m"},)"
                         R"("$defs":{"n":{"$anchor":"n","type":"integer"},"m":{"const":1}}})";
    EXPECT_EQ(violation(schema, "[1,2]"), "");
    EXPECT_EQ(violation(schema, R"([1,"a"])"), "/1: expected integer, found string");
    EXPECT_NE(violation(schema, "[2]"), "");
}

}  // namespace
}  // namespace skillet
