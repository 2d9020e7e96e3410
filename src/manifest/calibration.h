// SPDX-License-Identifier: Apache-2.0
// A calibration document: how raw scores become probabilities, measured for one artifact under one
// contract. It is bound to both digests; for any other pair it does not exist.
// Format: docs/formats/calibration.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"

namespace skillet {

struct Calibration {
    Digest artifact;     // subject: the model's bytes
    Digest contract;     // subject: Contract::core_digest()
    double temperature;  // probabilities are softmax(logits / temperature)
    int64_t cases;       // how many held-out cases it was fitted on
    Digest digest;       // of the document itself
    json::Value json;

    // Strict; SKL_E_MANIFEST_INVALID with a JSON pointer.
    static Result<Calibration> parse(std::string_view text);
};

}  // namespace skillet
