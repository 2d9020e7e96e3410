// SPDX-License-Identifier: Apache-2.0
// `skillet bench`: how long one skill takes in this process, as a document "skillet.bench/1" with
// every sample, what it was measured on, and how.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/work.h"
#include "json/value.h"
#include "measurement/evaluate.h"
#include "measurement/measured.h"
#include "package/package.h"

namespace skillet {

struct BenchInput {
    std::string name;
    std::string text;  // JSON
};

struct BenchRules {
    uint32_t warmup = 20;    // rounds that are not counted
    uint32_t samples = 200;  // rounds that are
};
inline constexpr uint32_t bench_rounds_max = 100'000;
inline constexpr size_t bench_inputs_max = 64;

struct BenchSamples {
    BenchInput input;
    std::vector<double> total_ms;     // around the whole call
    std::vector<RequestStats> parts;  // what the runner says of the same calls
};

// Each round asks every input once, in turn, so that a machine that slows down slows all alike. A
// failure ends it; its subject is the input's name. Phase "measure", in bytes of input.
[[nodiscard]] Result<std::vector<BenchSamples>> run_bench(const std::vector<BenchInput> &inputs,
                                                          const BenchRules &rules, const Ask &ask,
                                                          const Work &work);

// An input that the schema of the contract's own admits, if that is easy: an object of texts.
// SKL_E_INVALID_ARGUMENT otherwise.
[[nodiscard]] Result<BenchInput> example_input(const Package &package);

// `load_ms`: how long the first load took.
[[nodiscard]] json::Value bench_document(const Package &package,
                                         const std::vector<BenchSamples> &samples,
                                         const BenchRules &rules, double load_ms,
                                         const Environment &environment);

}  // namespace skillet
