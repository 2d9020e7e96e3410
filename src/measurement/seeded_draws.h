// SPDX-License-Identifier: Apache-2.0
// Draws that are the same on every machine: SplitMix64 (Steele, Lea and Flood, 2014), which is
// specified to the bit, as the standard library's distributions are not.
#pragma once

#include <cstdint>

namespace skillet {

class SeededDraws {
public:
    explicit SeededDraws(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        state_ += 0x9E3779B97F4A7C15;
        uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
    // In [0, count). The first ones are likelier by count / 2^64, which nobody will notice.
    uint64_t below(uint64_t count) { return next() % count; }

private:
    uint64_t state_;
};

}  // namespace skillet
