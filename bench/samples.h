// SPDX-License-Identifier: Apache-2.0
// Timing series: what the benchmarks have in common.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"

namespace skillet::bench {

// Milliseconds that `body` takes.
template <typename Body>
double time_ms(Body body) {
    const auto begin = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
        .count();
}

struct Series {
    std::vector<double> values;

    void add(double value) { values.push_back(value); }
    // REQUIRES: not empty; 0 <= fraction <= 1.
    [[nodiscard]] double quantile(double fraction) const {
        std::vector<double> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<size_t>(fraction * static_cast<double>(sorted.size() - 1))];
    }
    [[nodiscard]] double median() const { return quantile(0.5); }
    [[nodiscard]] std::string json() const {
        return fmt::format(R"({{"n":{},"p10":{:.5f},"median":{:.5f},"p90":{:.5f},"p99":{:.5f}}})",
                           values.size(), quantile(0.1), median(), quantile(0.9), quantile(0.99));
    }
};

// The value, or the end of the benchmark.
template <typename T>
T must(Result<T> result) {
    if (!result) {
        fmt::print(stderr, "bench: {} ({})\n", result.error().message, result.error().subject);
        std::exit(1);
    }
    return *std::move(result);
}

}  // namespace skillet::bench
