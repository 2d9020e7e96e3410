// SPDX-License-Identifier: Apache-2.0
// Equality as JSON Schema defines it: by mathematical value, members in any order.
#pragma once

#include <string>

#include "json/value.h"

namespace skillet::schema {

// Two values are equal exactly if their keys are. Keys are valid JSON.
[[nodiscard]] std::string equality_key(const json::Value &value);

}  // namespace skillet::schema
