// SPDX-License-Identifier: Apache-2.0
// Whether a prompt's slot stands for something: a schema that does not name the member would admit
// only inputs for which the slot stays empty.
#pragma once

#include <string_view>

#include "json/value.h"

namespace skillet {

// Whether the schema names each member that the JSON pointer goes through, under `properties`, or
// `items` and `prefixItems` for elements: its own, those of subschemas that apply to the same
// value, and of what a `$ref` inside the document leads to. False if finding out takes too many
// steps.
[[nodiscard]] bool names_member(const json::Value &schema, std::string_view pointer);

}  // namespace skillet
