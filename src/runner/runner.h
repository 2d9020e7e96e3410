// SPDX-License-Identifier: Apache-2.0
// Executes one request against one module, by the module's contract, and nothing else.
#pragma once

#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "resident/module.h"
#include "runner/answer.h"

namespace skillet {

// The caller's signal with the contract's deadline, counted from now, where that is sooner.
[[nodiscard]] StopSignal with_deadline_of(const Contract &contract, StopSignal stop);

// Validates, prepares, tokenises, computes, calibrates and checks the output. The caller's deadline
// and the contract's both hold. The module is intact afterwards, whatever happens.
//
// `package` is the caller's: the same one as the module's by its digest, and so of the same
// contract and model, but perhaps read with another calibration attached.
[[nodiscard]] Result<Answer> run_request(Module &module, const Package &package,
                                         std::string_view input, StopSignal stop);

// Softmax of logits / temperature, computed in double. REQUIRES: logits not empty.
[[nodiscard]] std::vector<double> softmax(const std::vector<float> &logits, double temperature);

}  // namespace skillet
