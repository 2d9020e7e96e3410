// SPDX-License-Identifier: Apache-2.0
// Nodes applied to an instance, with bounded work: schema and instance both come from outside, and
// together they could ask for exponential time.
#pragma once

#include <optional>
#include <string>

#include "json/value.h"
#include "schema/node.h"

namespace skillet::schema {

// A step is one subschema applied to one value.
inline constexpr uint64_t steps_max = 10'000'000;
// Subschemas being applied inside each other.
inline constexpr size_t depth_max = 512;

// Why an instance is not accepted, and where.
struct Violation {
    std::string pointer;
    std::string message;
};

// The first violation, or nothing if the instance is valid.
[[nodiscard]] std::optional<Violation> evaluate(const Nodes &nodes, const json::Value &instance);

// Whether one subschema accepts the instance. Takes its steps out of `steps_left`; empty if a limit
// came first.
[[nodiscard]] std::optional<bool> accepts(const Nodes &nodes, NodeIndex index,
                                          const json::Value &instance, uint64_t &steps_left);

}  // namespace skillet::schema
