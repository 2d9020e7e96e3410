// SPDX-License-Identifier: Apache-2.0
// Numbers as JSON writes and compares them: by their mathematical value, never by their C++ type.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "json/value.h"

namespace skillet::json {

// digits * 10^exponent, negated if `negative`.
struct Decimal {
    bool negative = false;
    uint64_t digits = 0;
    int exponent = 0;
};

// The fewest digits that read back as `value`, without trailing zeros.
// REQUIRES: value is finite.
[[nodiscard]] Decimal shortest_decimal(double value);

// Appends `value` as ECMAScript prints a Number: "1e+21", "0.000001"; negative zero is "0".
// REQUIRES: value is finite.
void append_number(std::string &out, double value);

// REQUIRES of the functions below: both values are numbers.

// Exact, also between an integer beyond 2^53 and a real.
[[nodiscard]] std::strong_ordering compare_numbers(const Value &left, const Value &right);

// Whether the number has no fraction: 3, 3.0, 1e300.
[[nodiscard]] bool is_integral(const Value &number);

// Whether number / divisor is an integer, computed on the decimal digits: 0.3 is a multiple of 0.1.
// REQUIRES: divisor > 0.
[[nodiscard]] bool is_multiple(const Value &number, const Value &divisor);

}  // namespace skillet::json
