// SPDX-License-Identifier: Apache-2.0
// Which schemas are refused when they are compiled, and with which pointer.
#include "schema/schema.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "json/parse.h"

namespace skillet {
namespace {

// "" if accepted, otherwise "POINTER: MESSAGE".
std::string refusal(std::string_view text, std::string_view pointer = "") {
    const auto document = json::parse(text, SKL_E_INPUT_SYNTAX, "test", {.depth_max = 512});
    if (!document) return "not JSON: " + document.error().message;
    const auto schema = Schema::compile(*document, pointer);
    if (schema) return "";
    EXPECT_EQ(schema.error().code, SKL_E_SCHEMA_REFUSED);
    return schema.error().subject + ": " + schema.error().message;
}

std::string one_keyword(std::string_view keyword, std::string_view value) {
    return std::string("{\"").append(keyword).append("\":").append(value).append("}");
}

TEST(SchemaRefusal, refuses_every_keyword_that_is_not_enforced) {
    for (const char *keyword :
         {"$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary",
          "contentEncoding", "contentMediaType", "contentSchema", "dependencies", "definitions",
          "additionalItems", "id", "x-unknown", "Type", ""}) {
        for (const char *value : {"{}", "\"x\"", "true"}) {
            EXPECT_EQ(refusal(one_keyword(keyword, value)),
                      std::string("/") + keyword + ": keyword \"" + keyword + "\" is not enforced");
        }
    }
}

TEST(SchemaRefusal, names_the_keyword_below_the_given_pointer) {
    EXPECT_EQ(refusal(R"({"properties":{"a/b":{"items":[true]}}})", "/contract/input"),
              "/contract/input/properties/a~1b/items: "
              "a schema must be an object or a boolean, found array");
    EXPECT_EQ(refusal(R"({"allOf":[true,{"format":"idn-email"}]})"),
              "/allOf/1/format: the format \"idn-email\" is not checked");
    EXPECT_EQ(refusal(R"({"$defs":{"unused":{"pattern":"(?=x)y"
}
}
})"),
              "/$defs/unused/pattern: the pattern looks ahead or behind, which is not supported");
    EXPECT_EQ(refusal(R"({"items":{"patternProperties":{"a/b":true,"(":true}}})"),
              "/items/patternProperties/(: "
              "no regular expression of ECMA-262: a parenthesis is not closed");
}

TEST(SchemaRefusal, accepts_annotations_of_the_right_type) {
    EXPECT_EQ(refusal(R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)"
                      R"("$comment":"c","title":"t","description":"d","default":{"pattern":1},)"
                      R"("examples":[1,"x"],"deprecated":false,"readOnly":true,"writeOnly":false,)"
                      R"("x-skillet-class":"personal"})"),
              "");
    EXPECT_EQ(refusal(R"({"title":1})"), "/title: \"title\" must be of type string");
    EXPECT_EQ(refusal(R"({"examples":{}})"), "/examples: \"examples\" must be of type array");
    EXPECT_EQ(refusal(R"({"readOnly":"yes"})"), "/readOnly: \"readOnly\" must be of type boolean");
    EXPECT_EQ(refusal(R"({"x-skillet-class":true})"),
              "/x-skillet-class: \"x-skillet-class\" must be of type string");
}

