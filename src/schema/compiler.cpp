// SPDX-License-Identifier: Apache-2.0
// Keywords are tables: each row names the node's member that a keyword fills. A keyword that is in
// no table is refused; docs/formats/schema-keywords.md lists them for authors.
#include "schema/compiler.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "json/number.h"
#include "json/write.h"
#include "schema/equality.h"
#include "schema/text.h"

namespace skillet::schema {
namespace {

using json::Value;

constexpr std::string_view dialect = "https://json-schema.org/draft/2020-12/schema";
constexpr const char *keywords_hint =
    "remove it; docs/formats/schema-keywords.md lists the keywords that are enforced";

template <typename T>
struct Row {
    std::string_view keyword;
    T Node::*member;
};

constexpr auto count_rows = std::to_array<Row<std::optional<uint64_t>>>({
    {"minLength", &Node::min_length},
    {"maxLength", &Node::max_length},
    {"minItems", &Node::min_items},
    {"maxItems", &Node::max_items},
    {"minContains", &Node::min_contains},
    {"maxContains", &Node::max_contains},
    {"minProperties", &Node::min_properties},
    {"maxProperties", &Node::max_properties},
});

constexpr auto number_rows = std::to_array<Row<std::optional<Value>>>({
    {"minimum", &Node::minimum},
    {"maximum", &Node::maximum},
    {"exclusiveMinimum", &Node::exclusive_minimum},
    {"exclusiveMaximum", &Node::exclusive_maximum},
    {"multipleOf", &Node::multiple_of},
});

constexpr auto subschema_rows = std::to_array<Row<std::optional<NodeIndex>>>({
    {"items", &Node::items},
    {"contains", &Node::contains},
    {"additionalProperties", &Node::additional_properties},
    {"propertyNames", &Node::property_names},
    {"not", &Node::negated},
    {"if", &Node::condition},
    {"then", &Node::consequence},
    {"else", &Node::alternative},
});

constexpr auto subschemas_rows = std::to_array<Row<std::vector<NodeIndex>>>({
    {"prefixItems", &Node::prefix_items},
    {"allOf", &Node::all_of},
    {"anyOf", &Node::any_of},
    {"oneOf", &Node::one_of},
});

struct TypeRow {
    std::string_view name;
    uint8_t bits;
};

constexpr auto type_rows = std::to_array<TypeRow>({
    {"null", null_bit},
    {"boolean", boolean_bit},
    {"integer", integer_bit},
    {"number", number_bit | integer_bit},
    {"string", string_bit},
    {"array", array_bit},
    {"object", object_bit},
});

// Keywords that say something to people only. "any" takes any value.
struct AnnotationRow {
    std::string_view keyword;
    std::string_view type;
};

constexpr auto annotation_rows = std::to_array<AnnotationRow>({
    {"$comment", "string"},
    {"title", "string"},
    {"description", "string"},
    {"default", "any"},
    {"examples", "array"},
    {"deprecated", "boolean"},
    {"readOnly", "boolean"},
    {"writeOnly", "boolean"},
    {"x-skillet-class", "string"},
});

// Keywords that check nothing unless another one stands beside them.
struct CompanionRow {
    std::string_view keyword;
    std::string_view companion;
};

constexpr auto companion_rows = std::to_array<CompanionRow>({
    {"minContains", "contains"},
    {"maxContains", "contains"},
    {"then", "if"},
    {"else", "if"},
});

template <typename Rows>
auto find_row(const Rows &rows, std::string_view keyword) {
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [keyword](const auto &row) { return row.keyword == keyword; });
    return found != rows.end() ? &*found : nullptr;
}

int hex_digit(char digit) {
    int value = -1;
    std::from_chars(&digit, &digit + 1, value, 16);
    return value;
}

// A URI fragment without its percent escapes; nothing if one is malformed.
std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded.push_back(text[i]);
            continue;
        }
        if (text.size() - i < 3) return {};
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return {};
        decoded.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return decoded;
}

// Subschemas applied to the same value as the node itself.
std::vector<NodeIndex> applied_in_place(const Node &node) {
    std::vector<NodeIndex> indices;
    for (const auto *list : {&node.all_of, &node.any_of, &node.one_of}) {
        indices.insert(indices.end(), list->begin(), list->end());
    }
    for (const auto &index :
         {node.reference, node.negated, node.condition, node.consequence, node.alternative}) {
        if (index) indices.push_back(*index);
    }
    return indices;
}

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
        std::string_view name;
        const Value &value;
        std::string pointer;
        size_t nesting;
    };

    struct Reference {
        Node &node;
        std::string target;
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
            SKL_TRY(read({node, name, value, json::pointer_join(pointer, name), nesting}));
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
        if (name == "uniqueItems") {
            const bool *unique = keyword.value.boolean();
            if (unique == nullptr) return refuse_type(keyword, "a boolean");
            keyword.node.unique_items = *unique;
            return {};
        }
        if (name == "$ref") return read_reference(keyword);
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
            const Keyword one{keyword.node, keyword.name, names,
                              json::pointer_join(keyword.pointer, name), keyword.nesting};
            SKL_TRY(read_names(one, keyword.node.dependent_required[name]));
        }
        return {};
    }

    Result<void> read_dialect(const Keyword &keyword) {
        const std::string *uri = keyword.value.string();
        if (keyword.nesting == 1 && uri != nullptr && *uri == dialect) return {};
        return refuse(keyword.pointer,
                      fmt::format("\"$schema\" must be \"{}\" and stand at the top", dialect));
    }

    Result<void> read_reference(const Keyword &keyword) {
        const std::string *uri = keyword.value.string();
        if (uri == nullptr) return refuse_type(keyword, "a string");
        if (!uri->starts_with("#")) {
            return refuse(keyword.pointer, "\"$ref\" leaves the document",
                          "put the schema under $defs and refer to it as \"#/$defs/NAME\"");
        }
        const auto target = percent_decoded(std::string_view(*uri).substr(1));
        if (!target) return refuse(keyword.pointer, "\"$ref\" has a malformed percent escape");
        references_.push_back({keyword.node, *target, keyword.pointer});
        return {};
    }

    // Once every subschema has an index: fills in the references, then looks for loops.
    Result<void> link_references() {
        for (const Reference &reference : references_) {
            const auto found = indices_.find(reference.target);
            if (found == indices_.end()) {
                return refuse(reference.pointer,
                              fmt::format("\"$ref\" names no schema in this document: \"#{}\"",
                                          shown(reference.target)));
            }
            reference.node.reference = found->second;
        }
        std::vector<Visit> visits(nodes_.size(), Visit::unseen);
        for (const Reference &reference : references_) {
            if (finds_loop(*reference.node.reference, visits)) {
                return refuse(reference.pointer, "\"$ref\" leads to a loop without end");
            }
        }
        return {};
    }

    enum class Visit : uint8_t { unseen, open, done };

    // Depth-first; as deep as there are subschemas at most.
    bool finds_loop(NodeIndex index, std::vector<Visit> &visits) {
        if (visits[index] != Visit::unseen) return visits[index] == Visit::open;
        visits[index] = Visit::open;
        for (const NodeIndex next : applied_in_place(nodes_[index])) {
            if (finds_loop(next, visits)) return true;
        }
        visits[index] = Visit::done;
        return false;
    }

    std::string base_;
    Nodes nodes_;
    std::map<std::string, NodeIndex, std::less<>> indices_;  // by JSON pointer
    std::vector<Reference> references_;
};

}  // namespace

Result<Nodes> compile(const json::Value &document, std::string_view pointer) {
    return Compiler(pointer).compile(document);
}

}  // namespace skillet::schema
