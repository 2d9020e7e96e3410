// SPDX-License-Identifier: Apache-2.0
#include "contract/contract.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "json/members.h"
#include "json/parse.h"
#include "json/write.h"

namespace skillet {
namespace {

constexpr Code invalid = SKL_E_MANIFEST_INVALID;
constexpr uint64_t input_bytes_max = 16u << 20;
constexpr size_t prompt_segments_max = 64;
constexpr size_t labels_max = 1024;  // as many as a model's head may have

// The members whose change may change an answer.
constexpr const char *core_members[] = {"task", "labels", "input", "output", "prepare", "prompt"};

Digest digest_core(const json::Object &contract) {
    json::Object core;
    for (const char *name : core_members) {
        if (const json::Value *member = contract.find(name)) core.append(name, *member);
    }
    return sha256(json::canonical(core));
}

Result<Schema> compile_schema(json::MemberReader &reader, std::string_view name) {
    SKL_TRY_ASSIGN(document, reader.any(name));
    return Schema::compile(*document, reader.pointer(name));
}

Result<std::vector<std::string>> read_labels(json::MemberReader &reader) {
    SKL_TRY_ASSIGN(labels, reader.strings("labels"));
    const std::set<std::string> distinct(labels.begin(), labels.end());
    if (labels.size() < 2 || labels.size() > labels_max || distinct.size() != labels.size() ||
        distinct.contains("")) {
        return reader.refuse("labels",
                             fmt::format("needs 2 to {} different, non-empty labels", labels_max));
    }
    return std::move(labels);
}

Error too_large(Code code, std::string_view what, uint64_t bytes, uint64_t bytes_max,
                std::string hint = {}) {
    Error error = make_error(
        code, fmt::format("the {} has {} bytes; at most {} are admitted", what, bytes, bytes_max),
        "", std::move(hint));
    error.required_bytes = bytes;
    error.available_bytes = bytes_max;
    return error;
}

}  // namespace

Result<Contract> Contract::parse(const json::Value &value, std::string_view pointer) {
    Contract contract;
    SKL_TRY(contract.parse_members(value, pointer));
    contract.json_ = value;
    contract.core_digest_ = digest_core(*value.object());
    return contract;
}

Result<void> Contract::parse_members(const json::Value &value, std::string_view pointer) {
    json::MemberReader reader(value, std::string(pointer), invalid);
    SKL_TRY_ASSIGN(task, reader.string("task"));
    if (task != "classify") {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, fmt::format("task \"{}\" is not known", task),
                          reader.pointer("task"), "this version runs the task \"classify\"");
    }
    task_ = std::move(task);

    SKL_TRY_ASSIGN(labels, read_labels(reader));
    labels_ = std::move(labels);

    // Words for people: what the skill is for. They bind nothing, so only their types are checked.
    SKL_TRY_ASSIGN(domain, reader.any("domain"));
    json::MemberReader domain_reader(*domain, reader.pointer("domain"), invalid);
    for (const char *member : {"supported", "unsupported", "fallback"}) {
        SKL_TRY(domain_reader.string(member));
    }
    SKL_TRY(domain_reader.done());

    SKL_TRY_ASSIGN(input, compile_schema(reader, "input"));
    input_ = std::make_shared<const Schema>(std::move(input));
    SKL_TRY_ASSIGN(output, compile_schema(reader, "output"));
    output_ = std::make_shared<const Schema>(std::move(output));

    SKL_TRY_ASSIGN(steps, reader.any("prepare"));
    SKL_TRY_ASSIGN(prepare, PrepareSpec::parse(*steps, reader.pointer("prepare")));
    prepare_ = std::move(prepare);

    SKL_TRY_ASSIGN(segments, reader.array("prompt"));
    SKL_TRY(parse_prompt(*segments, reader.pointer("prompt")));
    SKL_TRY_ASSIGN(limits, reader.any("limits"));
    SKL_TRY(parse_limits(*limits, reader.pointer("limits")));
    SKL_TRY_ASSIGN(confidence, reader.any("confidence"));
    SKL_TRY(parse_confidence(*confidence, reader.pointer("confidence")));

    SKL_TRY(check_parts(pointer));

    SKL_TRY_ASSIGN(determinism, reader.string("determinism"));
    if (determinism != "strict") {
        return reader.refuse("determinism", "this version knows only \"strict\"");
    }
    return reader.done();
}

Result<void> Contract::check_parts(std::string_view pointer) const {
    for (const std::string &member : prepare_.strip_html) {
        const auto reads = [&](const PromptSegment &segment) {
            return segment.is_slot && segment.text == member;
        };
        if (std::none_of(prompt_.begin(), prompt_.end(), reads)) {
            return make_error(
                invalid, fmt::format("strips \"{}\", which is no slot of the prompt", member),
                fmt::format("{}/prepare", pointer), "strip a member that the prompt reads");
        }
    }
    for (const std::string &label : labels_) {
        const auto fits = check_output(output_for(label));
        if (fits) continue;
        const bool is_too_large = fits.error().code == SKL_E_OUTPUT_TOO_LARGE;
        return make_error(
            invalid,
            fmt::format("does not admit the label \"{}\": {}", label, fits.error().message),
            fmt::format("{}/{}", pointer, is_too_large ? "limits/output_bytes" : "output"));
    }
    return {};
}

