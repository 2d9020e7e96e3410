// SPDX-License-Identifier: Apache-2.0
#include "contract/contract.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "contract/slot_member.h"
#include "json/members.h"
#include "json/parse.h"
#include "json/write.h"

namespace skillet {
namespace {

constexpr Code invalid = SKL_E_MANIFEST_INVALID;
constexpr uint64_t input_bytes_max = 16u << 20;
constexpr size_t prompt_segments_max = 64;
constexpr size_t labels_max = 1024;  // as many as a model's head may have
constexpr size_t token_bytes_max = 256;
// The engine's state for longer ones is no longer that of a tiny model.
constexpr int64_t context_tokens_max = 16'384;

// The members whose change may change an answer.
constexpr const char *core_members[] = {"task",   "labels",  "continuation", "input",
                                        "output", "prepare", "prompt"};

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
    contract.json_ = value;
    SKL_TRY(contract.parse_members(value, pointer));
    contract.core_digest_ = digest_core(*value.object());
    return contract;
}

Result<void> Contract::parse_members(const json::Value &value, std::string_view pointer) {
    json::MemberReader reader(value, std::string(pointer), invalid);
    SKL_TRY_ASSIGN(task, reader.string("task"));
    if (task != "classify" && task != "score") {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, fmt::format("task \"{}\" is not known", task),
                          reader.pointer("task"),
                          "this version runs the tasks \"classify\" and \"score\"");
    }
    task_ = std::move(task);

    SKL_TRY_ASSIGN(labels, read_labels(reader));
    labels_ = std::move(labels);
    if (const json::Value *rule = reader.optional("continuation")) {
        SKL_TRY(parse_continuation(*rule, reader.pointer("continuation")));
    }

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
    SKL_TRY(check_slots(pointer));
    if (continuation_ && prepare_.window) {
        return make_error(invalid, "windows are for models with a head",
                          fmt::format("{}/prepare", pointer), "truncate long texts instead");
    }
    if (task_ == "score" && (!continuation_ || labels_.size() != 2)) {
        return make_error(invalid,
                          "a score is the probability of the first of two labels that a decoder "
                          "continues with",
                          fmt::format("{}/task", pointer),
                          "name two labels and a continuation, or use the task \"classify\"");
    }
    return check_outputs(pointer);
}

Result<void> Contract::check_slots(std::string_view pointer) const {
    const json::Value &input = *json::resolve(json_, "/input");
    for (size_t i = 0; i < prompt_.size(); ++i) {
        const PromptSegment &segment = prompt_[i];
        if (segment.kind == PromptSegment::slot && !names_member(input, segment.text)) {
            return make_error(invalid,
                              fmt::format("no member of the input is called {}", segment.text),
                              fmt::format("{}/prompt/{}/slot", pointer, i),
                              "list the member under `properties` of the input's schema");
        }
        if (segment.kind == PromptSegment::control && !continuation_) {
            return make_error(invalid, "control tokens are for decoders",
                              fmt::format("{}/prompt/{}/control", pointer, i),
                              "leave it out: the tokenizer adds what the model needs");
        }
    }
    for (const std::string &member : prepare_.strip_html) {
        const auto reads = [&](const PromptSegment &segment) {
            return segment.kind == PromptSegment::slot && segment.text == member;
        };
        if (std::none_of(prompt_.begin(), prompt_.end(), reads)) {
            return make_error(
                invalid, fmt::format("strips \"{}\", which is no slot of the prompt", member),
                fmt::format("{}/prepare", pointer), "strip a member that the prompt reads");
        }
    }
    return {};
}

Result<void> Contract::check_outputs(std::string_view pointer) const {
    std::vector<double> probabilities(labels_.size(), 0);
    if (task_ == "score") {
        for (const double score : {0.0, 0.5, 1.0}) {
            probabilities[0] = score;
            SKL_TRY(check_output_of(output_for(0, probabilities), fmt::format("score {}", score),
                                    pointer));
        }
        return {};
    }
    for (size_t i = 0; i < labels_.size(); ++i) {
        SKL_TRY(check_output_of(output_for(i, probabilities),
                                fmt::format("label \"{}\"", labels_[i]), pointer));
    }
    return {};
}

Result<void> Contract::check_output_of(const json::Value &output, const std::string &what,
                                       std::string_view pointer) const {
    const auto fits = check_output(output);
    if (fits) return {};
    const bool is_too_large = fits.error().code == SKL_E_OUTPUT_TOO_LARGE;
    return make_error(
        invalid, fmt::format("does not admit the {}: {}", what, fits.error().message),
        fmt::format("{}/{}", pointer, is_too_large ? "limits/output_bytes" : "output"));
}

