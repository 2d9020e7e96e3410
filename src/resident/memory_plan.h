// SPDX-License-Identifier: Apache-2.0
// What one module takes of the memory budget, by component, in bytes.
#pragma once

#include <cstdint>
#include <limits>

namespace skillet {

struct MemoryPlan {
    uint64_t weights = 0;   // the model file, which is mapped
    uint64_t skeleton = 0;  // what a parked module keeps: vocabulary and tables, on the heap
    uint64_t context = 0;   // one context: states, scratch, logits

    // With so many contexts; the largest number there is if the sum is larger.
    [[nodiscard]] uint64_t bytes(uint32_t contexts = 1) const {
        uint64_t all = 0;
        if (__builtin_mul_overflow(context, uint64_t{contexts}, &all) ||
            __builtin_add_overflow(all, weights, &all) ||
            __builtin_add_overflow(all, skeleton, &all)) {
            return std::numeric_limits<uint64_t>::max();
        }
        return all;
    }
};

}  // namespace skillet
