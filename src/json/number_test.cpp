// SPDX-License-Identifier: Apache-2.0
#include "json/number.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace skillet::json {
namespace {

constexpr int64_t two_to_53 = int64_t{1} << 53;

TEST(ShortestDecimal, gives_digits_and_exponent) {
    const Decimal decimal = shortest_decimal(-12.5);
    EXPECT_TRUE(decimal.negative);
    EXPECT_EQ(decimal.digits, 125u);
    EXPECT_EQ(decimal.exponent, -1);
    EXPECT_EQ(shortest_decimal(1e22).digits, 1u);
    EXPECT_EQ(shortest_decimal(1e22).exponent, 22);
    EXPECT_EQ(shortest_decimal(0.0).digits, 0u);
}

TEST(CompareNumbers, compares_integers_and_reals_by_value) {
    EXPECT_EQ(compare_numbers(1, 1.0), std::strong_ordering::equal);
    EXPECT_EQ(compare_numbers(1.5, 1), std::strong_ordering::greater);
    EXPECT_EQ(compare_numbers(-1, -1.5), std::strong_ordering::greater);
    EXPECT_EQ(compare_numbers(-2, -1.5), std::strong_ordering::less);
    EXPECT_EQ(compare_numbers(0, -0.0), std::strong_ordering::equal);
    EXPECT_EQ(compare_numbers(0.0, -0.0), std::strong_ordering::equal);
    EXPECT_EQ(compare_numbers(2.5, 2.25), std::strong_ordering::greater);
}

TEST(CompareNumbers, is_exact_where_a_double_cannot_hold_the_integer) {
    const Value real(static_cast<double>(two_to_53));
    EXPECT_EQ(compare_numbers(two_to_53 + 1, real), std::strong_ordering::greater);
    EXPECT_EQ(compare_numbers(real, two_to_53 + 1), std::strong_ordering::less);
    constexpr int64_t max = std::numeric_limits<int64_t>::max();
    constexpr int64_t min = std::numeric_limits<int64_t>::min();
    EXPECT_EQ(compare_numbers(max, 9223372036854775808.0), std::strong_ordering::less);
    EXPECT_EQ(compare_numbers(min, -9223372036854775808.0), std::strong_ordering::equal);
    EXPECT_EQ(compare_numbers(min, -1e300), std::strong_ordering::greater);
}

TEST(IsIntegral, looks_at_the_value_and_not_at_the_type) {
    EXPECT_TRUE(is_integral(3));
    EXPECT_TRUE(is_integral(3.0));
    EXPECT_TRUE(is_integral(1e300));
    EXPECT_FALSE(is_integral(3.5));
    EXPECT_FALSE(is_integral(5e-324));
}

TEST(IsMultiple, divides_integers) {
    EXPECT_TRUE(is_multiple(9, 3));
    EXPECT_TRUE(is_multiple(-9, 3));
    EXPECT_TRUE(is_multiple(0, 7));
    EXPECT_FALSE(is_multiple(10, 3));
    EXPECT_TRUE(is_multiple(std::numeric_limits<int64_t>::min(), 2));
    EXPECT_FALSE(is_multiple(std::numeric_limits<int64_t>::max(), 2));
}

TEST(IsMultiple, divides_by_the_decimal_digits) {
    EXPECT_TRUE(is_multiple(0.3, 0.1));
    EXPECT_TRUE(is_multiple(4.35, 0.01));
    EXPECT_TRUE(is_multiple(19.99, 0.01));
    EXPECT_TRUE(is_multiple(1, 0.25));
    EXPECT_FALSE(is_multiple(0.35, 0.1));
    EXPECT_FALSE(is_multiple(0.00751, 0.0001));
    EXPECT_TRUE(is_multiple(7.5, 2.5));
    EXPECT_TRUE(is_multiple(10, 1e1));
    EXPECT_FALSE(is_multiple(5, 1e1));
}

TEST(IsMultiple, copes_with_any_exponents) {
    EXPECT_TRUE(is_multiple(1e308, 0.5));
    EXPECT_TRUE(is_multiple(1e308, 1e-300));
    EXPECT_FALSE(is_multiple(1e-300, 1e308));
    EXPECT_FALSE(is_multiple(1e308, 0.123456789));
    EXPECT_TRUE(is_multiple(5e-324, 5e-324));
    EXPECT_FALSE(is_multiple(1, 3e18));
}

}  // namespace
}  // namespace skillet::json
