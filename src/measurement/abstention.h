// SPDX-License-Identifier: Apache-2.0
// Below which confidence a skill should abstain, so that of its answers no more than a share is
// wrong: a promise about cases to come, with a bound that holds for any number of cases.
//
// Fixed-sequence testing (Angelopoulos et al., 2021, "Learn then Test"; Bauer, 1991): thresholds of
// a fixed grid are tried from a strict one downwards. Each is certified if the Clopper-Pearson
// upper bound on the error among the answers is at most the target. The first that is not ends the
// sequence; so none needs a correction for the others. Where to begin is decided on other cases: a
// threshold that leaves too few answers to prove anything would end the sequence at once, and so
// would one that leaves too many wrong ones.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "measurement/scores.h"

namespace skillet {

inline constexpr double abstention_confidence = 0.95;

// The grid, ascending: 0 to 0.9 by 0.05, to 0.99 by 0.01, and 0.992 to 0.9999.
[[nodiscard]] std::span<const double> abstention_grid();

struct Abstention {
    double target_error = 0;
    // None: no threshold could be certified, and why.
    std::optional<double> abstain_below;
    std::string obstacle;
    uint64_t answered = 0;  // of the cases it was chosen on
    uint64_t wrong = 0;
    double error_bound = 1;  // the upper bound for those
};

// Chooses on `cases`, beginning where `others` say. The two share no case, and the confidences
// depend on neither. REQUIRES: 0 < target_error < 1, neither is empty.
[[nodiscard]] Abstention choose_abstention(std::span<const Judged> others,
                                           std::span<const Judged> cases, double target_error);

}  // namespace skillet
