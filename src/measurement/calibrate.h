// SPDX-License-Identifier: Apache-2.0
// `skillet calibrate`: from answers to cases to a document "skillet.calibration/2".
#pragma once

#include "base/result.h"
#include "json/value.h"
#include "measurement/measured.h"
#include "measurement/split.h"
#include "package/package.h"

namespace skillet {

// The share of label sets that may miss the right label.
inline constexpr double label_set_miss = 0.05;

struct CalibrateRules {
    SplitRule split;
    double target_error = 0.01;  // of what a skill that abstains still answers
};

// The temperature is fitted on one part of the cases, the thresholds are chosen on a second one,
// and the figures are of a third. Bound to the package's artifact and contract, which were asked.
[[nodiscard]] Result<json::Value> calibration_document(const Package &package, const CaseFile &file,
                                                       const Measured &measured,
                                                       const CalibrateRules &rules);

}  // namespace skillet