Result<void> Contract::parse_prompt(const json::Array &segments, std::string_view pointer) {
    if (segments.empty() || segments.size() > prompt_segments_max) {
        return make_error(invalid,
                          fmt::format("a prompt has 1 to {} segments", prompt_segments_max),
                          std::string(pointer));
    }
    for (size_t i = 0; i < segments.size(); ++i) {
        json::MemberReader reader(segments[i], json::pointer_join(pointer, std::to_string(i)),
                                  invalid);
        const bool is_slot = reader.optional("slot") != nullptr;
        SKL_TRY_ASSIGN(text, reader.string(is_slot ? "slot" : "literal"));
        if (is_slot && !text.starts_with('/')) {
            return reader.refuse("slot", "must be a JSON pointer to a string member of the input");
        }
        SKL_TRY(reader.done());
        prompt_.push_back({is_slot, std::move(text)});
    }
    return {};
}

Result<void> Contract::parse_limits(const json::Value &value, std::string_view pointer) {
    json::MemberReader reader(value, std::string(pointer), invalid);
    SKL_TRY_ASSIGN(input_bytes, reader.integer("input_bytes", 2, input_bytes_max));
    SKL_TRY_ASSIGN(input_tokens, reader.integer("input_tokens", 1, 1 << 20));
    SKL_TRY_ASSIGN(output_bytes, reader.integer("output_bytes", 2, 1 << 20));
    SKL_TRY_ASSIGN(deadline_ms, reader.integer("deadline_ms", 1, 3'600'000));
    SKL_TRY(reader.done());
    limits_ = {static_cast<uint64_t>(input_bytes), static_cast<uint32_t>(input_tokens),
               static_cast<uint64_t>(output_bytes), static_cast<uint32_t>(deadline_ms)};
    if (prepare_.window && limits_.input_tokens > prepare_.window->tokens_max()) {
        return reader.refuse("input_tokens",
                             fmt::format("exceeds the {} tokens that the windows can hold",
                                         prepare_.window->tokens_max()));
    }
    if (prepare_.truncate_tokens && *prepare_.truncate_tokens > limits_.input_tokens) {
        return reader.refuse("input_tokens",
                             fmt::format("is less than the {} tokens that truncate keeps",
                                         *prepare_.truncate_tokens));
    }
    return {};
}

Result<void> Contract::parse_confidence(const json::Value &value, std::string_view pointer) {
    json::MemberReader reader(value, std::string(pointer), invalid);
    SKL_TRY_ASSIGN(meaning, reader.string("meaning"));
    if (meaning != "calibrated-probability") {
        return reader.refuse("meaning", "this version knows only \"calibrated-probability\"");
    }
    SKL_TRY_ASSIGN(abstain_below, reader.number("abstain_below", 0, 1));
    SKL_TRY(reader.done());
    confidence_ = {std::move(meaning), abstain_below};
    return {};
}

uint32_t Contract::context_tokens() const {
    constexpr uint32_t special_tokens = 2;  // [CLS] and [SEP]
    if (prepare_.window) return prepare_.window->size;
    return limits_.input_tokens + special_tokens;
}

Result<json::Value> Contract::accept_input(std::string_view text) const {
    SKL_TRY(check_input_size(text.size()));
    SKL_TRY_ASSIGN(value, json::parse(text, SKL_E_INPUT_SYNTAX, "", {limits_.input_bytes}));
    SKL_TRY(input_->validate(value, SKL_E_INPUT_SCHEMA));
    return std::move(value);
}

Result<void> Contract::check_input_size(uint64_t bytes) const {
    if (bytes <= limits_.input_bytes) return {};
    return too_large(SKL_E_INPUT_TOO_LARGE, "input", bytes, limits_.input_bytes, "send less");
}

json::Value Contract::output_for(std::string_view label) { return json::Object{{"label", label}}; }

Result<void> Contract::check_output(const json::Value &output) const {
    const size_t bytes = json::compact(output).size();
    if (bytes > limits_.output_bytes) {
        return too_large(SKL_E_OUTPUT_TOO_LARGE, "output", bytes, limits_.output_bytes);
    }
    return output_->validate(output, SKL_E_OUTPUT_SCHEMA);
}

Result<std::string> Contract::render(const json::Value &input) const {
    std::string text;
    for (const PromptSegment &segment : prompt_) {
        if (!segment.is_slot) {
            text += segment.text;
            continue;
        }
        const json::Value *member = json::resolve(input, segment.text);
        if (member == nullptr) continue;  // an optional member that was not sent
        const std::string *content = member->string();
        if (content == nullptr) {
            return make_error(SKL_E_INPUT_SCHEMA, "the prompt needs a string here", segment.text);
        }
        const auto &stripped = prepare_.strip_html;
        const bool strip =
            std::find(stripped.begin(), stripped.end(), segment.text) != stripped.end();
        text += strip ? strip_html(*content) : *content;
    }
    return text;
}

}  // namespace skillet
