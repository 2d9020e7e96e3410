// SPDX-License-Identifier: Apache-2.0
// JSON text from values.
#pragma once

#include <string>

#include "json/value.h"

namespace skillet::json {

// The canonical form of RFC 8785 (JCS): no whitespace, members sorted by UTF-16 code units,
// numbers as ECMAScript writes them. Equal values give equal bytes; digests are taken over it.
[[nodiscard]] std::string canonical(const Value &value);

// On one line, members in their own order.
[[nodiscard]] std::string compact(const Value &value);

// Indented by two spaces, members in their own order.
[[nodiscard]] std::string pretty(const Value &value);

}  // namespace skillet::json
