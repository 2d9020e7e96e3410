// SPDX-License-Identifier: Apache-2.0
// A proven inclusion must hold. What cannot be proven is no failure, but what authors do every day
// should be proven.
#include "schema/inclusion.h"

#include <random>

#include <gtest/gtest.h>

#include "json/write.h"
#include "schema/compiler.h"
#include "schema/evaluation.h"
#include "testing/document_edit.h"
#include "testing/made.h"

namespace skillet::schema {
namespace {

using json::Value;
using testing::json_of;
using testing::made;

bool includes(const char *wide, const char *narrow) {
    return provably_includes(made(compile(json_of(wide), "")), made(compile(json_of(narrow), "")));
}

struct Widening {
    const char *narrow;
    const char *wide;
};

// The second accepts more than the first, or says the same in other words.
constexpr Widening widenings[] = {
    {R"({"type": "string"})", R"({"type": ["string", "null"]})"},
    {R"({"type": "integer"})", R"({"type": "number"})"},
    {R"({"type": "string"})", R"(true)"},
    {R"(false)", R"({"type": "string"})"},
    {R"({})", R"(true)"},
    {R"({"type": "string", "title": "a"})", R"({"description": "b", "type": "string"})"},
    {R"({"enum": ["a", "b"]})", R"({"enum": ["c", "b", "a"]})"},
    {R"({"enum": ["a", "b"]})", R"({"type": "string", "maxLength": 1})"},
    {R"({"const": 3})", R"({"minimum": 3, "multipleOf": 1.5})"},
    {R"({"enum": [1, "a"], "type": "string"})", R"({"const": "a"})"},
    {R"({"type": "integer", "minimum": 1, "maximum": 5})", R"({"type": "integer", "minimum": 0})"},
    {R"({"exclusiveMinimum": 1})", R"({"minimum": 1})"},
    {R"({"minimum": 2})", R"({"exclusiveMinimum": 1})"},
    {R"({"exclusiveMaximum": 1})", R"({"maximum": 1})"},
    {R"({"multipleOf": 6})", R"({"multipleOf": 3})"},
    {R"({"type": "string", "minLength": 2, "maxLength": 5})",
     R"({"type": "string", "minLength": 1, "maxLength": 9})"},
    {R"({"type": "string"})", R"({"type": "string", "minimum": 5, "minItems": 2})"},
    {R"({"type": "array", "items": {"type": "integer"}, "uniqueItems": true})",
     R"({"type": "array", "items": {"type": "number"}})"},
    {R"({"type": "array", "prefixItems": [{"const": 1}], "items": {"const": 2}})",
     R"({"type": "array", "items": {"enum": [1, 2]}})"},
    {R"({"type": "array", "maxItems": 1})", R"({"type": "array", "uniqueItems": true})"},
    {R"({"contains": {"const": 1}, "minContains": 2})", R"({"contains": {"type": "integer"}})"},
    {R"({"contains": {"type": "integer"}, "maxContains": 2})",
     R"({"contains": {"const": 1}, "minContains": 0, "maxContains": 3})"},
    {R"({"type": "object", "required": ["a", "b"]})", R"({"type": "object", "required": ["a"]})"},
    {R"({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"],
         "additionalProperties": false})",
     R"({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
         "required": ["a"], "additionalProperties": false})"},
    {R"({"properties": {"a": {"type": "integer"}}, "additionalProperties": {"const": 1}})",
     R"({"additionalProperties": {"type": "number"}})"},
    {R"({"properties": {"a": true}, "additionalProperties": false})",
     R"({"propertyNames": {"maxLength": 1}})"},
    {R"({"required": ["b"]})", R"({"dependentRequired": {"a": ["b"]}})"},
    {R"({"dependentRequired": {"a": ["b", "c"]}})", R"({"dependentRequired": {"a": ["b"]}})"},
    {R"({"$defs": {"s": {"type": "string"}}, "$ref": "#/$defs/s"})", R"({"type": "string"})"},
    {R"({"type": "string"})", R"({"$defs": {"s": {"type": "string"}}, "$ref": "#/$defs/s"})"},
    {R"({"allOf": [{"type": "integer"}, {"minimum": 1}]})", R"({"type": "number", "minimum": 0})"},
    {R"({"type": "integer", "minimum": 1})", R"({"allOf": [{"type": "integer"}, {"minimum": 0}]})"},
    {R"({"type": "string"})", R"({"anyOf": [{"type": "null"}, {"type": "string"}]})"},
    {R"({"anyOf": [{"const": 1}, {"const": 2}]})", R"({"anyOf": [{"type": "integer"}]})"},
    {R"({"anyOf": [{"const": 1}, {"const": "a"}]})",
     R"({"anyOf": [{"type": "string"}, {"type": "integer"}]})"},
    {R"({"oneOf": [{"const": 1}, {"const": 2}]})", R"({"oneOf": [{"const": 1}, {"const": 2}]})"},
    {R"({"not": {"type": "number"}})", R"({"not": {"type": "integer"}})"},
    {R"({"if": {"type": "string"}, "then": {"maxLength": 3}})",
     R"({"if": {"type": "string"}, "then": {"maxLength": 5}})"},
    {R"({"type": "object", "properties": {"next": {"$ref": "#"}, "value": {"type": "integer"}},
         "additionalProperties": false})",
     R"({"type": "object", "properties": {"next": {"$ref": "#"}, "value": {"type": "number"}}})"},
    {R"({"pattern": "^a", "maxLength": 3})", R"({"pattern": "^a"})"},
    {R"({"const": "ab"})", R"({"pattern": "^a"})"},
    {R"({"type": "integer"})", R"({"pattern": "^a", "format": "date"})"},
    {R"({"format": "date", "minLength": 1})", R"({"format": "date"})"},
    {R"({"patternProperties": {"^a": {"type": "integer"}}})",
     R"({"patternProperties": {"^a": {"type": "number"}}})"},
    {R"({"patternProperties": {"^a": true}, "additionalProperties": false})",
     R"({"patternProperties": {"^a": true}, "additionalProperties": {"type": "null"}})"},
    {R"({"dependentSchemas": {"a": {"required": ["b", "c"]}}})",
     R"({"dependentSchemas": {"a": {"required": ["b"]}}})"},
    {R"({"required": ["b"]})", R"({"dependentSchemas": {"a": {"required": ["b"]}}})"},
};

