// SPDX-License-Identifier: Apache-2.0
// Keywords are tables: each row names the node's member that a keyword fills. A keyword that is in
// no table is refused; docs/formats/schema-keywords.md lists them for authors.
#include "schema/compiler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "json/number.h"
#include "json/write.h"
#include "schema/equality.h"
#include "schema/format.h"
#include "schema/format_uri.h"
#include "schema/keyword_rows.h"
#include "schema/reference.h"
#include "schema/text.h"

namespace skillet::schema {
namespace {

using json::Value;
using pattern::Pattern;

constexpr std::string_view dialect = "https://json-schema.org/draft/2020-12/schema";
constexpr const char *keywords_hint =
    "remove it; docs/formats/schema-keywords.md lists the keywords that are enforced";

// Other dialects, as their documents name themselves.
struct DialectRow {
    std::string_view uri;
    std::string_view name;
};

constexpr auto other_dialects = std::to_array<DialectRow>({
    {"http://json-schema.org/draft-03/schema", "draft 3"},
    {"http://json-schema.org/draft-04/schema", "draft 4"},
    {"http://json-schema.org/draft-06/schema", "draft 6"},
    {"http://json-schema.org/draft-07/schema", "draft 7"},
    {"https://json-schema.org/draft/2019-09/schema", "draft 2019-09"},
});

class Compiler {
public:
    explicit Compiler(std::string_view base) : base_(base) {}

    Result<Nodes> compile(const Value &document) {
        SKL_TRY(add(document, "", 1));
        SKL_TRY(link_references());
        return std::move(nodes_);
    }

private:
    // One keyword of the subschema being read.
    struct Keyword {
        Node &node;
        NodeIndex index;  // of the node
        std::string_view name;
        const Value &value;
        std::string pointer;
        size_t nesting;
    };

    struct Reference {
        Node &node;
        std::string uri;
        std::string pointer;
    };

    [[nodiscard]] Error refuse(std::string_view pointer, std::string message,
                               const char *hint = "") const {
        return make_error(SKL_E_SCHEMA_REFUSED, std::move(message), base_ + std::string(pointer),
                          hint);
    }

    [[nodiscard]] Error refuse_type(const Keyword &keyword, std::string_view expected) const {
        return refuse(keyword.pointer, fmt::format("\"{}\" must be {}", keyword.name, expected));
    }

    Result<NodeIndex> add(const Value &schema, const std::string &pointer, size_t nesting) {
        if (nesting > nesting_max) {
            return refuse(pointer,
                          fmt::format("subschemas are nested deeper than {}", nesting_max));
        }
        if (pointer.size() > pointer_bytes_max) {
            return refuse(shown(pointer),
                          fmt::format("a pointer of more than {} bytes", pointer_bytes_max));
        }
        if (nodes_.size() == subschemas_max) {
            return refuse(pointer, fmt::format("more than {} subschemas", subschemas_max));
        }
        const auto index = static_cast<NodeIndex>(nodes_.size());
        Node &node = nodes_.emplace_back();
        indices_.emplace(pointer, index);
        if (const bool *accepts = schema.boolean()) {
            node.refuses_all = !*accepts;
            return index;
        }
        const json::Object *keywords = schema.object();
        if (keywords == nullptr) {
            return refuse(pointer, fmt::format("a schema must be an object or a boolean, found {}",
                                               schema.type_name()));
        }
        for (const auto &[name, value] : *keywords) {
            SKL_TRY(read({node, index, name, value, json::pointer_join(pointer, name), nesting}));
            SKL_TRY(check_companion(*keywords, name, pointer));
        }
        if (node.condition && !node.consequence && !node.alternative) {
            return refuse(pointer + "/if", "\"if\" checks nothing without \"then\" or \"else\"");
        }
        return index;
    }

    Result<void> check_companion(const json::Object &keywords, std::string_view name,
                                 const std::string &pointer) const {
        const auto *row = find_row(companion_rows, name);
        if (row == nullptr || keywords.find(row->companion) != nullptr) return {};
        return refuse(json::pointer_join(pointer, name),
                      fmt::format("\"{}\" checks nothing without \"{}\"", name, row->companion));
    }

