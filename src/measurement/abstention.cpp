// SPDX-License-Identifier: Apache-2.0
#include "measurement/abstention.h"

#include <array>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr std::array grid{0.0,  0.05,  0.1,   0.15,  0.2,   0.25,  0.3,   0.35,   0.4,
                          0.45, 0.5,   0.55,  0.6,   0.65,  0.7,   0.75,  0.8,    0.85,
                          0.9,  0.91,  0.92,  0.93,  0.94,  0.95,  0.96,  0.97,   0.98,
                          0.99, 0.992, 0.994, 0.995, 0.996, 0.998, 0.999, 0.9995, 0.9999};

// How likely the bound for `count` answers is low enough if each is wrong with probability `risk`.
double chance_to_hold(uint64_t count, double risk, double target_error) {
    const double doubt = 1 - abstention_confidence;
    if (binomial_cdf(0, count, target_error) > doubt) return 0;
    uint64_t wrong_max = 0;  // with so many wrong ones it still is
    while (binomial_cdf(wrong_max + 1, count, target_error) <= doubt) ++wrong_max;
    return binomial_cdf(wrong_max, count, risk);
}

// Where the first test is likeliest to hold, as far as the other cases tell; of several, the
// strictest.
size_t begin_of(std::span<const Judged> others, size_t count, double target_error) {
    const double scale = static_cast<double>(count) / static_cast<double>(others.size());
    size_t begin = 0;
    double best = 0;
    for (size_t at = grid.size(); at-- > 0;) {
        const RiskPoint point = risk_at(others, grid[at]);
        const auto answered = static_cast<double>(point.answered);
        // Laplace's estimate: of few answers, none being wrong says little.
        const double risk = (static_cast<double>(point.wrong) + 1) / (answered + 2);
        const double chance =
            chance_to_hold(static_cast<uint64_t>(answered * scale), risk, target_error);
        if (chance <= best) continue;
        best = chance;
        begin = at;
    }
    return begin;
}

}  // namespace

std::span<const double> abstention_grid() { return grid; }

Abstention choose_abstention(std::span<const Judged> others, std::span<const Judged> cases,
                             double target_error) {
    Abstention chosen{target_error, {}, {}, 0, 0, 1};
    const uint64_t needed = draws_needed(target_error, abstention_confidence);
    if (cases.size() < needed) {
        chosen.obstacle = fmt::format(
            "an error of at most {} takes {} answers without a single mistake to show; there are "
            "{} cases to choose on",
            target_error, needed, cases.size());
        return chosen;
    }
    for (size_t at = begin_of(others, cases.size(), target_error) + 1; at-- > 0;) {
        const RiskPoint point = risk_at(cases, grid[at]);
        if (point.answered == 0) break;
        const double bound = upper_bound(point.wrong, point.answered, abstention_confidence);
        if (bound > target_error) {
            if (chosen.abstain_below) break;
            chosen.obstacle = fmt::format(
                "at {}, where enough is answered to tell, {} of {} answers are wrong: the error "
                "may be as high as {:.4f}",
                grid[at], point.wrong, point.answered, bound);
            break;
        }
        chosen.abstain_below = grid[at];
        chosen.answered = point.answered;
        chosen.wrong = point.wrong;
        chosen.error_bound = bound;
    }
    return chosen;
}

}  // namespace skillet
