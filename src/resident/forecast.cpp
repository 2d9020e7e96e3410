// SPDX-License-Identifier: Apache-2.0
#include "resident/forecast.h"

namespace skillet {
namespace {

constexpr double step = 0.25;
constexpr double believable = 8;

uint64_t scaled(uint64_t bytes, const std::optional<double> &factor) {
    return factor ? static_cast<uint64_t>(static_cast<double>(bytes) * *factor) : bytes;
}

void move(std::optional<double> &factor, uint64_t estimate,
          const std::optional<uint64_t> &measured) {
    if (!measured || estimate == 0) return;
    const double found = static_cast<double>(*measured) / static_cast<double>(estimate);
    if (found > believable || found < 1 / believable) return;
    factor = factor ? *factor + step * (found - *factor) : found;
}

}  // namespace

MemoryPlan Forecast::plan(const std::string &architecture, const MemoryPlan &estimate) const {
    const std::lock_guard lock(mutex_);
    const auto found = factors_.find(architecture);
    if (found == factors_.end()) return estimate;
    return {estimate.weights, scaled(estimate.skeleton, found->second.skeleton),
            scaled(estimate.context, found->second.context)};
}

void Forecast::learn(const std::string &architecture, const MemoryPlan &estimate,
                     const MeasuredHeap &measured) {
    const std::lock_guard lock(mutex_);
    Factors &factors = factors_[architecture];
    move(factors.skeleton, estimate.skeleton, measured.skeleton);
    move(factors.context, estimate.context, measured.context);
}

}  // namespace skillet
