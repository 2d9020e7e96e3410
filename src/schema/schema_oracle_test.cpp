// SPDX-License-Identifier: Apache-2.0
// Every schema below, applied to every instance below, must be judged as an independent validator
// judges it. (That one is no part of the library: it compares unique elements pairwise, keeps a
// record per violation inside alternatives, and its time has no bound.)
#include "schema/schema.h"

#include <string>

#include <gtest/gtest.h>
#include <jsoncons/json.hpp>

// GCC 12 with sanitizers takes a member of std::regex's states for uninitialized.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <jsoncons_ext/jsonschema/jsonschema.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "json/parse.h"

namespace skillet {
namespace {

constexpr const char *schemas[] = {
    "true",
    "false",
    "{}",
    R"({"type":"null"})",
    R"({"type":"boolean"})",
    R"({"type":"integer"})",
    R"({"type":"number"})",
    R"({"type":"string"})",
    R"({"type":"array"})",
    R"({"type":"object"})",
    R"({"type":["integer","string","null"]})",
    R"({"enum":[1,"a",null,[1,2],{"a":1}]})",
    R"({"const":1})",
    R"({"const":{"a":1,"b":[2]}})",
    R"({"const":[]})",
    R"({"minimum":1})",
    R"({"maximum":1})",
    R"({"exclusiveMinimum":1,"exclusiveMaximum":5.5})",
    R"({"multipleOf":2})",
    R"({"multipleOf":0.5})",
    R"({"minLength":2})",
    R"({"maxLength":1})",
    R"({"minItems":2})",
    R"({"maxItems":1})",
    R"({"uniqueItems":true})",
    R"({"items":{"type":"integer"}})",
    R"({"prefixItems":[{"type":"integer"},{"type":"string"}]})",
    R"({"prefixItems":[{"type":"integer"}],"items":{"type":"string"}})",
    R"({"prefixItems":[true,true],"items":false})",
    R"({"contains":{"type":"integer"}})",
    R"({"contains":{"type":"integer"},"minContains":2})",
    R"({"contains":{"type":"integer"},"minContains":0,"maxContains":1})",
    R"({"properties":{"a":{"type":"integer"},"b":false}})",
    R"({"required":["a"]})",
    R"({"required":["a","b"],"properties":{"a":true}})",
    R"({"properties":{"a":{}},"additionalProperties":false})",
    R"({"properties":{"a":{}},"additionalProperties":{"type":"array"}})",
    R"({"additionalProperties":{"type":"integer"}})",
    R"({"minProperties":1,"maxProperties":1})",
    R"({"propertyNames":{"maxLength":1}})",
    R"({"propertyNames":false})",
    R"({"dependentRequired":{"a":["b"]}})",
    R"({"allOf":[{"type":"integer"},{"minimum":2}]})",
    R"({"anyOf":[{"type":"string"},{"minimum":2},{"required":["b"]}]})",
    R"({"oneOf":[{"type":"integer"},{"minimum":2}]})",
    R"({"not":{"type":["string","array"]}})",
    R"({"not":{}})",
    R"({"if":{"type":"integer"},"then":{"minimum":2},"else":{"type":["string","object"]}})",
    R"({"if":{"required":["a"]},"then":{"required":["b"]}})",
    R"({"$ref":"#/$defs/x","$defs":{"x":{"type":["object","array"]}}})",
    R"({"$ref":"#/$defs/x","maxProperties":1,"$defs":{"x":{"type":"object"}}})",
    R"({"type":["array","integer"],"items":{"$ref":"#"}})",
    R"({"type":"object","additionalProperties":{"anyOf":[{"type":"integer"},{"$ref":"#"}]}})",
    R"({"anyOf":[{"oneOf":[{"type":"null"},{"const":1}]},{"not":{"minLength":1}}]})",
};

constexpr const char *instances[] = {
    "null",
    "true",
    "false",
    "0",
    "1",
    "1.0",
    "2",
    "4",
    "5.5",
    "-3",
    "0.25",
    "1e3",
    "2.5",
    R"("")",
    R"("a")",
    R"("ab")",
    R"("é")",
    R"("\ud83d\ude00")",
    R"("\ud83d\ude00x")",
    "[]",
    "[1]",
    "[1,2]",
    "[1,1]",
    "[1,1.0]",
    R"([1,"a"])",
    R"(["a",1])",
    R"([1,"a","b"])",
    R"([1,"a",2])",
    "[[1,2],[1,2]]",
    "[[1],[[2]]]",
    R"([{"a":1,"b":2},{"b":2,"a":1}])",
    "[null,false,0]",
    "{}",
    R"({"a":1})",
    R"({"a":"x"})",
    R"({"b":1})",
    R"({"a":1,"b":[2]})",
    R"({"b":[2],"a":1})",
    R"({"long":1})",
    R"({"a":{"b":{"c":1}}})",
    R"({"a":{"b":"x"}})",
    R"({"c":[]})",
};

TEST(SchemaOracle, judges_as_an_independent_validator_does) {
    for (const char *text : schemas) {
        const auto ours = Schema::compile(*json::parse(text, SKL_E_INTERNAL, "schema"), "");
        ASSERT_TRUE(ours) << text;
        const auto theirs = jsoncons::jsonschema::make_json_schema(jsoncons::json::parse(text));
        for (const char *instance : instances) {
            const auto value = json::parse(instance, SKL_E_INTERNAL, "instance");
            ASSERT_TRUE(value) << instance;
            EXPECT_EQ(ours->validate(*value, SKL_E_INPUT_SCHEMA).has_value(),
                      theirs.is_valid(jsoncons::json::parse(instance)))
                << text << " on " << instance;
        }
    }
}

}  // namespace
}  // namespace skillet
