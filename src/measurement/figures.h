// SPDX-License-Identifier: Apache-2.0
// Figures as the documents of measurements write them: docs/formats/measurement.md.
#pragma once

#include <span>

#include "json/value.h"
#include "measurement/measured.h"
#include "package/package.h"

namespace skillet {

[[nodiscard]] json::Value interval_json(const Interval &interval);
// {"value", "hits", "n", "interval"}
[[nodiscard]] json::Value share_json(const Accuracy &share);
[[nodiscard]] json::Value risk_json(std::span<const RiskPoint> points, uint64_t cases);
// {"accuracy", "ece", "ece_interval", "ece_bins", "brier", "log_loss"}
[[nodiscard]] json::Object quality_json(std::span<const Prediction> predictions, uint64_t seed);
// {"artifact", "contract"}: what a measurement is about.
[[nodiscard]] json::Value subject_json(const Package &package);
// {"p50_ms", "p90_ms", "p99_ms", "mean_ms", "min_ms", "max_ms"}. REQUIRES: not empty.
[[nodiscard]] json::Object times_json(std::vector<double> samples_ms);

}  // namespace skillet
