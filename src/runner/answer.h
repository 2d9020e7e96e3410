// SPDX-License-Identifier: Apache-2.0
// The typed result of one request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "json/value.h"
#include "package/package.h"

namespace skillet {

// Where the time of one request went, in milliseconds, as measured here.
struct RequestStats {
    double input_ms = 0;  // parsing, validation, prepare on text
    double tokenize_ms = 0;
    double wait_ms = 0;     // for a context
    double compute_ms = 0;  // in the engine
    double total_ms = 0;
    size_t tokens = 0;          // text tokens read, over all windows
    size_t tokens_dropped = 0;  // beyond what truncate keeps
    size_t windows = 0;
};

struct Answer {
    std::vector<float> logits;          // raw, combined over the windows; one per label
    std::vector<double> probabilities;  // sums to 1; in the order of the contract's labels
    size_t best = 0;                    // index of the most probable label
    std::optional<double> confidence;   // P(best is right); absent without a fitting calibration
    bool abstained = false;             // confidence is below the contract's threshold
    RequestStats stats;
};

// The label, or null if the skill abstained.
[[nodiscard]] const std::string *label_of(const Answer &answer, const Package &package);

// The document "skillet.result/1" (docs/formats/cli/result.schema.json), without or with timings.
[[nodiscard]] json::Value result_document(const Answer &answer, const Package &package,
                                          const std::string &engine_build, bool with_stats);

}  // namespace skillet
