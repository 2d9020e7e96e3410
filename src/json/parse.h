// SPDX-License-Identifier: Apache-2.0
// Strict JSON (RFC 8259, I-JSON where it is stricter) for bytes that come from outside.
//
// Refused: invalid UTF-8, lone surrogates, duplicate member names, trailing bytes, comments, a byte
// order mark, integers outside int64, numbers that are not finite, and anything past the limits.
// Time and memory are linear in the input.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace skillet::json {

struct ParseLimits {
    uint64_t bytes_max = 4u << 20;
    uint32_t depth_max = 64;
};

// Fails with `code`; the message names line and column, the subject is `subject`.
[[nodiscard]] Result<Value> parse(std::string_view text, Code code, std::string_view subject,
                                  const ParseLimits &limits = {});

}  // namespace skillet::json
