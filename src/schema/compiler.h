// SPDX-License-Identifier: Apache-2.0
// From a schema document to nodes; refuses every keyword that the evaluation would not enforce.
#pragma once

#include <string_view>

#include "base/result.h"
#include "json/value.h"
#include "schema/node.h"

namespace skillet::schema {

// Deepest nesting of subschemas, and most subschemas in one document.
inline constexpr size_t nesting_max = 32;
inline constexpr size_t subschemas_max = 1024;
// Longest pointer to a subschema; each of them is kept while compiling.
inline constexpr size_t pointer_bytes_max = 4096;
// What all patterns of one document may take in memory.
inline constexpr uint64_t pattern_bytes_max = 16u << 20;

// SKL_E_SCHEMA_REFUSED; the subject is `pointer` followed by the keyword's JSON pointer.
[[nodiscard]] Result<Nodes> compile(const json::Value &document, std::string_view pointer);

}  // namespace skillet::schema
