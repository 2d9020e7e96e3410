// SPDX-License-Identifier: Apache-2.0
#include "measurement/binomial.h"

#include <cmath>

#include <gtest/gtest.h>

#include "measurement/seeded_draws.h"

namespace skillet {
namespace {

// Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I.
struct Published {
    uint64_t hits;
    uint64_t count;
    double wilson_low;
    double wilson_high;
    double exact_high;
};
constexpr Published published[] = {{81, 263, 0.2553, 0.3662, 0.3676},
                                   {15, 148, 0.0624, 0.1605, 0.1617},
                                   {0, 20, 0.0000, 0.1611, 0.1684},
                                   {1, 29, 0.0061, 0.1718, 0.1776}};

TEST(WilsonInterval, gives_the_published_values) {
    for (const Published &row : published) {
        const Interval interval = wilson_interval(row.hits, row.count);
        EXPECT_NEAR(interval.low, row.wilson_low, 5e-5) << row.hits;
        EXPECT_NEAR(interval.high, row.wilson_high, 5e-5) << row.hits;
    }
}

TEST(WilsonInterval, reaches_the_ends_and_never_past_them) {
    EXPECT_EQ(wilson_interval(0, 7).low, 0);
    EXPECT_EQ(wilson_interval(7, 7).high, 1);
    EXPECT_NEAR(wilson_interval(7, 7).low, 1 - wilson_interval(0, 7).high, 1e-15);
}

TEST(UpperBound, gives_the_published_values) {
    // The published interval is two-sided: each side errs 2.5 % of the time.
    for (const Published &row : published) {
        EXPECT_NEAR(upper_bound(row.hits, row.count, 0.975), row.exact_high, 5e-5) << row.hits;
    }
}

TEST(UpperBound, has_a_closed_form_where_nothing_was_hit) {
    for (const uint64_t count : {1u, 59u, 299u, 250'000u}) {
        const double closed = 1 - std::pow(0.05, 1 / static_cast<double>(count));
        EXPECT_NEAR(upper_bound(0, count, 0.95), closed, 1e-9) << count;
    }
}

TEST(UpperBound, excludes_nothing_if_everything_was_hit) {
    EXPECT_EQ(upper_bound(3, 3, 0.95), 1);
    EXPECT_EQ(upper_bound(0, 0, 0.95), 1);
}

TEST(BinomialCdf, gives_the_exact_values) {
    // By fractions: sum of C(n, i) p^i (1-p)^(n-i).
    EXPECT_NEAR(binomial_cdf(2, 10, 0.5), 56.0 / 1024, 1e-14);
    EXPECT_NEAR(binomial_cdf(0, 4, 0.25), 81.0 / 256, 1e-14);
    EXPECT_NEAR(binomial_cdf(3, 4, 0.25), 255.0 / 256, 1e-14);
}

TEST(BinomialCdf, holds_where_its_first_terms_are_below_the_smallest_double) {
    // The median of 200000 draws of 1/2 is 100000: half of that term lies on either side.
    const double below = binomial_cdf(99'999, 200'000, 0.5);
    const double upto = binomial_cdf(100'000, 200'000, 0.5);
    EXPECT_NEAR((below + upto) / 2, 0.5, 1e-8);
}

TEST(BinomialCdf, knows_the_ends) {
    EXPECT_EQ(binomial_cdf(5, 5, 0.3), 1);
    EXPECT_EQ(binomial_cdf(0, 5, 0), 1);
    EXPECT_EQ(binomial_cdf(4, 5, 1), 0);
}

TEST(DrawsNeeded, is_the_least_number_whose_bound_is_low_enough) {
    EXPECT_EQ(draws_needed(0.01, 0.95), 299u);
    EXPECT_EQ(draws_needed(0.05, 0.95), 59u);
    EXPECT_LE(upper_bound(0, 299, 0.95), 0.01);
    EXPECT_GT(upper_bound(0, 298, 0.95), 0.01);
}

TEST(SeededDraws, are_those_of_the_published_generator) {
    SeededDraws draws(1'234'567);
    EXPECT_EQ(draws.next(), 6457827717110365317u);
    EXPECT_EQ(draws.next(), 3203168211198807973u);
    EXPECT_EQ(draws.next(), 9817491932198370423u);
}

}  // namespace
}  // namespace skillet