Result<void> Contract::parse_continuation(const json::Value &value, std::string_view pointer) {
    json::MemberReader reader(value, std::string(pointer), invalid);
    SKL_TRY_ASSIGN(before, reader.string("before"));
    SKL_TRY_ASSIGN(end, reader.string("end"));
    if (before.size() > token_bytes_max) {
        return reader.refuse("before", fmt::format("has more than {} bytes", token_bytes_max));
    }
    if (end.empty() || end.size() > token_bytes_max) {
        return reader.refuse("end",
                             fmt::format("must name a token of 1 to {} bytes", token_bytes_max));
    }
    SKL_TRY(reader.done());
    continuation_ = {std::move(before), std::move(end)};
    return {};
}

Result<void> Contract::parse_prompt(const json::Array &segments, std::string_view pointer) {
    if (segments.empty() || segments.size() > prompt_segments_max) {
        return make_error(invalid,
                          fmt::format("a prompt has 1 to {} segments", prompt_segments_max),
                          std::string(pointer));
    }
    for (size_t i = 0; i < segments.size(); ++i) {
        SKL_TRY(parse_segment(segments[i], json::pointer_join(pointer, std::to_string(i))));
    }
    return {};
}

Result<void> Contract::parse_segment(const json::Value &value, std::string_view pointer) {
    json::MemberReader reader(value, std::string(pointer), invalid);
    using Kind = PromptSegment::Kind;
    Kind kind = Kind::literal;
    const char *member = "literal";
    if (reader.optional("slot") != nullptr) {
        kind = Kind::slot;
        member = "slot";
    } else if (reader.optional("control") != nullptr) {
        kind = Kind::control;
        member = "control";
    }
    SKL_TRY_ASSIGN(text, reader.string(member));
    if (kind == Kind::slot && !text.starts_with('/')) {
        return reader.refuse("slot", "must be a JSON pointer to a string member of the input");
    }
    if (kind == Kind::control && (text.empty() || text.size() > token_bytes_max)) {
        return reader.refuse("control",
                             fmt::format("must name a token of 1 to {} bytes", token_bytes_max));
    }
    SKL_TRY(reader.done());
    prompt_.push_back({kind, std::move(text)});
    return {};
}

Result<void> Contract::parse_limits(const json::Value &value, std::string_view pointer) {
    json::MemberReader reader(value, std::string(pointer), invalid);
    SKL_TRY_ASSIGN(input_bytes, reader.integer("input_bytes", 2, input_bytes_max));
    SKL_TRY_ASSIGN(input_tokens, reader.integer("input_tokens", 1, 1 << 20));
    SKL_TRY_ASSIGN(output_bytes, reader.integer("output_bytes", 2, 1 << 20));
    SKL_TRY_ASSIGN(deadline_ms, reader.integer("deadline_ms", 1, 3'600'000));
    if (continuation_) {
        SKL_TRY_ASSIGN(context_tokens, reader.integer("context_tokens", 1, context_tokens_max));
        limits_.context_tokens = static_cast<uint32_t>(context_tokens);
    }
    SKL_TRY(reader.done());
    limits_.input_bytes = static_cast<uint64_t>(input_bytes);
    limits_.input_tokens = static_cast<uint32_t>(input_tokens);
    limits_.output_bytes = static_cast<uint64_t>(output_bytes);
    limits_.deadline_ms = static_cast<uint32_t>(deadline_ms);
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
    if (continuation_) return limits_.context_tokens;
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

json::Value Contract::output_for(size_t best, const std::vector<double> &probabilities) const {
    if (task_ == "score") return json::Object{{"score", probabilities[0]}};
    return json::Object{{"label", labels_[best]}};
}

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
        if (segment.kind != PromptSegment::slot) {
            text += segment.text;
            continue;
        }
        SKL_TRY_ASSIGN(member, slot_text(input, segment.text));
        text += member;
    }
    return text;
}

Result<std::string> Contract::slot_text(const json::Value &input, const std::string &slot) const {
    const json::Value *member = json::resolve(input, slot);
    if (member == nullptr) return std::string();  // an optional member that was not sent
    const std::string *content = member->string();
    if (content == nullptr) {
        return make_error(SKL_E_INPUT_SCHEMA, "the prompt needs a string here", slot);
    }
    const auto &stripped = prepare_.strip_html;
    const bool strip = std::find(stripped.begin(), stripped.end(), slot) != stripped.end();
    return strip ? strip_html(*content) : *content;
}

}  // namespace skillet
