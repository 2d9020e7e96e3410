// SPDX-License-Identifier: Apache-2.0
// What a share of hits says about the probability behind it.
#pragma once

#include <cstdint>

namespace skillet {

struct Interval {
    double low = 0;
    double high = 1;
};

// The 95 % score interval (Wilson, 1927), which keeps its promise also near 0 and 1.
// REQUIRES: hits <= count, count > 0.
[[nodiscard]] Interval wilson_interval(uint64_t hits, uint64_t count);

// P(at most `hits` hits in `count` draws of probability `p`), summed term by term: time is linear
// in `hits`. REQUIRES: hits <= count, 0 <= p <= 1.
[[nodiscard]] double binomial_cdf(uint64_t hits, uint64_t count, double p);

// The one-sided upper bound of Clopper and Pearson (1934): the largest probability with which so
// few hits are seen at least once in 1 / (1 - confidence) times. 1 without draws.
// REQUIRES: hits <= count, 0 < confidence < 1.
[[nodiscard]] double upper_bound(uint64_t hits, uint64_t count, double confidence);

// How many draws without a single hit it takes for upper_bound() to be at most `p`: fewer prove
// nothing. REQUIRES: 0 < p < 1, 0 < confidence < 1.
[[nodiscard]] uint64_t draws_needed(double p, double confidence);

}  // namespace skillet
