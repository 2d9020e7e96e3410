// SPDX-License-Identifier: Apache-2.0
// A package without bytes behind it: all that the resident set and the runner see of a skill which
// the scripted engine plays. Its input is {"text": …}, and a token is a byte of that text.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "package/package.h"

namespace skillet::testing {

struct ScriptedSkill {
    std::string id = "org.example.scripted";
    json::Array labels = {"ham", "spam"};
    json::Array prepare = {};
    uint32_t input_tokens = 64;
    uint32_t deadline_ms = 3'600'000;
    double abstain_below = 0;
    bool continues = false;                  // a decoder, whose prompt is <s> and the text
    std::optional<double> temperature = {};  // of its calibration; none: it has no calibration
};

// The same contract, for a decoder.
inline json::Value continuing(json::Value contract) {
    json::Object &members = *contract.object();
    members.append("continuation", json::Object{{"before", ""}, {"end", "</s>"}});
    members.set("prompt",
                json::Array{json::Object{{"control", "<s>"}}, json::Object{{"slot", "/text"}}});
    members.find("limits")->object()->append("context_tokens", 1000);
    return contract;
}

inline json::Value scripted_contract(const ScriptedSkill &skill) {
    const auto record_of = [](const char *member, json::Value schema) {
        return json::Object{{"type", "object"},
                            {"properties", json::Object{{member, std::move(schema)}}},
                            {"required", json::Array{member}},
                            {"additionalProperties", false}};
    };
    return json::Object{
        {"task", "classify"},
        {"labels", skill.labels},
        {"domain",
         json::Object{{"supported", "tests"}, {"unsupported", "all else"}, {"fallback", "none"}}},
        {"input", record_of("text", json::Object{{"type", "string"}})},
        {"output", record_of("label", json::Object{{"enum", skill.labels}})},
        {"prepare", skill.prepare},
        {"prompt", json::Array{json::Object{{"slot", "/text"}}}},
        {"limits", json::Object{{"input_bytes", 1024},
                                {"input_tokens", skill.input_tokens},
                                {"output_bytes", 64},
                                {"deadline_ms", skill.deadline_ms}}},
        {"confidence", json::Object{{"meaning", "calibrated-probability"},
                                    {"abstain_below", skill.abstain_below}}},
        {"determinism", "strict"}};
}

inline json::Value scripted_document(const ScriptedSkill &skill) {
    const std::string digest = sha256("model").to_string();
    return json::Object{
        {"schema", skill_schema_version},
        {"id", skill.id},
        {"version", "1.2.3"},
        {"title", "A skill for tests"},
        {"description", "Its answers are decided by a script."},
        {"authors", json::Array{"tests"}},
        {"license", "Apache-2.0"},
        {"source", json::Object{{"url", "https://example.org"}, {"revision", "1"}}},
        {"artifact", json::Object{{"role", "model"},
                                  {"digest", digest},
                                  {"bytes", 5},
                                  {"format", "gguf"},
                                  {"format_version", 3},
                                  {"family", "bert"},
                                  {"quantization",
                                   json::Object{{"label", "F32"}, {"tensor_types_digest", digest}}},
                                  {"parameters", 1}}},
        {"tokenizer", json::Object{{"id", "bert/default"}, {"digest", digest}}},
        {"engine", json::Object{}},
        {"resources", json::Object{}},
        {"contract",
         skill.continues ? continuing(scripted_contract(skill)) : scripted_contract(skill)},
        {"authority",
         json::Object{
             {"reads", json::Array{}}, {"emits", json::Array{}}, {"requests", json::Array{}}}}};
}

inline std::shared_ptr<const Package> scripted_package(const ScriptedSkill &description = {}) {
    auto skill = Skill::from_json(scripted_document(description));
    if (!skill) throw std::runtime_error(skill.error().subject + ": " + skill.error().message);
    Package package{{}, {}, *std::move(skill), {}, {}, {}, {}};
    package.descriptor.digest = sha256(description.id);
    if (description.temperature) {
        package.calibration =
            Calibration{package.skill.artifact_digest, package.skill.contract.core_digest(),
                        *description.temperature,      100,
                        sha256("calibration"),         {}};
    }
    return std::make_shared<const Package>(std::move(package));
}

}  // namespace skillet::testing