    Result<void> read(const Keyword &keyword) {
        const std::string_view name = keyword.name;
        if (const auto *row = find_row(count_rows, name)) return read_count(keyword, row->member);
        if (const auto *row = find_row(number_rows, name)) return read_number(keyword, row->member);
        if (const auto *row = find_row(subschema_rows, name)) {
            SKL_TRY_ASSIGN(index, add(keyword.value, keyword.pointer, keyword.nesting + 1));
            keyword.node.*row->member = index;
            return {};
        }
        if (const auto *row = find_row(subschemas_rows, name)) {
            return read_subschemas(keyword, row->member);
        }
        if (const auto *row = find_row(annotation_rows, name)) {
            if (row->type == "any" || row->type == keyword.value.type_name()) return {};
            return refuse_type(keyword, fmt::format("of type {}", row->type));
        }
        return read_other(keyword);
    }

    Result<void> read_other(const Keyword &keyword) {
        const std::string_view name = keyword.name;
        if (name == "type") return read_types(keyword);
        if (name == "enum") return read_enum(keyword);
        if (name == "const") {
            keyword.node.choices.push_back({{equality_key(keyword.value)},
                                            {keyword.value},
                                            shown(json::compact(keyword.value))});
            return {};
        }
        if (name == "required") return read_names(keyword, keyword.node.required);
        if (name == "dependentRequired") return read_dependent_required(keyword);
        if (name == "properties") return read_members(keyword, &keyword.node.properties);
        if (name == "$defs") return read_members(keyword, nullptr);
        if (name == "dependentSchemas") {
            return read_members(keyword, &keyword.node.dependent_schemas);
        }
        if (name == "patternProperties") return read_pattern_members(keyword);
        if (name == "pattern") return read_pattern(keyword);
        if (name == "format") return read_format(keyword);
        if (name == "uniqueItems") {
            const bool *unique = keyword.value.boolean();
            if (unique == nullptr) return refuse_type(keyword, "a boolean");
            keyword.node.unique_items = *unique;
            return {};
        }
        return read_core(keyword);
    }

    // What concerns the document rather than instances.
    Result<void> read_core(const Keyword &keyword) {
        const std::string_view name = keyword.name;
        if (name == "$ref") return read_reference(keyword);
        if (name == "$anchor") return read_anchor(keyword);
        if (name == "$id") return read_id(keyword);
        if (name == "$schema") return read_dialect(keyword);
        return refuse(keyword.pointer, fmt::format("keyword \"{}\" is not enforced", shown(name)),
                      keywords_hint);
    }

    Result<void> read_count(const Keyword &keyword, std::optional<uint64_t> Node::*member) {
        const auto expected = "an integer from 0 to 9007199254740992";
        const Value &value = keyword.value;
        if (!value.is_number() || !json::is_integral(value)) return refuse_type(keyword, expected);
        const double count = value.number();
        if (count < 0 || count > 9007199254740992.0) return refuse_type(keyword, expected);
        keyword.node.*member = static_cast<uint64_t>(count);
        return {};
    }

    Result<void> read_number(const Keyword &keyword, std::optional<Value> Node::*member) {
        if (!keyword.value.is_number()) return refuse_type(keyword, "a number");
        if (keyword.name == "multipleOf" && keyword.value.number() <= 0) {
            return refuse_type(keyword, "greater than 0");
        }
        keyword.node.*member = keyword.value;
        return {};
    }

    Result<void> read_subschemas(const Keyword &keyword, std::vector<NodeIndex> Node::*member) {
        const json::Array *schemas = keyword.value.array();
        if (schemas == nullptr || schemas->empty()) {
            return refuse_type(keyword, "a non-empty array of schemas");
        }
        for (const Value &schema : *schemas) {
            auto &indices = keyword.node.*member;
            const auto at = json::pointer_join(keyword.pointer, std::to_string(indices.size()));
            SKL_TRY_ASSIGN(index, add(schema, at, keyword.nesting + 1));
            indices.push_back(index);
        }
        return {};
    }

    // Members that are schemas, by name.
    Result<void> read_members(const Keyword &keyword,
                              std::map<std::string, NodeIndex, std::less<>> *out) {
        const json::Object *schemas = keyword.value.object();
        if (schemas == nullptr) return refuse_type(keyword, "an object of schemas");
        for (const auto &[name, schema] : *schemas) {
            const auto at = json::pointer_join(keyword.pointer, name);
            SKL_TRY_ASSIGN(index, add(schema, at, keyword.nesting + 1));
            if (out != nullptr) out->emplace(name, index);
        }
        return {};
    }

