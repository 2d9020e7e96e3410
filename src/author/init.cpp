// SPDX-License-Identifier: Apache-2.0
#include "author/init.h"

#include <algorithm>

#include <fmt/format.h>

#include "manifest/skill.h"

namespace skillet {
namespace {

constexpr uint32_t special_tokens = 2;

// A decoder may read far more than a small skill needs, and each token of it takes memory.
uint32_t starting_context(const gguf::Facts &facts) {
    constexpr uint32_t decoder_tokens = 512;
    return facts.labels.empty() ? std::min(facts.context_length, decoder_tokens)
                                : facts.context_length;
}

// What differs between a model with a head and a decoder.
struct Start {
    json::Array labels;
    uint32_t text_tokens = 0;
    json::Array prompt;
};

Start start_with_head(const gguf::Facts &facts) {
    return {json::Array(facts.labels.begin(), facts.labels.end()),
            facts.context_length - special_tokens, json::Array{json::Object{{"slot", "/text"}}}};
}

// A question that authors replace by theirs: its words, one byte a token at worst, and its labels
// fit beside the text.
Result<Start> start_with_question(const gguf::Facts &facts, uint32_t context_tokens) {
    constexpr uint32_t tokens_beside_text = 64;
    if (facts.end_token.empty()) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "the model names no control token that ends",
                          "tokenizer.ggml.eos_token_id",
                          "convert it with the token that ends its texts");
    }
    if (context_tokens <= tokens_beside_text) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED,
                          fmt::format("a context of {} tokens, of which {} are for the question",
                                      context_tokens, tokens_beside_text),
                          facts.architecture + ".context_length", "use a model that reads more");
    }
    Start start{{"yes", "no"}, context_tokens - tokens_beside_text, {}};
    if (!facts.begin_token.empty())
        start.prompt.push_back(json::Object{{"control", facts.begin_token}});
    start.prompt.push_back(json::Object{{"slot", "/text"}});
    start.prompt.push_back(json::Object{{"literal", "\nQuestion: yes or no?\nAnswer:"}});
    return start;
}

// One text in, one label out: the plainest contract that a model can have.
Result<json::Value> starting_contract(const gguf::Facts &facts) {
    const bool has_head = !facts.labels.empty();
    const uint32_t context_tokens = starting_context(facts);
    SKL_TRY_ASSIGN(start, has_head ? Result<Start>(start_with_head(facts))
                                   : start_with_question(facts, context_tokens));
    const json::Array &labels = start.labels;
    const uint32_t tokens = start.text_tokens;
    json::Object contract{
        {"task", "classify"},
        {"labels", labels},
        {"domain", json::Object{{"supported", "say what texts this skill is for"},
                                {"unsupported", "say what texts it is not for"},
                                {"fallback", "say what a caller should do with those"}}},
        {"input", json::Object{{"type", "object"},
                               {"properties",
                                json::Object{{"text", json::Object{{"type", "string"},
                                                                   {"x-skillet-class", "text"}}}}},
                               {"required", json::Array{"text"}},
                               {"additionalProperties", false}}},
        {"output",
         json::Object{
             {"type", "object"},
             {"properties", json::Object{{"label", json::Object{{"enum", labels},
                                                                {"x-skillet-class", "label"}}}}},
             {"required", json::Array{"label"}},
             {"additionalProperties", false}}},
        {"prepare", json::Array{json::Object{{"step", "truncate@1"}, {"tokens", tokens}}}},
        {"prompt", std::move(start.prompt)},
        {"limits", json::Object{{"input_bytes", 65536},
                                {"input_tokens", tokens},
                                {"output_bytes", 1024},
                                {"deadline_ms", 5000}}},
        {"confidence", json::Object{{"meaning", "calibrated-probability"}, {"abstain_below", 0}}},
        {"determinism", "strict"}};
    if (!has_head) {
        // SentencePiece puts a space before each text by itself.
        const char *before = facts.tokenizer_id.starts_with("llama/") ? "" : " ";
        contract.append("continuation", json::Object{{"before", before}, {"end", facts.end_token}});
        contract.find("limits")->object()->append("context_tokens", context_tokens);
    }
    return json::Value(std::move(contract));
}

// What the adapter's document will call its base.
Result<void> check_name(const NamedBase &base) {
    if (!is_skill_id(base.id)) {
        return make_error(SKL_E_INVALID_ARGUMENT, "the base has no skill id", base.id,
                          "name it: --base-id ID --base-version VERSION");
    }
    SKL_TRY(Semver::parse(base.version));
    return {};
}

// What the model says of its terms, as an SPDX expression: a license of SPDX's list, or else a
// reference to terms of that name.
std::string license_of(const gguf::Facts &facts) {
    if (const auto known = LicenseExpression::parse(facts.license)) return known->text();
    std::string name;
    for (const char c : facts.license.substr(0, 128)) {
        const bool fits = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
        name += fits ? c : '-';
    }
    return "LicenseRef-" + (name.empty() ? "unknown" : name);
}

}  // namespace

Result<json::Value> init_skill(const FileSlice &file, const InitOptions &options,
                               const NamedBase *base) {
    if (!is_skill_id(options.id)) {
        return make_error(SKL_E_INVALID_ARGUMENT, "not a skill id", options.id,
                          "use a reverse-DNS name such as \"org.example.my-skill\"");
    }
    SKL_TRY(Semver::parse(options.version));
    if (base != nullptr) SKL_TRY(check_name(*base));
    SKL_TRY_ASSIGN(artifact, inspect_artifact(file, base));

    const gguf::Facts &facts = artifact.facts;
    const std::string name = facts.name.empty() ? options.id : facts.name;
    SKL_TRY_ASSIGN(contract, starting_contract(artifact.model()));
    json::Value document = json::Object{
        {"schema", skill_schema_version},
        {"id", options.id},
        {"version", options.version},
        {"title", name},
        {"description", "say in one sentence what this skill does"},
        {"authors", json::Array{}},
        {"license", license_of(facts)},
        {"source", json::Object{{"url", "say where the model comes from"}, {"revision", "1"}}},
        {"contract", std::move(contract)},
        {"authority", json::Object{{"reads", json::Array{"text"}},
                                   {"emits", json::Array{"label"}},
                                   {"requests", json::Array{}}}}};
    add_derived_members(document, artifact, starting_context(artifact.model()));
    SKL_TRY(Skill::from_json(document));
    return document;
}

}  // namespace skillet
