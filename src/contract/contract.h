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

// One piece of the text the engine reads: fixed words, or a string member of the input.
struct PromptSegment {
    bool is_slot = false;
    std::string text;  // the literal, or the JSON pointer of the member
};

struct RequestLimits {
    uint64_t input_bytes = 0;   // of the request's JSON text
    uint32_t input_tokens = 0;  // text tokens after truncate, over all windows
    uint64_t output_bytes = 0;  // of the result's output member
    uint32_t deadline_ms = 0;   // for one request, unless the caller asks for less
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

    [[nodiscard]] const std::string &task() const { return task_; }  // "classify"
    [[nodiscard]] const std::vector<std::string> &labels() const { return labels_; }
    [[nodiscard]] const PrepareSpec &prepare() const { return prepare_; }
    [[nodiscard]] const RequestLimits &limits() const { return limits_; }
    [[nodiscard]] const ConfidenceRule &confidence() const { return confidence_; }
    [[nodiscard]] const json::Value &json() const { return json_; }

    // Over the members that decide an answer (task, labels, input, output, prepare, prompt). What
    // is measured for a skill is bound to this and to the artifact's digest.
    [[nodiscard]] const Digest &core_digest() const { return core_digest_; }

    // Tokens one engine call may carry, special tokens included: sizes the context.
    [[nodiscard]] uint32_t context_tokens() const;

    // Checks size, syntax and schema of a request, in that order.
    [[nodiscard]] Result<json::Value> accept_input(std::string_view text) const;
    [[nodiscard]] Result<void> check_input_size(uint64_t bytes) const;
    // The output that says `label`: {"label": …}.
    [[nodiscard]] static json::Value output_for(std::string_view label);
    // Checks an output before it leaves the runner.
    [[nodiscard]] Result<void> check_output(const json::Value &output) const;
    // The text for the tokenizer, after the steps that work on text.
    // REQUIRES: `input` came from accept_input.
    [[nodiscard]] Result<std::string> render(const json::Value &input) const;

private:
    Contract() = default;
    Result<void> parse_members(const json::Value &value, std::string_view pointer);
    Result<void> parse_prompt(const json::Array &segments, std::string_view pointer);
    Result<void> parse_limits(const json::Value &value, std::string_view pointer);
    Result<void> parse_confidence(const json::Value &value, std::string_view pointer);
    // What parts of a contract say about one another.
    [[nodiscard]] Result<void> check_parts(std::string_view pointer) const;

    json::Value json_;
    std::string task_;
    std::vector<std::string> labels_;
    std::shared_ptr<const Schema> input_;
    std::shared_ptr<const Schema> output_;
    PrepareSpec prepare_;
    std::vector<PromptSegment> prompt_;
    RequestLimits limits_;
    ConfidenceRule confidence_;
    Digest core_digest_;
};

}  // namespace skillet
