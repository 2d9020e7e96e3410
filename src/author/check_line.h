// SPDX-License-Identifier: Apache-2.0
// A line of JSON Lines that holds a schema and a value, and what becomes of it: for those who try
// their contracts on many values, or this validator on many schemas.
#pragma once

#include <string_view>

#include "json/value.h"

namespace skillet {

// {"id", "schema": "ok" or "refused", "pointer", "valid"} for a line {"id", "schema", "instance"}.
// For any other line `schema` and `valid` are null and `error` says why.
[[nodiscard]] json::Value check_line(std::string_view line);

}  // namespace skillet
