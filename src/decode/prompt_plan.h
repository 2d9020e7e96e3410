// SPDX-License-Identifier: Apache-2.0
// What a contract asks of a decoder, in that model's tokens: the prompt with what is fixed of it
// already tokenised, and the labels. Made once per loaded model.
//
// Each segment of a prompt is tokenised by itself, so that nothing in a slot can join with what
// stands beside it. Immutable; may be read from several threads at once.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "decode/label_forest.h"
#include "engine/engine.h"

namespace skillet {

// One request's prompt.
struct PromptReading {
    std::vector<TokenId> rest;  // all that comes after the fixed beginning
    size_t text_tokens = 0;     // of slots, after truncation
    size_t tokens_dropped = 0;  // beyond what truncate keeps
};

class PromptPlan {
public:
    // SKL_E_MANIFEST_INVALID with a JSON pointer if the model's vocabulary lacks a control token
    // that is named, or if prompt, input and labels do not fit together into the context.
    // REQUIRES: contract.continuation().
    static Result<PromptPlan> make(const Contract &contract, const EngineModel &model);

    // The same in every request: what stands before the first slot.
    [[nodiscard]] const std::vector<TokenId> &fixed() const { return fixed_; }
    [[nodiscard]] const LabelForest &labels() const { return labels_; }

    // SKL_E_CONTEXT_EXCEEDED for too many tokens, SKL_E_INPUT_SCHEMA for a slot that the model
    // would read as more than text. REQUIRES: `input` came from contract.accept_input; the contract
    // and the model are those of make().
    [[nodiscard]] Result<PromptReading> read(const Contract &contract, const EngineModel &model,
                                             const json::Value &input) const;

private:
    explicit PromptPlan(LabelForest labels) : labels_(std::move(labels)) {}

    std::vector<TokenId> fixed_;
    std::vector<std::vector<TokenId>> segments_;  // tokens of each; of a slot, none
    LabelForest labels_;
};

}  // namespace skillet
