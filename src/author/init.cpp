// SPDX-License-Identifier: Apache-2.0
#include "author/init.h"

#include <algorithm>

#include "gguf/file.h"
#include "manifest/skill.h"

namespace skillet {
namespace {

constexpr uint32_t special_tokens = 2;

// One text in, one label out: the plainest contract that a classifier can have.
json::Value starting_contract(const gguf::Facts &facts) {
    json::Array labels(facts.labels.begin(), facts.labels.end());
    const uint32_t tokens = facts.context_length - special_tokens;
    return json::Object{
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
        {"prompt", json::Array{json::Object{{"slot", "/text"}}}},
        {"limits", json::Object{{"input_bytes", 65536},
                                {"input_tokens", tokens},
                                {"output_bytes", 1024},
                                {"deadline_ms", 5000}}},
        {"confidence", json::Object{{"meaning", "calibrated-probability"}, {"abstain_below", 0}}},
        {"determinism", "strict"}};
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

Result<gguf::Facts> inspect_model(const FileSlice &model) {
    SKL_TRY_ASSIGN(file, gguf::read(model));
    SKL_TRY_ASSIGN(facts, gguf::derive_facts(model, file));
    SKL_TRY(gguf::check_runnable(model, file, facts));
    return std::move(facts);
}

void add_derived_members(json::Value &document, const gguf::Facts &facts, const Digest &digest,
                         uint64_t bytes, uint32_t context_tokens) {
    DerivedMembers derived = derive_members(facts, digest, bytes, context_tokens);
    json::Object &members = *document.object();
    const auto add = [&members](const char *name, json::Value &value) {
        if (members.find(name) == nullptr) members.append(name, std::move(value));
    };
    add("artifact", derived.artifact);
    add("tokenizer", derived.tokenizer);
    add("engine", derived.engine);
    add("resources", derived.resources);
}

Result<json::Value> init_skill(const FileSlice &model, const InitOptions &options) {
    if (!is_skill_id(options.id)) {
        return make_error(SKL_E_INVALID_ARGUMENT, "not a skill id", options.id,
                          "use a reverse-DNS name such as \"org.example.my-skill\"");
    }
    SKL_TRY(Semver::parse(options.version));
    SKL_TRY_ASSIGN(facts, inspect_model(model));
    SKL_TRY_ASSIGN(digest, sha256(model));

    const std::string name = facts.name.empty() ? options.id : facts.name;
    json::Value document = json::Object{
        {"schema", skill_schema_version},
        {"id", options.id},
        {"version", options.version},
        {"title", name},
        {"description", "say in one sentence what this skill does"},
        {"authors", json::Array{}},
        {"license", license_of(facts)},
        {"source", json::Object{{"url", "say where the model comes from"}, {"revision", "1"}}},
        {"contract", starting_contract(facts)},
        {"authority", json::Object{{"reads", json::Array{"text"}},
                                   {"emits", json::Array{"label"}},
                                   {"requests", json::Array{}}}}};
    add_derived_members(document, facts, digest, model.size(), facts.context_length);
    SKL_TRY(Skill::from_json(document));
    return document;
}

}  // namespace skillet
