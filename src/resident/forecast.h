// SPDX-License-Identifier: Apache-2.0
// What a load will take, before it is done: the package's own estimate, corrected by what loads of
// the same architecture turned out to take in this process. Thread-safe.
//
// The correction is a factor for each component of the heap (the mapped file's size is known). A
// new measurement moves it by a quarter of the difference, the first one all the way; measurements
// that are off by more than a factor of eight are somebody else's allocations.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "resident/memory_plan.h"

namespace skillet {

// Bytes of heap, as far as they could be measured.
struct MeasuredHeap {
    std::optional<uint64_t> skeleton;
    std::optional<uint64_t> context;
};

class Forecast {
public:
    [[nodiscard]] MemoryPlan plan(const std::string &architecture,
                                  const MemoryPlan &estimate) const;
    void learn(const std::string &architecture, const MemoryPlan &estimate,
               const MeasuredHeap &measured);

private:
    struct Factors {
        std::optional<double> skeleton;
        std::optional<double> context;
    };

    mutable std::mutex mutex_;
    std::map<std::string, Factors> factors_;  // guarded by mutex_
};

}  // namespace skillet
