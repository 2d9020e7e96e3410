// SPDX-License-Identifier: Apache-2.0
// What a compiled schema accepts, and what it says about the rest.
#include "schema/schema.h"

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "json/parse.h"

namespace skillet {
namespace {

json::Value parsed(std::string_view text) {
    auto value = json::parse(text, SKL_E_INPUT_SYNTAX, "test", {.depth_max = 512});
    EXPECT_TRUE(value) << text;
    return value ? *value : json::Value();
}

Schema compiled(std::string_view text) {
    auto schema = Schema::compile(parsed(text), "");
    EXPECT_TRUE(schema) << schema.error().subject << ": " << schema.error().message;
    return std::move(*schema);
}

// "" if accepted, otherwise "POINTER: MESSAGE".
std::string violation(const Schema &schema, std::string_view instance) {
    const auto result = schema.validate(parsed(instance), SKL_E_INPUT_SCHEMA);
    if (result) return "";
    EXPECT_EQ(result.error().code, SKL_E_INPUT_SCHEMA);
    return result.error().subject + ": " + result.error().message;
}

std::string violation(std::string_view schema, std::string_view instance) {
    return violation(compiled(schema), instance);
}

TEST(Schema, accepts_everything_or_nothing_as_a_boolean) {
    EXPECT_EQ(violation("true", "[1]"), "");
    EXPECT_EQ(violation("{}", "null"), "");
    EXPECT_EQ(violation("false", "1"), ": no value is allowed here");
}

TEST(Schema, checks_types) {
    EXPECT_EQ(violation(R"({"type":"string"})", R"("x")"), "");
    EXPECT_EQ(violation(R"({"type":"string"})", "7"), ": expected string, found integer");
    EXPECT_EQ(violation(R"({"type":["null","number"]})", R"("x")"),
              ": expected null or number, found string");
    EXPECT_EQ(violation(R"({"type":"number"})", "7"), "");
}

TEST(Schema, counts_a_real_without_fraction_as_an_integer) {
    EXPECT_EQ(violation(R"({"type":"integer"})", "1.0"), "");
    EXPECT_EQ(violation(R"({"type":"integer"})", "1e300"), "");
    EXPECT_EQ(violation(R"({"type":"integer"})", "1.5"), ": expected integer, found number");
}

TEST(Schema, checks_enum_and_const_by_value) {
    const char *schema = R"({"enum":["ham","spam",1,{"a":[1,2.0],"b":null}]})";
    EXPECT_EQ(violation(schema, R"("spam")"), "");
    EXPECT_EQ(violation(schema, "1.0"), "");
    EXPECT_EQ(violation(schema, R"({"b":null,"a":[1.0,2]})"), "");
    EXPECT_EQ(violation(schema, R"("eggs")"),
              R"(: must be one of "ham", "spam", 1, {"a":[1,2],"b":null})");
    EXPECT_EQ(violation(R"({"const":"x"})", R"("y")"), R"(: must be "x")");
    EXPECT_EQ(violation(R"({"const":false})", "0"), ": must be false");
    EXPECT_EQ(violation(R"({"enum":[1,2],"const":2})", "2"), "");
    EXPECT_EQ(violation(R"({"enum":[1,2],"const":2})", "1"), ": must be 2");
}

TEST(Schema, tells_large_integers_from_the_reals_beside_them) {
    EXPECT_EQ(violation(R"({"const":1152921504606846976})", "1152921504606846976.0"), "");
    EXPECT_NE(violation(R"({"const":9007199254740993})", "9007199254740992.0"), "");
    EXPECT_EQ(violation(R"({"minimum":9007199254740993})", "9007199254740992.0"),
              ": 9007199254740992 is less than the minimum of 9007199254740993");
}

TEST(Schema, checks_bounds_of_numbers) {
    const char *schema = R"({"minimum":0,"maximum":1.5})";
    EXPECT_EQ(violation(schema, "0"), "");
    EXPECT_EQ(violation(schema, "1.5"), "");
    EXPECT_EQ(violation(schema, "-1"), ": -1 is less than the minimum of 0");
    EXPECT_EQ(violation(schema, "2"), ": 2 is more than the maximum of 1.5");
    EXPECT_EQ(violation(schema, R"("no number")"), "");
    EXPECT_EQ(violation(R"({"exclusiveMinimum":0})", "0"), ": 0 is not more than 0");
    EXPECT_EQ(violation(R"({"exclusiveMaximum":1})", "1.0"), ": 1 is not less than 1");
}

TEST(Schema, checks_multiples_in_decimal) {
    EXPECT_EQ(violation(R"({"multipleOf":0.1})", "0.3"), "");
    EXPECT_EQ(violation(R"({"multipleOf":0.01})", "4.35"), "");
    EXPECT_EQ(violation(R"({"multipleOf":5})", "7"), ": 7 is not a multiple of 5");
}

TEST(Schema, counts_characters_and_not_bytes) {
    EXPECT_EQ(violation(R"({"minLength":2,"maxLength":2})", R"("éé")"), "");
    EXPECT_EQ(violation(R"({"maxLength":1})", R"("\ud83d\ude00")"), "");
    EXPECT_EQ(violation(R"({"minLength":2})", R"("é")"),
              ": 1 character, fewer than the minimum of 2");
    EXPECT_EQ(violation(R"({"maxLength":1})", R"("ab")"),
              ": 2 characters, more than the maximum of 1");
}

TEST(Schema, checks_elements_by_position_and_rest) {
    const char *schema = R"({"prefixItems":[{"type":"string"},{"type":"integer"}],)"
                         R"("items":{"type":"boolean"}})";
    EXPECT_EQ(violation(schema, R"(["a",1,true,false])"), "");
    EXPECT_EQ(violation(schema, R"(["a"])"), "");
    EXPECT_EQ(violation(schema, R"([1])"), "/0: expected string, found integer");
    EXPECT_EQ(violation(schema, R"(["a","b"])"), "/1: expected integer, found string");
    EXPECT_EQ(violation(schema, R"(["a",1,true,2])"), "/3: expected boolean, found integer");
    EXPECT_EQ(violation(R"({"prefixItems":[true],"items":false})", "[1,2]"),
              "/1: no value is allowed here");
}

TEST(Schema, counts_elements) {
    EXPECT_EQ(violation(R"({"minItems":1})", "[]"), ": 0 elements, fewer than the minimum of 1");
    EXPECT_EQ(violation(R"({"maxItems":1})", "[1,2]"), ": 2 elements, more than the maximum of 1");
}

TEST(Schema, finds_equal_elements) {
    EXPECT_EQ(violation(R"({"uniqueItems":true})", R"([1,"1",true,[1],{"a":1},null])"), "");
    EXPECT_EQ(violation(R"({"uniqueItems":true})", R"([1,2,1.0])"), ": elements 0 and 2 are equal");
    EXPECT_EQ(violation(R"({"uniqueItems":true})", R"([{"a":1,"b":2},3,{"b":2,"a":1}])"),
              ": elements 0 and 2 are equal");
    EXPECT_EQ(violation(R"({"uniqueItems":false})", "[1,1]"), "");
}

TEST(Schema, compares_many_elements_in_little_time) {
    std::string array = "[0";
    for (int i = 1; i < 200000; ++i) array += "," + std::to_string(i);
    const Schema schema = compiled(R"({"uniqueItems":true})");
    EXPECT_EQ(violation(schema, array + "]"), "");
    EXPECT_EQ(violation(schema, array + ",77]"), ": elements 77 and 200000 are equal");
}

TEST(Schema, counts_the_elements_that_contains_matches) {
    const char *schema = R"({"contains":{"type":"string"},"minContains":2,"maxContains":3})";
    EXPECT_EQ(violation(schema, R"(["a",1,"b"])"), "");
    EXPECT_EQ(violation(schema, R"(["a",1])"), ": 1 matching element, fewer than the minimum of 2");
    EXPECT_EQ(violation(schema, R"(["a","b","c","d"])"),
              ": 4 matching elements, more than the maximum of 3");
    EXPECT_EQ(violation(R"({"contains":{"const":1}})", "[]"),
              ": 0 matching elements, fewer than the minimum of 1");
    EXPECT_EQ(violation(R"({"contains":{"const":1},"minContains":0})", "[]"), "");
}

TEST(Schema, names_missing_and_unknown_members) {
    const char *schema = R"({"properties":{"body":{"type":"string"}},"required":["body"],)"
                         R"("additionalProperties":false})";
    EXPECT_EQ(violation(schema, R"({"body":"x"})"), "");
    EXPECT_EQ(violation(schema, "{}"), R"(: missing member "body")");
    EXPECT_EQ(violation(schema, R"({"body":"x","a/b":1})"), R"(/a~1b: unknown member "a/b")");
    EXPECT_EQ(violation(schema, R"({"body":1})"), "/body: expected string, found integer");
}

TEST(Schema, checks_additional_members_and_names) {
    EXPECT_EQ(violation(R"({"properties":{"a":true},"additionalProperties":{"type":"null"}})",
                        R"({"a":1,"b":2})"),
              "/b: expected null, found integer");
    EXPECT_EQ(violation(R"({"propertyNames":{"maxLength":2}})", R"({"ab":1,"abc":1})"),
              R"(/abc: the name "abc" is not allowed)");
}

TEST(Schema, counts_members) {
    EXPECT_EQ(violation(R"({"minProperties":1})", "{}"),
              ": 0 members, fewer than the minimum of 1");
    EXPECT_EQ(violation(R"({"maxProperties":1})", R"({"a":1,"b":2})"),
              ": 2 members, more than the maximum of 1");
}

TEST(Schema, checks_members_that_require_others) {
    const char *schema = R"({"dependentRequired":{"card":["address","name"]}})";
    EXPECT_EQ(violation(schema, R"({"name":1})"), "");
    EXPECT_EQ(violation(schema, R"({"card":1,"name":2,"address":3})"), "");
    EXPECT_EQ(violation(schema, R"({"card":1,"name":2})"),
              R"(: missing member "address", required by "card")");
}

TEST(Schema, combines_subschemas) {
    EXPECT_EQ(violation(R"({"allOf":[{"minimum":1},{"maximum":2}]})", "3"),
              ": 3 is more than the maximum of 2");
    EXPECT_EQ(violation(R"({"anyOf":[{"type":"string"},{"minimum":1}]})", "1"), "");
    EXPECT_EQ(violation(R"({"anyOf":[{"type":"string"},{"minimum":1}]})", "0"),
              ": matches none of the schema's 2 alternatives");
    EXPECT_EQ(violation(R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "1"), "");
    EXPECT_EQ(violation(R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "2"),
              ": matches alternatives 0 and 1, must match exactly one");
    EXPECT_EQ(violation(R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "0"),
              ": matches none of the schema's 2 alternatives");
    EXPECT_EQ(violation(R"({"not":{"type":"null"}})", "null"),
              ": matches a schema that it must not match");
}

TEST(Schema, chooses_a_branch_by_its_condition) {
    const char *schema = R"({"if":{"properties":{"kind":{"const":"a"}}},)"
                         R"("then":{"required":["x"]},"else":{"required":["y"]}})";
    EXPECT_EQ(violation(schema, R"({"kind":"a","x":1})"), "");
    EXPECT_EQ(violation(schema, R"({"kind":"a"})"), R"(: missing member "x")");
    EXPECT_EQ(violation(schema, R"({"kind":"b"})"), R"(: missing member "y")");
    EXPECT_EQ(violation(R"({"if":{"type":"null"},"then":false})", "1"), "");
}

TEST(Schema, follows_references_inside_the_document) {
    const char *tree = R"({"type":"object","required":["value"],"properties":)"
                       R"({"value":{"$ref":"#/$defs/value"},)"
                       R"("children":{"type":"array","items":{"$ref":"#"}}},)"
                       R"("$defs":{"value":{"type":"integer"}}})";
    EXPECT_EQ(violation(tree, R"({"value":1,"children":[{"value":2,"children":[]}]})"), "");
    EXPECT_EQ(violation(tree, R"({"value":1,"children":[{"value":2,"children":[{}]}]})"),
              R"(/children/0/children/0: missing member "value")");
    EXPECT_EQ(violation(tree, R"({"value":"x"})"), "/value: expected integer, found string");
}

TEST(Schema, checks_what_stands_beside_a_reference) {
    const char *schema = R"({"$defs":{"a":{"minimum":1}},"$ref":"#/$defs/a","maximum":2})";
    EXPECT_EQ(violation(schema, "2"), "");
    EXPECT_NE(violation(schema, "0"), "");
    EXPECT_NE(violation(schema, "3"), "");
}

TEST(Schema, resolves_escapes_in_references) {
    EXPECT_EQ(violation(R"({"$ref":"#/$defs/a~1b%20c","$defs":{"a/b c":{"type":"null"}}})", "1"),
              ": expected null, found integer");
}

TEST(Schema, reports_the_first_violation_in_the_order_of_the_instance) {
    const char *schema = R"({"additionalProperties":{"type":"string"}})";
    EXPECT_EQ(violation(schema, R"({"b":1,"a":2})"), "/b: expected string, found integer");
}

TEST(Schema, shows_at_most_200_bytes_of_the_instance_and_whole_characters) {
    std::string name(150, 'n');
    for (int i = 0; i < 200; ++i) name += "é";
    const auto text = R"({")" + name + R"(":1})";
    const Schema schema = compiled(R"({"additionalProperties":false})");
    const auto result = schema.validate(parsed(text), SKL_E_INPUT_SCHEMA);
    ASSERT_FALSE(result);
    EXPECT_LE(result.error().message.size(), 200 + std::string_view("unknown member \"\"").size());
    EXPECT_LE(result.error().subject.size(), 200u);
    EXPECT_TRUE(json::parse("\"" + result.error().subject + "\"", SKL_E_INTERNAL, "utf-8"));
    EXPECT_EQ(violation(R"({"maxLength":1})", "\"" + name + "\"").find("nnn"), std::string::npos);
}

TEST(Schema, stops_where_schema_and_instance_would_take_exponential_time) {
    const Schema schema = compiled(R"({"$ref":"#/$defs/n","$defs":{"n":{"allOf":[)"
                                   R"({"items":{"$ref":"#/$defs/n"}},)"
                                   R"({"items":{"$ref":"#/$defs/n"}}]}}})");
    EXPECT_EQ(violation(schema, "[[[[]]]]"), "");
    EXPECT_EQ(violation(schema, std::string(60, '[') + std::string(60, ']')),
              ": more than 10000000 steps are needed to check the value");
}

TEST(Schema, a_negation_cannot_turn_a_limit_into_an_acceptance) {
    const Schema schema = compiled(R"({"not":{"$ref":"#/$defs/n"},"$defs":{"n":{"anyOf":[)"
                                   R"({"items":{"$ref":"#/$defs/n"},"minItems":1},)"
                                   R"({"items":{"$ref":"#/$defs/n"},"minItems":1}]}}})");
    EXPECT_EQ(violation(schema, std::string(60, '[') + std::string(60, ']')),
              ": more than 10000000 steps are needed to check the value");
}

TEST(Schema, stops_where_subschemas_would_nest_without_bound) {
    std::string schema = R"({"$ref":"#/$defs/0","$defs":{)";
    for (int i = 0; i < 300; ++i) {
        schema +=
            "\"" + std::to_string(i) + R"(":{"$ref":"#/$defs/)" + std::to_string(i + 1) + "\"},";
    }
    const Schema chain = compiled(schema + R"("300":{"items":{"$ref":"#"}}}})");
    EXPECT_EQ(violation(chain, "[]"), "");
    EXPECT_EQ(violation(chain, "[[[]]]"),
              ": more than 512 subschemas are applied inside each other");
}

TEST(Schema, validates_from_several_threads_at_once) {
    const Schema schema =
        compiled(R"({"items":{"$ref":"#/$defs/a"},"uniqueItems":true,)"
                 R"("$defs":{"a":{"anyOf":[{"type":"integer"},{"const":"x"}]}}})");
    const json::Value good = parsed(R"([1,2,"x"])");
    const json::Value bad = parsed(R"([1,"y"])");
    std::vector<int> failures(4);
    std::vector<std::thread> threads;
    for (int &failed : failures) {
        threads.emplace_back([&schema, &good, &bad, &failed] {
            for (int i = 0; i < 1000; ++i) {
                if (!schema.validate(good, SKL_E_INPUT_SCHEMA)) ++failed;
                if (schema.validate(bad, SKL_E_INPUT_SCHEMA)) ++failed;
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(failures, std::vector<int>(4));
}

TEST(Schema, stays_usable_when_moved) {
    Schema first = compiled(R"({"type":"null"})");
    Schema second = std::move(first);
    EXPECT_EQ(violation(second, "null"), "");
    first = compiled("true");
    second = std::move(first);
    EXPECT_EQ(violation(second, "1"), "");
}

}  // namespace
}  // namespace skillet