TEST(SchemaRefusal, accepts_one_dialect_at_the_top_only) {
    const std::string message =
        ": \"$schema\" must be \"https://json-schema.org/draft/2020-12/schema\" "
        "and stand at the top";
    EXPECT_EQ(refusal(R"({"$schema":"https://example.com/schema"})"), "/$schema" + message);
    EXPECT_EQ(refusal(R"({"$schema":1})"), "/$schema" + message);
    EXPECT_EQ(refusal(R"({"items":{"$schema":"https://json-schema.org/draft/2020-12/schema"}})"),
              "/items/$schema" + message);
}

TEST(SchemaRefusal, names_the_dialect_that_a_schema_is_written_for) {
    const std::pair<const char *, const char *> dialects[] = {
        {"http://json-schema.org/draft-04/schema#", "draft 4"},
        {"http://json-schema.org/draft-06/schema#", "draft 6"},
        {"http://json-schema.org/draft-07/schema", "draft 7"},
        {"https://json-schema.org/draft/2019-09/schema", "draft 2019-09"},
    };
    for (const auto &[uri, name] : dialects) {
        EXPECT_EQ(refusal(one_keyword("$schema", std::string("\"") + uri + "\"")),
                  std::string("/$schema: the schema is written for ") + name +
                      ", which is not supported");
    }
}

TEST(SchemaRefusal, refuses_names_of_the_document_that_lead_elsewhere) {
    EXPECT_EQ(refusal(R"({"$id":"https://example.com/a"})"), "");
    EXPECT_EQ(refusal(R"({"$id":"a"})"),
              "/$id: \"$id\" must be an absolute URI without a fragment");
    EXPECT_NE(refusal(R"({"$id":"https://example.com/a#b"})"), "");
    EXPECT_EQ(refusal(R"({"items":{"$id":"https://example.com/a"}})"),
              "/items/$id: \"$id\" must stand at the top");
    EXPECT_EQ(refusal(R"({"$id":"https://example.com/a","$ref":"https://example.com/b#/$defs/x"})"),
              "/$ref: \"$ref\" leaves the document");
    EXPECT_EQ(refusal(R"({"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}})"),
              "/$defs/b/$anchor: another subschema has this anchor");
    for (const char *anchor : {"", "1a", "a b", "a/b", "é", "#a"}) {
        EXPECT_NE(refusal(one_keyword("$anchor", std::string("\"") + anchor + "\"")), "");
    }
}

TEST(SchemaRefusal, refuses_patterns_that_are_too_large_together) {
    std::string schema = R"({"patternProperties":{)";
    for (int i = 0; i < 65; ++i) {
        schema += (i > 0 ? ",\"a" : "\"a") + std::to_string(i) + "\":true";
    }
    EXPECT_EQ(refusal(schema + "}}"),
              "/patternProperties/a64: the document's patterns need more "
              "than 16777216 bytes");
    // The same one costs once.
    std::string same = R"({"allOf":[{"pattern":"a"})";
    for (int i = 0; i < 900; ++i) same += R"(,{"pattern":"a"})";
    EXPECT_EQ(refusal(same + "]}"), "");
}

TEST(SchemaRefusal, refuses_pointers_that_would_fill_the_memory) {
    const std::string name(5000, 'n');
    const auto refused = refusal(R"({"$defs":{")" + name + R"(":{"allOf":[true,true]}}})");
    EXPECT_TRUE(refused.ends_with(": a pointer of more than 4096 bytes")) << refused;
}

TEST(SchemaRefusal, refuses_values_of_the_wrong_type) {
    const std::pair<const char *, const char *> cases[] = {
        {"type", "1"},
        {"type", "[]"},
        {"type", "\"float\""},
        {"type", "[\"null\",\"null\"]"},
        {"type", "[1]"},
        {"enum", "[]"},
        {"enum", "\"x\""},
        {"required", "\"x\""},
        {"required", "[1]"},
        {"required", "[\"a\",\"a\"]"},
        {"properties", "[]"},
        {"properties", "{\"a\":1}"},
        {"$defs", "true"},
        {"dependentRequired", "[]"},
        {"dependentRequired", "{\"a\":\"b\"}"},
        {"uniqueItems", "1"},
        {"minLength", "-1"},
        {"minLength", "1.5"},
        {"minLength", "\"1\""},
        {"maxLength", "1e300"},
        {"maxItems", "null"},
        {"minProperties", "-2.0"},
        {"minimum", "\"0\""},
        {"maximum", "null"},
        {"multipleOf", "0"},
        {"multipleOf", "-1"},
        {"multipleOf", "0.0"},
        {"exclusiveMinimum", "true"},
        {"allOf", "[]"},
        {"anyOf", "{}"},
        {"oneOf", "[1]"},
        {"prefixItems", "{}"},
        {"not", "[]"},
        {"items", "null"},
        {"contains", "\"x\""},
        {"propertyNames", "1"},
        {"additionalProperties", "0"},
        {"$ref", "1"},
        {"pattern", "1"},
        {"pattern", "\"[\""},
        {"patternProperties", "[]"},
        {"patternProperties", "{\"a\":1}"},
        {"format", "1"},
        {"format", "\"\""},
        {"dependentSchemas", "true"},
        {"dependentSchemas", "{\"a\":[]}"},
        {"unevaluatedItems", "[]"},
        {"unevaluatedProperties", "1"},
        {"$anchor", "1"},
        {"$id", "1"},
    };
    for (const auto &[keyword, value] : cases) {
        const auto refused = refusal(one_keyword(keyword, value));
        EXPECT_TRUE(refused.starts_with(std::string("/") + keyword)) << keyword << " " << value;
    }
}

TEST(SchemaRefusal, accepts_counts_written_as_reals) {
    EXPECT_EQ(refusal(R"({"minLength":2.0,"maxItems":0})"), "");
}

TEST(SchemaRefusal, refuses_documents_that_are_no_schema) {
    EXPECT_EQ(refusal("1", "/contract/output"),
              "/contract/output: a schema must be an object or a boolean, found integer");
    EXPECT_EQ(refusal("null"), ": a schema must be an object or a boolean, found null");
}

TEST(SchemaRefusal, refuses_keywords_that_check_nothing_alone) {
    EXPECT_EQ(refusal(R"({"minContains":1})"),
              "/minContains: \"minContains\" checks nothing without \"contains\"");
    EXPECT_EQ(refusal(R"({"then":{}})"), "/then: \"then\" checks nothing without \"if\"");
    EXPECT_EQ(refusal(R"({"else":{}})"), "/else: \"else\" checks nothing without \"if\"");
    EXPECT_EQ(refusal(R"({"if":{}})"), "/if: \"if\" checks nothing without \"then\" or \"else\"");
    EXPECT_EQ(refusal(R"({"then":{},"if":{}})"), "");
}

TEST(SchemaRefusal, refuses_references_that_leave_the_document) {
    for (const char *uri : {"https://example.com/schema", "other.json#/x", "", "/$defs/a"}) {
        EXPECT_EQ(refusal(one_keyword("$ref", std::string("\"") + uri + "\"")),
                  "/$ref: \"$ref\" leaves the document");
    }
}

TEST(SchemaRefusal, refuses_references_to_what_is_no_schema) {
    EXPECT_EQ(refusal(R"({"$ref":"#/$defs/none"})"),
              "/$ref: \"$ref\" names no schema in this document: \"#/$defs/none\"");
    for (const char *target : {"#anchor", "#/", "#/$defs", "#/const/items", "#/required/0",
                               "#/$defs/a/default", "#/$defs/a~2"}) {
        const auto schema = std::string(R"({"$ref":")") + target +
                            R"(","const":{"items":{}},"required":["x"],)"
                            R"("$defs":{"a":{"default":{}}}})";
        EXPECT_TRUE(refusal(schema).starts_with("/$ref: ")) << target;
    }
    EXPECT_EQ(refusal(R"({"$ref":"#/%4"})"), "/$ref: \"$ref\" has a malformed percent escape");
    EXPECT_EQ(refusal(R"({"$ref":"#/%zz"})"), "/$ref: \"$ref\" has a malformed percent escape");
}

TEST(SchemaRefusal, refuses_references_that_never_reach_the_content) {
    const char *loop = ": \"$ref\" leads to a loop without end";
    EXPECT_EQ(refusal(R"({"$ref":"#"})"), std::string("/$ref") + loop);
    EXPECT_EQ(refusal(R"({"allOf":[{"not":{"$ref":"#"}}]})"),
              std::string("/allOf/0/not/$ref") + loop);
    EXPECT_NE(
        refusal(R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}})"),
        "");
    EXPECT_NE(refusal(R"({"if":{"$ref":"#"},"then":true})"), "");
    EXPECT_EQ(refusal(R"({"items":{"$ref":"#"},"contains":{"$ref":"#"},)"
                      R"("properties":{"a":{"$ref":"#"}},"additionalProperties":{"$ref":"#"}})"),
              "");
    EXPECT_EQ(refusal(R"({"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"}],"$defs":{"a":{}}})"),
              "");
}

TEST(SchemaRefusal, accepts_recursion_through_the_names_of_members) {
    // The names of members are strings and have no members: propertyNames consumes its input.
    EXPECT_EQ(refusal(R"({"propertyNames":{"$ref":"#"}})"), "");
}

TEST(SchemaRefusal, refuses_more_nesting_than_the_limit) {
    const auto nested = [](int depth) {
        std::string text;
        for (int i = 1; i < depth; ++i) text += "{\"not\":";
        return text + "true" + std::string(static_cast<size_t>(depth - 1), '}');
    };
    EXPECT_EQ(refusal(nested(32)), "");
    EXPECT_TRUE(refusal(nested(33)).ends_with("/not: subschemas are nested deeper than 32"));
}

TEST(SchemaRefusal, refuses_more_subschemas_than_the_limit) {
    const auto wide = [](int count) {
        std::string text = R"({"allOf":[true)";
        for (int i = 2; i < count; ++i) text += ",true";
        return text + "]}";
    };
    EXPECT_EQ(refusal(wide(1024)), "");
    EXPECT_EQ(refusal(wide(1025)), "/allOf/1023: more than 1024 subschemas");
}

}  // namespace
}  // namespace skillet
