// SPDX-License-Identifier: Apache-2.0
// The keywords that fill a member of the node, or say something to people only. All others are read
// by a function of their own in the compiler, or are refused.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "schema/node.h"

namespace skillet::schema {

template <typename T>
struct Row {
    std::string_view keyword;
    T Node::*member;
};

inline constexpr auto count_rows = std::to_array<Row<std::optional<uint64_t>>>({
    {"minLength", &Node::min_length},
    {"maxLength", &Node::max_length},
    {"minItems", &Node::min_items},
    {"maxItems", &Node::max_items},
    {"minContains", &Node::min_contains},
    {"maxContains", &Node::max_contains},
    {"minProperties", &Node::min_properties},
    {"maxProperties", &Node::max_properties},
});

inline constexpr auto number_rows = std::to_array<Row<std::optional<json::Value>>>({
    {"minimum", &Node::minimum},
    {"maximum", &Node::maximum},
    {"exclusiveMinimum", &Node::exclusive_minimum},
    {"exclusiveMaximum", &Node::exclusive_maximum},
    {"multipleOf", &Node::multiple_of},
});

inline constexpr auto subschema_rows = std::to_array<Row<std::optional<NodeIndex>>>({
    {"items", &Node::items},
    {"contains", &Node::contains},
    {"additionalProperties", &Node::additional_properties},
    {"propertyNames", &Node::property_names},
    {"unevaluatedItems", &Node::unevaluated_items},
    {"unevaluatedProperties", &Node::unevaluated_properties},
    {"not", &Node::negated},
    {"if", &Node::condition},
    {"then", &Node::consequence},
    {"else", &Node::alternative},
});

inline constexpr auto subschemas_rows = std::to_array<Row<std::vector<NodeIndex>>>({
    {"prefixItems", &Node::prefix_items},
    {"allOf", &Node::all_of},
    {"anyOf", &Node::any_of},
    {"oneOf", &Node::one_of},
});

struct TypeRow {
    std::string_view name;
    uint8_t bits;
};

inline constexpr auto type_rows = std::to_array<TypeRow>({
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

inline constexpr auto annotation_rows = std::to_array<AnnotationRow>({
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

inline constexpr auto companion_rows = std::to_array<CompanionRow>({
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

}  // namespace skillet::schema
