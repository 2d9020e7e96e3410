// SPDX-License-Identifier: Apache-2.0
// What a skill promises: the `contract` member of skill.json, parsed and compiled.
//
// Immutable after parse(); every function may be called from several threads at once.
// Members: docs/formats/skill-json.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"
#include "prepare/prepare.h"
#include "schema/schema.h"

namespace skillet {

// One piece of what the engine reads: fixed words, a string member of the input, or a token of the
// model that is no text.
struct PromptSegment {
    enum Kind { literal, slot, control };
    Kind kind = literal;
    std::string text;  // the words, the JSON pointer of the member, or the token's name
};

// How a decoder is to say a label: as what comes after the prompt. A model with a head has none.
struct ContinuationRule {
    std::string before;  // text between the prompt and the label
    std::string end;     // the control token that ends the answer
};

struct RequestLimits {
    uint64_t input_bytes = 0;   // of the request's JSON text
    uint32_t input_tokens = 0;  // text tokens after truncate, over all windows
    uint64_t output_bytes = 0;  // of the result's output member
    uint32_t deadline_ms = 0;   // for one request, unless the caller asks for less
    // Of a decoder: prompt, input and labels together; 0 for a model with a head.
    uint32_t context_tokens = 0;
};

struct ConfidenceRule {
    // Only "calibrated-probability" today: P(the label is right), from a calibration document.
    std::string meaning;
    double abstain_below = 0;  // abstain if the confidence is lower; 0 never abstains
};

class Contract {
public:
    // SKL_E_MANIFEST_INVALID or SKL_E_SCHEMA_REFUSED, with a JSON pointer below `pointer`.
    static Result<Contract> parse(const json::Value &value, std::string_view pointer);

    [[nodiscard]] const std::string &task() const { return task_; }  // "classify" or "score"
    [[nodiscard]] const std::vector<std::string> &labels() const { return labels_; }
    // None: the model has a head, and the labels are its.
    [[nodiscard]] const std::optional<ContinuationRule> &continuation() const {
        return continuation_;
    }
    [[nodiscard]] const std::vector<PromptSegment> &prompt() const { return prompt_; }
    [[nodiscard]] const PrepareSpec &prepare() const { return prepare_; }
    [[nodiscard]] const RequestLimits &limits() const { return limits_; }
    [[nodiscard]] const ConfidenceRule &confidence() const { return confidence_; }
    [[nodiscard]] const json::Value &json() const { return json_; }

    // Over the members that decide an answer (task, labels, continuation, input,
    // output, prepare, prompt). What
    // is measured for a skill is bound to this and to the artifact's digest.
    [[nodiscard]] const Digest &core_digest() const { return core_digest_; }

    // Tokens one engine call may carry, special tokens included: sizes the context.
    [[nodiscard]] uint32_t context_tokens() const;

    // Checks size, syntax and schema of a request, in that order.
    [[nodiscard]] Result<json::Value> accept_input(std::string_view text) const;
    [[nodiscard]] Result<void> check_input_size(uint64_t bytes) const;
    // The output of that task: {"label": …} with the best one, or {"score": …} with the
    // probability of the first. REQUIRES: one probability for each label.
    [[nodiscard]] json::Value output_for(size_t best,
                                         const std::vector<double> &probabilities) const;
    // Checks an output before it leaves the runner.
    [[nodiscard]] Result<void> check_output(const json::Value &output) const;
    // The text for the tokenizer, after the steps that work on text.
    // REQUIRES: `input` came from accept_input; there is no continuation.
    [[nodiscard]] Result<std::string> render(const json::Value &input) const;
    // The part of it that stands for the slot with this JSON pointer.
    [[nodiscard]] Result<std::string> slot_text(const json::Value &input,
                                                const std::string &slot) const;

private:
    Contract() = default;
    Result<void> parse_members(const json::Value &value, std::string_view pointer);
    Result<void> parse_prompt(const json::Array &segments, std::string_view pointer);
    Result<void> parse_segment(const json::Value &value, std::string_view pointer);
    Result<void> parse_continuation(const json::Value &value, std::string_view pointer);
    Result<void> parse_limits(const json::Value &value, std::string_view pointer);
    Result<void> parse_confidence(const json::Value &value, std::string_view pointer);
    // What parts of a contract say about one another.
    [[nodiscard]] Result<void> check_parts(std::string_view pointer) const;
    [[nodiscard]] Result<void> check_slots(std::string_view pointer) const;
    [[nodiscard]] Result<void> check_outputs(std::string_view pointer) const;
    [[nodiscard]] Result<void> check_output_of(const json::Value &output, const std::string &what,
                                               std::string_view pointer) const;

    json::Value json_;
    std::string task_;
    std::vector<std::string> labels_;
    std::optional<ContinuationRule> continuation_;
    std::shared_ptr<const Schema> input_;
    std::shared_ptr<const Schema> output_;
    PrepareSpec prepare_;
    std::vector<PromptSegment> prompt_;
    RequestLimits limits_;
    ConfidenceRule confidence_;
    Digest core_digest_;
};

}  // namespace skillet