    Result<void> read_types(const Keyword &keyword) {
        const auto expected = "a JSON type, or a non-empty array of different ones";
        const json::Array single{keyword.value};
        const json::Array *types = keyword.value.array();
        if (types == nullptr) types = &single;
        if (types->empty()) return refuse_type(keyword, expected);
        std::set<std::string_view> seen;
        keyword.node.types = 0;
        for (const Value &type : *types) {
            const std::string *name = type.string();
            if (name == nullptr || !seen.insert(*name).second) {
                return refuse_type(keyword, expected);
            }
            const auto row = std::find_if(type_rows.begin(), type_rows.end(),
                                          [name](const TypeRow &r) { return r.name == *name; });
            if (row == type_rows.end()) return refuse_type(keyword, expected);
            keyword.node.types |= row->bits;
        }
        return {};
    }

    Result<void> read_enum(const Keyword &keyword) {
        const json::Array *values = keyword.value.array();
        if (values == nullptr || values->empty()) return refuse_type(keyword, "a non-empty array");
        Choices choices;
        for (const Value &value : *values) {
            choices.keys.insert(equality_key(value));
            choices.values.push_back(value);
            if (choices.shown.size() > shown_bytes_max) continue;
            if (!choices.shown.empty()) choices.shown += ", ";
            choices.shown += json::compact(value);
        }
        choices.shown = "one of " + shown(choices.shown);
        keyword.node.choices.push_back(std::move(choices));
        return {};
    }

    Result<void> read_names(const Keyword &keyword, std::vector<std::string> &out) const {
        const auto expected = "an array of different strings";
        const json::Array *names = keyword.value.array();
        if (names == nullptr) return refuse_type(keyword, expected);
        std::set<std::string_view> seen;
        for (const Value &name : *names) {
            const std::string *string = name.string();
            if (string == nullptr || !seen.insert(*string).second) {
                return refuse_type(keyword, expected);
            }
            out.push_back(*string);
        }
        return {};
    }

    Result<void> read_dependent_required(const Keyword &keyword) {
        const json::Object *members = keyword.value.object();
        if (members == nullptr) return refuse_type(keyword, "an object of arrays of strings");
        for (const auto &[name, names] : *members) {
            const Keyword one{keyword.node,
                              keyword.index,
                              keyword.name,
                              names,
                              json::pointer_join(keyword.pointer, name),
                              keyword.nesting};
            SKL_TRY(read_names(one, keyword.node.dependent_required[name]));
        }
        return {};
    }

    // The same text is compiled once.
    Result<std::shared_ptr<const Pattern>> pattern_of(std::string_view text,
                                                      const std::string &pointer) {
        if (const auto known = patterns_.find(text); known != patterns_.end()) {
            return known->second;
        }
        auto compiled = Pattern::compile(text);
        if (!compiled) {
            return refuse(pointer, compiled.error().message, compiled.error().hint.c_str());
        }
        pattern_bytes_ += compiled->memory_bytes();
        if (pattern_bytes_ > pattern_bytes_max) {
            return refuse(pointer, fmt::format("the document's patterns need more than {} bytes",
                                               pattern_bytes_max));
        }
        auto pattern = std::make_shared<const Pattern>(*std::move(compiled));
        patterns_.emplace(text, pattern);
        return pattern;
    }

    Result<void> read_pattern(const Keyword &keyword) {
        const std::string *text = keyword.value.string();
        if (text == nullptr) return refuse_type(keyword, "a string");
        SKL_TRY_ASSIGN(pattern, pattern_of(*text, keyword.pointer));
        keyword.node.pattern = std::move(pattern);
        return {};
    }

    Result<void> read_pattern_members(const Keyword &keyword) {
        const json::Object *schemas = keyword.value.object();
        if (schemas == nullptr) return refuse_type(keyword, "an object of schemas");
        for (const auto &[text, schema] : *schemas) {
            const auto at = json::pointer_join(keyword.pointer, text);
            SKL_TRY_ASSIGN(pattern, pattern_of(text, at));
            SKL_TRY_ASSIGN(index, add(schema, at, keyword.nesting + 1));
            keyword.node.pattern_properties.push_back({std::move(pattern), index});
        }
        return {};
    }

