// SPDX-License-Identifier: Apache-2.0
#include "json/number.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <string_view>

namespace skillet::json {
namespace {

__extension__ typedef unsigned __int128 Wide;

// Bounds of int64 as doubles; the upper one is 2^63 and itself outside.
constexpr double int64_lowest = -9223372036854775808.0;
constexpr double int64_end = 9223372036854775808.0;

uint64_t magnitude(int64_t value) {
    return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

Decimal decimal_of(const Value &number) {
    if (const int64_t *integer = number.integer()) return {*integer < 0, magnitude(*integer), 0};
    return shortest_decimal(*number.real());
}

// base^exponent mod modulus.
uint64_t power_modulo(uint64_t base, unsigned exponent, uint64_t modulus) {
    Wide result = 1 % modulus;
    Wide factor = base % modulus;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1) result = result * factor % modulus;
        factor = factor * factor % modulus;
    }
    return static_cast<uint64_t>(result);
}

std::strong_ordering compare_to_real(int64_t integer, double real) {
    if (real >= int64_end) return std::strong_ordering::less;
    if (real < int64_lowest) return std::strong_ordering::greater;
    const double whole = std::trunc(real);
    const auto order = integer <=> static_cast<int64_t>(whole);
    if (order != 0 || real == whole) return order;
    return real > whole ? std::strong_ordering::less : std::strong_ordering::greater;
}

std::strong_ordering compare_reals(double left, double right) {
    if (left < right) return std::strong_ordering::less;
    return left > right ? std::strong_ordering::greater : std::strong_ordering::equal;
}

}  // namespace

Decimal shortest_decimal(double value) {
    assert(std::isfinite(value));
    std::array<char, 32> text;  // "-d.dddddddddddddddde-308" is 24 bytes
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
    assert(error == std::errc());
    Decimal decimal;
    const char *next = text.data();
    if (*next == '-') {
        decimal.negative = true;
        ++next;
    }
    bool in_fraction = false;
    for (; *next != 'e'; ++next) {
        if (*next == '.') {
            in_fraction = true;
            continue;
        }
        decimal.digits = decimal.digits * 10 + static_cast<uint64_t>(*next - '0');
        if (in_fraction) --decimal.exponent;
    }
    if (*++next == '+') ++next;  // std::from_chars takes '-' only
    int exponent = 0;
    std::from_chars(next, end, exponent);
    decimal.exponent += exponent;
    return decimal;
}

void append_number(std::string &out, double value) {
    const Decimal decimal = shortest_decimal(value);
    if (decimal.digits == 0) {
        out.push_back('0');
        return;
    }
    if (decimal.negative) out.push_back('-');
    const std::string digits = std::to_string(decimal.digits);
    const int count = static_cast<int>(digits.size());
    const int point = count + decimal.exponent;  // digits before the decimal point
    if (count <= point && point <= 21) {
        out.append(digits).append(static_cast<size_t>(point - count), '0');
    } else if (0 < point && point <= 21) {
        out.append(digits, 0, static_cast<size_t>(point)).push_back('.');
        out.append(digits, static_cast<size_t>(point));
    } else if (-6 < point && point <= 0) {
        out.append("0.").append(static_cast<size_t>(-point), '0').append(digits);
    } else {
        out.push_back(digits[0]);
        if (count > 1) out.append(".").append(digits, 1);
        out.append(point > 0 ? "e+" : "e-").append(std::to_string(std::abs(point - 1)));
    }
}

std::strong_ordering compare_numbers(const Value &left, const Value &right) {
    assert(left.is_number() && right.is_number());
    const int64_t *left_integer = left.integer();
    const int64_t *right_integer = right.integer();
    if (left_integer && right_integer) return *left_integer <=> *right_integer;
    if (left_integer) return compare_to_real(*left_integer, *right.real());
    if (right_integer) return 0 <=> compare_to_real(*right_integer, *left.real());
    return compare_reals(*left.real(), *right.real());
}

bool is_integral(const Value &number) {
    assert(number.is_number());
    return number.integer() != nullptr || std::trunc(*number.real()) == *number.real();
}

bool is_multiple(const Value &number, const Value &divisor) {
    const Decimal dividend = decimal_of(number);
    const Decimal step = decimal_of(divisor);
    assert(step.digits != 0 && !step.negative);
    if (dividend.digits == 0) return true;
    const int shift = dividend.exponent - step.exponent;
    if (shift >= 0) {
        const Wide power = power_modulo(10, static_cast<unsigned>(shift), step.digits);
        return dividend.digits % step.digits * power % step.digits == 0;
    }
    // The step has more than 19 digits left of the dividend's last one: it is larger.
    if (shift < -19) return false;
    Wide scaled = step.digits;
    for (int i = 0; i > shift; --i) scaled *= 10;
    return dividend.digits % scaled == 0;
}

}  // namespace skillet::json
