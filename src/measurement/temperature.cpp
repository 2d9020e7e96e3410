// SPDX-License-Identifier: Apache-2.0
#include "measurement/temperature.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace skillet {
namespace {

// Of the mean log loss, by b = 1 / temperature: mean over cases of E[logit] - logit of the truth,
// where the expectation is by softmax(b * logits). Grows with b.
double slope_at(std::span<const Scored> cases, double b) {
    double slope = 0;
    for (const Scored &one : cases) {
        const double top = *std::max_element(one.logits.begin(), one.logits.end());
        double weights = 0;
        double weighted = 0;
        for (const float logit : one.logits) {
            const double weight = std::exp(b * (double{logit} - top));
            weights += weight;
            weighted += weight * (double{logit} - top);
        }
        slope += weighted / weights - (double{one.logits[one.truth]} - top);
    }
    return slope / static_cast<double>(cases.size());
}

}  // namespace

Result<double> fit_temperature(std::span<const Scored> cases) {
    double low = 1 / temperature_max;
    double high = 1 / temperature_min;
    if (slope_at(cases, high) <= 0) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          fmt::format("too few of the {} cases for the temperature are answered "
                                      "wrongly to tell it: {} would still be too warm",
                                      cases.size(), temperature_min),
                          "", "give more cases, or harder ones");
    }
    if (slope_at(cases, low) >= 0) {
        return make_error(
            SKL_E_INVALID_ARGUMENT,
            fmt::format("on the {} cases for the temperature, what the model says has "
                        "nothing to do with their labels: {} would still be too cold",
                        cases.size(), temperature_max),
            "", "see whether the labels are this skill's");
    }
    for (;;) {
        const double middle = (low + high) / 2;
        if (middle <= low || middle >= high) return 1 / middle;
        (slope_at(cases, middle) < 0 ? low : high) = middle;
    }
}

}  // namespace skillet