TEST(SchemaInclusion, proves_what_authors_do_to_admit_more) {
    for (const Widening &row : widenings) {
        EXPECT_TRUE(includes(row.wide, row.narrow)) << row.narrow << "\n in " << row.wide;
        EXPECT_TRUE(includes(row.narrow, row.narrow)) << row.narrow;
        EXPECT_TRUE(includes(row.wide, row.wide)) << row.wide;
    }
}

// The second does not accept all that the first accepts.
constexpr Widening narrowings[] = {
    {R"({"type": ["string", "null"]})", R"({"type": "string"})"},
    {R"(true)", R"({"type": "string"})"},
    {R"({"enum": ["a", "b"]})", R"({"enum": ["a"]})"},
    {R"({"type": "string"})", R"({"enum": ["a"]})"},
    {R"({"minimum": 0})", R"({"minimum": 1})"},
    {R"({"minimum": 1})", R"({"exclusiveMinimum": 1})"},
    {R"({"multipleOf": 3})", R"({"multipleOf": 6})"},
    {R"({"type": "number"})", R"({"type": "integer"})"},
    {R"({"maxLength": 9})", R"({"maxLength": 5})"},
    {R"({"items": {"type": "number"}})", R"({"items": {"type": "integer"}})"},
    {R"({"items": {"const": 1}})", R"({"prefixItems": [{"const": 2}]})"},
    {R"({"contains": {"const": 1}})", R"({"contains": {"const": 1}, "maxContains": 2})"},
    {R"({"type": "object"})", R"({"type": "object", "required": ["a"]})"},
    {R"({"properties": {"a": true}})",
     R"({"properties": {"a": true}, "additionalProperties": false})"},
    {R"({"properties": {"a": true, "b": true}, "additionalProperties": false})",
     R"({"properties": {"a": true}, "additionalProperties": false})"},
    {R"({"properties": {"a": {"type": "string"}}})", R"({"properties": {"a": {"type": "null"}}})"},
    {R"({})", R"({"propertyNames": {"maxLength": 1}})"},
    {R"({"type": "string"})", R"({"anyOf": [{"type": "null"}, {"type": "integer"}]})"},
    {R"({"oneOf": [{"const": 1}, {"const": 2}]})",
     R"({"oneOf": [{"const": 1}, {"type": "number"}]})"},
    {R"({"not": {"type": "integer"}})", R"({"not": {"type": "number"}})"},
    {R"({"if": {"type": "string"}, "then": {"maxLength": 5}})",
     R"({"if": {"type": "string"}, "then": {"maxLength": 3}})"},
    {R"({"if": {"type": "string"}, "then": {"maxLength": 5}})",
     R"({"if": {"type": ["string", "null"]}, "then": {"maxLength": 5}, "else": {"const": 1}})"},
    {R"({"properties": {"next": {"$ref": "#"}, "value": {"type": "number"}}})",
     R"({"properties": {"next": {"$ref": "#"}, "value": {"type": "integer"}}})"},
    {R"({"type": "string"})", R"({"pattern": "^a"})"},
    {R"({"pattern": "^a"})", R"({"pattern": "^ab"})"},
    {R"({"type": "string"})", R"({"format": "date"})"},
    {R"({"format": "date-time"})", R"({"format": "date"})"},
    {R"({"additionalProperties": false, "patternProperties": {"^a": true}})",
     R"({"additionalProperties": false})"},
    {R"({"additionalProperties": false, "patternProperties": {"^a": true}})",
     R"({"propertyNames": {"maxLength": 3}})"},
    {R"({"additionalProperties": {"const": 1}, "patternProperties": {"^a": true}})",
     R"({"properties": {"ab": {"const": 1}}})"},
    {R"({"properties": {"ab": {"const": 1}}, "additionalProperties": {"const": 1}})",
     R"({"patternProperties": {"^a": {"const": 2}}})"},
    {R"({"type": "object"})", R"({"dependentSchemas": {"a": {"required": ["b"]}}})"},
    {R"({"type": "object"})", R"({"unevaluatedProperties": false})"},
    {R"({"type": "array"})", R"({"unevaluatedItems": false})"},
};

TEST(SchemaInclusion, claims_no_narrowing_to_be_a_widening) {
    for (const Widening &row : narrowings) {
        EXPECT_FALSE(includes(row.wide, row.narrow)) << row.narrow << "\n in " << row.wide;
    }
}

TEST(SchemaInclusion, gives_up_where_a_proof_takes_too_long) {
    // Each level doubles the number of pairs.
    std::string definitions = R"("l0": {"maximum": 1})";
    for (int level = 1; level <= 40; ++level) {
        const std::string below = R"({"$ref": "#/$defs/l)" + std::to_string(level - 1) + R"("})";
        definitions += ", \"l" + std::to_string(level) + R"(": {"anyOf": [)" + below + ", " +
                       below + R"(, {"const": "x"}]})";
    }
    const std::string deep = R"({"$ref": "#/$defs/l40", "$defs": {)" + definitions + "}}";
    EXPECT_TRUE(includes(deep.c_str(), R"({"type": "string"})")) << "every first attempt succeeds";
    EXPECT_FALSE(includes(deep.c_str(), R"({"type": "number"})"));
    EXPECT_FALSE(includes(deep.c_str(), deep.c_str()))
        << "it holds, but nobody waits for the proof";
}

// Random schemas over a few values: whatever is proven must hold for every value.
class Generator {
public:
    explicit Generator(uint32_t seed) : random_(seed) {}

    Value schema(int depth) {
        json::Object object;
        const int keywords = pick(3);
        for (int i = 0; i <= keywords; ++i) add_keyword(object, depth);
        return object;
    }
    Value instance(int depth) {
        switch (pick(depth > 0 ? 8 : 6)) {
            case 0: return nullptr;
            case 1: return pick(2) == 0;
            case 2: return pick(5);
            case 3: return 0.5 + pick(3);
            case 4: return std::string(static_cast<size_t>(pick(4)), 'a');
            case 5: return "b";
            case 6: {
                json::Array array;
                for (int i = pick(4); i > 0; --i) array.push_back(instance(depth - 1));
                return array;
            }
            default: {
                json::Object object;
                for (const char *name : {"a", "b", "c"}) {
                    if (pick(2) == 0) object.append(name, instance(depth - 1));
                }
                return object;
            }
        }
    }

private:
    int pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

    void add_keyword(json::Object &object, int depth) {
        static constexpr const char *types[] = {"null",   "boolean", "integer", "number",
                                                "string", "array",   "object"};
        const auto part = [&] { return pick(6) == 0 ? Value(pick(2) == 0) : schema(depth - 1); };
        const auto parts = [&] { return json::Array{part(), part()}; };
        switch (pick(depth > 0 ? 27 : 10)) {
            case 0: return object.set("type", types[pick(7)]);
            case 1: return object.set("type", json::Array{types[pick(3)], types[3 + pick(4)]});
            case 2: return object.set("enum", json::Array{instance(1), instance(0), instance(0)});
            case 3: return object.set("minimum", pick(4));
            case 4: return object.set("exclusiveMaximum", pick(5));
            case 5: return object.set("maxLength", pick(4));
            case 6: return object.set("minItems", pick(3));
            case 7: return object.set("required", json::Array{"a"});
            case 8: return object.set("uniqueItems", true);
            case 9: return object.set("multipleOf", 1 + pick(2));
            case 10: return object.set("properties", json::Object{{"a", part()}, {"b", part()}});
            case 11: return object.set("additionalProperties", part());
            case 12: return object.set("items", part());
            case 13: return object.set("prefixItems", parts());
            case 14: return object.set("contains", part());
            case 15: return object.set("allOf", parts());
            case 16: return object.set("anyOf", parts());
            case 17: return object.set("oneOf", parts());
            case 18: return object.set("not", part());
            case 19:
                object.set("if", part());
                object.set("then", part());
                return object.set("else", part());
            case 20: return object.set("propertyNames", part());
            case 21:
                return object.set("patternProperties",
                                  json::Object{{pick(2) == 0 ? "^a" : "b|c", part()}});
            case 22: return object.set("dependentSchemas", json::Object{{"a", part()}});
            case 23: return object.set("unevaluatedProperties", part());
            case 24: return object.set("unevaluatedItems", part());
            case 25: return object.set("pattern", pick(2) == 0 ? "^a" : "b|aa");
            default:
                object.set("contains", part());
                object.set("minContains", pick(3));
                return object.set("maxContains", pick(3));
        }
    }

    std::mt19937 random_;
};

// A schema with one of its parts changed, so that inclusions are not too rare.
void mutate(Value &schema, Generator &generator, std::mt19937 &random) {
    if (json::Object *object = schema.object(); object != nullptr && object->size() > 0) {
        const size_t chosen = random() % object->size();
        const std::string name = (object->begin() + static_cast<std::ptrdiff_t>(chosen))->first;
        if (random() % 3 == 0 && name != "if" && name != "contains" && name != "then" &&
            name != "else") {
            object->erase(name);
        } else if (json::Value *part = object->find(name); part->object() != nullptr) {
            mutate(*part, generator, random);
        }
    }
}

TEST(SchemaInclusion, holds_for_every_value_wherever_it_is_proven) {
    int proven = 0;
    for (uint32_t seed = 0; seed < 6000; ++seed) {
        Generator generator(seed);
        std::mt19937 random(seed);
        const Value narrow = generator.schema(2);
        Value wide = seed % 4 == 0 ? generator.schema(2) : narrow;
        if (seed % 4 != 0) mutate(wide, generator, random);
        const auto narrow_nodes = compile(narrow, "");
        const auto wide_nodes = compile(wide, "");
        if (!narrow_nodes || !wide_nodes) continue;
        if (!provably_includes(*wide_nodes, *narrow_nodes)) continue;
        ++proven;
        for (int i = 0; i < 60; ++i) {
            const Value instance = generator.instance(3);
            if (evaluate(*narrow_nodes, instance)) continue;
            ASSERT_FALSE(evaluate(*wide_nodes, instance))
                << json::compact(instance) << " satisfies\n"
                << json::compact(narrow) << "\nbut not\n"
                << json::compact(wide);
        }
    }
    EXPECT_GT(proven, 1000) << "the generator makes too few inclusions to test anything";
}

}  // namespace
}  // namespace skillet::schema
