// SPDX-License-Identifier: Apache-2.0
// JSON text from values. All forms write numbers as ECMAScript does, so that 1.0 becomes 1, except
// that integers keep all their digits, also beyond 2^53.
#pragma once

#include <string>

#include "json/value.h"

namespace skillet::json {

// The canonical form of RFC 8785 (JCS): no whitespace, members sorted by UTF-16 code units,
// numbers as above. Equal values give equal bytes; digests are taken over it.
[[nodiscard]] std::string canonical(const Value &value);

// On one line, members in their own order.
[[nodiscard]] std::string compact(const Value &value);

// Indented by two spaces, members in their own order.
[[nodiscard]] std::string pretty(const Value &value);

}  // namespace skillet::json