    Result<void> read_format(const Keyword &keyword) const {
        const std::string *name = keyword.value.string();
        if (name == nullptr) return refuse_type(keyword, "a string");
        keyword.node.format = find_format(*name);
        if (keyword.node.format != nullptr) return {};
        return refuse(keyword.pointer,
                      fmt::format("the format \"{}\" is not checked", shown(*name)),
                      "docs/formats/schema-keywords.md lists the formats that are; or use pattern");
    }

    Result<void> read_anchor(const Keyword &keyword) {
        const std::string *name = keyword.value.string();
        if (name == nullptr || !is_anchor(*name)) {
            return refuse_type(keyword, "a letter or '_', then letters, digits, '-', '.' and '_'");
        }
        if (!anchors_.emplace(*name, keyword.index).second) {
            return refuse(keyword.pointer, "another subschema has this anchor");
        }
        return {};
    }

    Result<void> read_id(const Keyword &keyword) {
        const std::string *uri = keyword.value.string();
        if (keyword.nesting != 1) {
            return refuse(keyword.pointer, "\"$id\" must stand at the top",
                          "give the subschema an $anchor, or refer to it by its place");
        }
        if (uri == nullptr || !is_uri(*uri) || uri->find('#') != std::string::npos) {
            return refuse_type(keyword, "an absolute URI without a fragment");
        }
        id_ = *uri;
        return {};
    }

    Result<void> read_dialect(const Keyword &keyword) {
        const std::string *uri = keyword.value.string();
        if (keyword.nesting == 1 && uri != nullptr && *uri == dialect) return {};
        if (uri != nullptr) {
            const std::string_view named = reference_parts(*uri).document;
            for (const DialectRow &row : other_dialects) {
                if (row.uri != named) continue;
                return refuse(
                    keyword.pointer,
                    fmt::format("the schema is written for {}, which is not supported", row.name),
                    "rewrite it for 2020-12; some keywords mean something else there");
            }
        }
        return refuse(keyword.pointer,
                      fmt::format("\"$schema\" must be \"{}\" and stand at the top", dialect));
    }

    Result<void> read_reference(const Keyword &keyword) {
        const std::string *uri = keyword.value.string();
        if (uri == nullptr) return refuse_type(keyword, "a string");
        references_.push_back({keyword.node, *uri, keyword.pointer});
        return {};
    }

    // The node that a reference names, once every subschema is read.
    [[nodiscard]] Result<NodeIndex> target_of(const Reference &reference) const {
        const ReferenceParts parts = reference_parts(reference.uri);
        const bool is_local = reference.uri.starts_with("#");
        if (!is_local && (id_.empty() || parts.document != id_)) {
            return refuse(reference.pointer, "\"$ref\" leaves the document",
                          "put the schema under $defs and refer to it as \"#/$defs/NAME\"");
        }
        const auto target = percent_decoded(parts.fragment);
        if (!target) {
            return refuse(reference.pointer, "\"$ref\" has a malformed percent escape");
        }
        const bool is_pointer = target->empty() || target->starts_with("/");
        const auto &known = is_pointer ? indices_ : anchors_;
        const auto found = known.find(*target);
        if (found == known.end()) {
            return refuse(
                reference.pointer,
                fmt::format("\"$ref\" names no schema in this document: \"#{}\"", shown(*target)));
        }
        return found->second;
    }

    // Fills in the references, then looks for loops.
    Result<void> link_references() {
        for (const Reference &reference : references_) {
            SKL_TRY_ASSIGN(target, target_of(reference));
            reference.node.reference = target;
        }
        LoopSearch search(nodes_);
        for (const Reference &reference : references_) {
            if (search.finds_loop(*reference.node.reference)) {
                return refuse(reference.pointer, "\"$ref\" leads to a loop without end");
            }
        }
        return {};
    }

    std::string base_;
    Nodes nodes_;
    std::map<std::string, NodeIndex, std::less<>> indices_;  // by JSON pointer
    std::map<std::string, NodeIndex, std::less<>> anchors_;
    std::string id_;
    std::vector<Reference> references_;
    std::map<std::string, std::shared_ptr<const Pattern>, std::less<>> patterns_;
    uint64_t pattern_bytes_ = 0;
};

}  // namespace

Result<Nodes> compile(const json::Value &document, std::string_view pointer) {
    return Compiler(pointer).compile(document);
}

}  // namespace skillet::schema
