// SPDX-License-Identifier: Apache-2.0
#include "decode/prompt_plan.h"

#include <algorithm>

#include <fmt/format.h>

namespace skillet {
namespace {

// What the engine says of a text that the author wrote is about the contract.
template <typename T>
Result<T> authored(Result<T> outcome, std::string pointer) {
    if (outcome) return outcome;
    Error error = std::move(outcome).error();
    if (error.code == SKL_E_NOT_FOUND) {
        error.code = SKL_E_MANIFEST_INVALID;
        error.hint = "`skillet gguf inspect` shows the model's control tokens";
    } else if (error.code == SKL_E_INPUT_SCHEMA) {
        error.code = SKL_E_MANIFEST_INVALID;
        error.hint = "say {\"control\": …} where a control token is meant";
    }
    error.subject = std::move(pointer);
    return error;
}

Result<LabelForest> plant_labels(const Contract &contract, const EngineModel &model) {
    const ContinuationRule &rule = *contract.continuation();
    SKL_TRY_ASSIGN(end, authored(model.control_token(rule.end), "/contract/continuation/end"));
    std::vector<std::vector<TokenId>> labels;
    for (size_t i = 0; i < contract.labels().size(); ++i) {
        SKL_TRY_ASSIGN(tokens, authored(model.tokenize(rule.before + contract.labels()[i]),
                                        fmt::format("/contract/labels/{}", i)));
        tokens.push_back(end);
        labels.push_back(std::move(tokens));
    }
    auto forest = LabelForest::plant(labels);
    if (forest) return forest;
    Error error = std::move(forest).error();
    error.subject = "/contract/labels" + error.subject;
    return error;
}

Result<std::vector<TokenId>> segment_tokens(const PromptSegment &segment,
                                            const EngineModel &model) {
    switch (segment.kind) {
        case PromptSegment::slot: break;
        case PromptSegment::literal: return model.tokenize(segment.text);
        case PromptSegment::control: {
            SKL_TRY_ASSIGN(token, model.control_token(segment.text));
            return std::vector<TokenId>{token};
        }
    }
    return std::vector<TokenId>{};
}

}  // namespace

Result<PromptPlan> PromptPlan::make(const Contract &contract, const EngineModel &model) {
    SKL_TRY_ASSIGN(labels, plant_labels(contract, model));
    PromptPlan plan(std::move(labels));
    uint64_t tokens = 0;
    bool is_fixed = true;
    for (size_t i = 0; i < contract.prompt().size(); ++i) {
        const PromptSegment &segment = contract.prompt()[i];
        SKL_TRY_ASSIGN(
            own, authored(segment_tokens(segment, model), fmt::format("/contract/prompt/{}", i)));
        tokens += own.size();
        is_fixed = is_fixed && segment.kind != PromptSegment::slot;
        if (is_fixed) {
            plan.fixed_.insert(plan.fixed_.end(), own.begin(), own.end());
            own.clear();
        }
        plan.segments_.push_back(std::move(own));
    }
    const RequestLimits &limits = contract.limits();
    if (tokens == 0) {
        return make_error(SKL_E_MANIFEST_INVALID, "nothing of the prompt is fixed",
                          "/contract/prompt", "say something to the model beside the input");
    }
    const uint64_t needed = tokens + limits.input_tokens + plan.labels_.nodes_max();
    if (needed <= limits.context_tokens) return plan;
    return make_error(
        SKL_E_MANIFEST_INVALID,
        fmt::format("{} tokens of the prompt, {} of the input and {} of labels do "
                    "not fit into {}",
                    tokens, limits.input_tokens, plan.labels_.nodes_max(), limits.context_tokens),
        "/contract/limits/context_tokens",
        fmt::format("raise it to {}, or admit fewer input_tokens", needed));
}

Result<PromptReading> PromptPlan::read(const Contract &contract, const EngineModel &model,
                                       const json::Value &input) const {
    const uint32_t tokens_max = contract.limits().input_tokens;
    const size_t kept_max = contract.prepare().truncate_tokens.value_or(tokens_max);
    PromptReading reading;
    size_t found = 0;
    for (size_t i = 0; i < segments_.size(); ++i) {
        const PromptSegment &segment = contract.prompt()[i];
        if (segment.kind != PromptSegment::slot) {
            reading.rest.insert(reading.rest.end(), segments_[i].begin(), segments_[i].end());
            continue;
        }
        SKL_TRY_ASSIGN(text, contract.slot_text(input, segment.text));
        auto tokens = model.tokenize(text);
        if (!tokens) {
            Error error = std::move(tokens).error();
            if (error.subject.empty()) error.subject = segment.text;
            return error;
        }
        const size_t kept = std::min(tokens->size(), kept_max - reading.text_tokens);
        found += tokens->size();
        reading.text_tokens += kept;
        reading.rest.insert(reading.rest.end(), tokens->begin(),
                            tokens->begin() + static_cast<std::ptrdiff_t>(kept));
    }
    reading.tokens_dropped = found - reading.text_tokens;
    if (reading.tokens_dropped == 0 || contract.prepare().truncate_tokens) return reading;
    return make_error(
        SKL_E_CONTEXT_EXCEEDED,
        fmt::format("the input has {} tokens; at most {} are admitted", found, tokens_max), "",
        "send a shorter text");
}

}  // namespace skillet
