// SPDX-License-Identifier: Apache-2.0
// The temperature with which softmax(logits / temperature) has the least log loss (Guo et al.,
// 2017, "On Calibration of Modern Neural Networks").
#pragma once

#include <span>
#include <vector>

#include "base/result.h"

namespace skillet {

// What a model said of one case, and which label is right.
struct Scored {
    std::vector<float> logits;
    size_t truth = 0;
};

inline constexpr double temperature_min = 0.05;
inline constexpr double temperature_max = 20;

// Deterministic: in 1 / temperature the loss is convex, so the sign of its slope is bisected until
// nothing changes. SKL_E_INVALID_ARGUMENT if the least loss lies at a bound: if every case is
// answered rightly, the colder the better, and if logits and truth have nothing to do with each
// other, the warmer. REQUIRES: cases not empty, each truth < its logits' number, logits finite.
[[nodiscard]] Result<double> fit_temperature(std::span<const Scored> cases);

}  // namespace skillet
