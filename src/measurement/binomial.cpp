// SPDX-License-Identifier: Apache-2.0
#include "measurement/binomial.h"

#include <algorithm>
#include <cmath>

namespace skillet {
namespace {

constexpr double z_95 = 1.959963984540054;  // the normal distribution's 97.5 % quantile
constexpr int halvings = 60;

}  // namespace

Interval wilson_interval(uint64_t hits, uint64_t count) {
    const auto n = static_cast<double>(count);
    const double share = static_cast<double>(hits) / n;
    const double spread = z_95 * z_95 / n;
    const double middle = share + spread / 2;
    const double half = z_95 * std::sqrt(share * (1 - share) / n + spread / (4 * n));
    // At the ends the formula gives exactly 0 and 1, but for rounding.
    const double low = hits == 0 ? 0 : (middle - half) / (1 + spread);
    const double high = hits == count ? 1 : (middle + half) / (1 + spread);
    return {low, high};
}

double binomial_cdf(uint64_t hits, uint64_t count, double p) {
    if (hits >= count || p <= 0) return 1;
    if (p >= 1) return 0;
    // In logarithms: with many draws, the first terms are far below the smallest double.
    const double log_odds = std::log(p) - std::log1p(-p);
    double log_term = static_cast<double>(count) * std::log1p(-p);
    double sum = std::exp(log_term);
    for (uint64_t i = 0; i < hits; ++i) {
        log_term += std::log(static_cast<double>(count - i) / static_cast<double>(i + 1));
        log_term += log_odds;
        sum += std::exp(log_term);
    }
    return std::min(sum, 1.0);
}

double upper_bound(uint64_t hits, uint64_t count, double confidence) {
    if (hits >= count) return 1;
    double low = static_cast<double>(hits) / static_cast<double>(count);
    double high = 1;
    for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        (binomial_cdf(hits, count, middle) > 1 - confidence ? low : high) = middle;
    }
    return high;
}

uint64_t draws_needed(double p, double confidence) {
    // (1 - p) ^ n <= 1 - confidence
    return static_cast<uint64_t>(std::ceil(std::log1p(-confidence) / std::log1p(-p)));
}

}  // namespace skillet
