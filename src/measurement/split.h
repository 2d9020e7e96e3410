// SPDX-License-Identifier: Apache-2.0
// Which case serves what, so that nothing is judged by a case that helped to choose it.
//
// The part follows from the seed and the input alone: equal inputs are always together, and neither
// order nor number of the other cases moves one.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/result.h"
#include "measurement/cases.h"

namespace skillet {

enum class Part : uint8_t {
    temperature,  // a quarter: the temperature is fitted on these
    thresholds,   // a quarter: thresholds for abstaining and for label sets are chosen on these
    quality       // a half: the figures that are reported
};
inline constexpr size_t part_count = 3;
inline constexpr size_t part_cases_min = 10;

struct SplitRule {
    uint64_t seed = 0;
    // If set: what is fitted and chosen, half and half, is so on the cases of this split; the
    // figures are of all others.
    std::string fit_on;
};

// Indexes into `cases`, by part. SKL_E_INVALID_ARGUMENT if a part has fewer than part_cases_min
// cases; SKL_E_INPUT_SCHEMA if the author's split puts one input on both sides.
[[nodiscard]] Result<std::array<std::vector<size_t>, part_count>> split_cases(
    const std::vector<Case> &cases, const SplitRule &rule);

}  // namespace skillet
