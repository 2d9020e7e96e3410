// SPDX-License-Identifier: Apache-2.0
// A schema as it is evaluated: one node per subschema, linked by index, so that recursive schemas
// need no pointers. Written by the compiler, never changed afterwards.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "json/value.h"
#include "pattern/pattern.h"
#include "schema/format.h"

namespace skillet::schema {

using NodeIndex = uint32_t;

// A bit per JSON type. Every integer is also a number; 1.0 is an integer.
enum TypeBit : uint8_t {
    null_bit = 1,
    boolean_bit = 2,
    integer_bit = 4,
    number_bit = 8,
    string_bit = 16,
    array_bit = 32,
    object_bit = 64,
    every_type = 127,
};

// The values that "enum" or "const" allows.
struct Choices {
    std::set<std::string, std::less<>> keys;  // equality_key() of each
    std::vector<json::Value> values;          // as they were written
    std::string shown;                        // for messages
};

// The members whose names a pattern is found in.
struct PatternMembers {
    std::shared_ptr<const pattern::Pattern> names;
    NodeIndex schema;
};

// An absent keyword is an empty member. Every test applies to instances of its own type only.
struct Node {
    bool refuses_all = false;  // the schema `false`

    uint8_t types = every_type;
    std::vector<Choices> choices;  // of "enum" and of "const"

    std::optional<json::Value> minimum;
    std::optional<json::Value> maximum;
    std::optional<json::Value> exclusive_minimum;
    std::optional<json::Value> exclusive_maximum;
    std::optional<json::Value> multiple_of;

    std::optional<uint64_t> min_length;
    std::optional<uint64_t> max_length;
    std::shared_ptr<const pattern::Pattern> pattern;
    const Format *format = nullptr;

    std::optional<uint64_t> min_items;
    std::optional<uint64_t> max_items;
    bool unique_items = false;
    std::vector<NodeIndex> prefix_items;
    std::optional<NodeIndex> items;  // of the elements after prefix_items
    std::optional<NodeIndex> contains;
    std::optional<uint64_t> min_contains;
    std::optional<uint64_t> max_contains;
    std::optional<NodeIndex> unevaluated_items;

    std::optional<uint64_t> min_properties;
    std::optional<uint64_t> max_properties;
    std::vector<std::string> required;
    std::map<std::string, std::vector<std::string>> dependent_required;
    std::map<std::string, NodeIndex, std::less<>> properties;
    std::vector<PatternMembers> pattern_properties;
    std::optional<NodeIndex> additional_properties;
    std::optional<NodeIndex> property_names;
    std::map<std::string, NodeIndex, std::less<>> dependent_schemas;
    std::optional<NodeIndex> unevaluated_properties;

    std::optional<NodeIndex> reference;
    std::vector<NodeIndex> all_of;
    std::vector<NodeIndex> any_of;
    std::vector<NodeIndex> one_of;
    std::optional<NodeIndex> negated;  // "not"
    std::optional<NodeIndex> condition;
    std::optional<NodeIndex> consequence;  // "then"
    std::optional<NodeIndex> alternative;  // "else"
};

// Node 0 is the document itself. A deque, because the compiler holds references while it adds.
using Nodes = std::deque<Node>;

}  // namespace skillet::schema
