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
    size_t tokens = 0;          // text tokens of the input that were read, over all windows
    size_t tokens_dropped = 0;  // beyond what truncate keeps
    size_t windows = 0;
};

struct Answer {
    // One per label: of a head, raw and combined over the windows; of a decoder, the logarithm of
    // the label's probability.
    std::vector<float> logits;
    std::vector<double> probabilities;  // sums to 1; in the order of the contract's labels
    size_t best = 0;                    // index of the most probable label
    double option_mass = 1;             // what the labels have of all that the model could say
    std::optional<double> confidence;   // P(best is right); absent without a fitting calibration
    bool abstained = false;             // confidence is below the contract's threshold
    RequestStats stats;
};

// Of the probabilities, in nats: 0 if all is with one label, the logarithm of their number if it is
// spread evenly.
[[nodiscard]] double entropy_of(const Answer &answer);

// The label, or null if the skill abstained.
[[nodiscard]] const std::string *label_of(const Answer &answer, const Package &package);

// The document "skillet.result/1" (docs/formats/cli/result.schema.json), without or with timings.
[[nodiscard]] json::Value result_document(const Answer &answer, const Package &package,
                                          const std::string &engine_build, bool with_stats);

}  // namespace skillet
