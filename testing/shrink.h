// SPDX-License-Identifier: Apache-2.0
// A sequence of steps that breaks a claim, made as short as leaving steps out can make it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace skillet::testing {

// REQUIRES: fails(steps). What is left fails, too, and no longer does with any one step less.
template <typename Step>
std::vector<Step> shortest_failing(std::vector<Step> steps,
                                   const std::function<bool(const std::vector<Step> &)> &fails) {
    for (size_t size = std::max<size_t>(steps.size() / 2, 1);;) {
        bool left_out = false;
        for (size_t begin = 0; begin < steps.size();) {
            const auto from = steps.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto to =
                from + static_cast<std::ptrdiff_t>(std::min(size, steps.size() - begin));
            std::vector<Step> fewer(steps.begin(), from);
            fewer.insert(fewer.end(), to, steps.end());
            if (fails(fewer)) {
                steps = std::move(fewer);
                left_out = true;
            } else {
                begin += size;
            }
        }
        // What could not be left out may become so once something behind it is gone.
        if (size == 1 && !left_out) return steps;
        size = std::max<size_t>(size / 2, 1);
    }
}

}  // namespace skillet::testing
