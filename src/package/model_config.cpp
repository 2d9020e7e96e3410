// SPDX-License-Identifier: Apache-2.0
#include "package/model_config.h"

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"

namespace skillet {
namespace {

Result<void> check_same(const json::Value &expected, const json::Value &found,
                        const std::string &pointer) {
    const json::Object *expected_members = expected.object();
    const json::Object *members = found.object();
    if (expected_members == nullptr || members == nullptr) {
        if (json::canonical(expected) == json::canonical(found)) return {};
        return make_error(SKL_E_MANIFEST_INVALID,
                          fmt::format("the model config says {}, skill.json says {}",
                                      json::compact(found), json::compact(expected)),
                          pointer, "pack it with `skillet pack`");
    }
    for (const auto &[name, value] : *expected_members) {
        const json::Value *member = members->find(name);
        if (member != nullptr)
            SKL_TRY(check_same(value, *member, json::pointer_join(pointer, name)));
    }
    return {};
}

}  // namespace

json::Value model_config(const Skill &skill) {
    const auto member = [&](const char *pointer) { return *json::resolve(skill.json, pointer); };
    return json::Object{
        {"descriptor", json::Object{{"name", skill.id},
                                    {"title", skill.title},
                                    {"description", skill.description},
                                    {"version", skill.version.text()},
                                    {"family", member("/artifact/family")},
                                    {"authors", member("/authors")},
                                    {"licenses", json::Array{skill.license}}}},
        {"config",
         json::Object{{"architecture", member("/artifact/family")},
                      {"format", member("/artifact/format")},
                      {"paramSize", std::to_string(*member("/artifact/parameters").integer())},
                      {"quantization", member("/artifact/quantization/label")}}},
        {"modelfs", json::Object{{"type", "layers"},
                                 {"diffIds", json::Array{skill.artifact_digest.to_string()}}}}};
}

Result<void> check_model_config(std::string_view text, const Skill &skill) {
    SKL_TRY_ASSIGN(document, json::parse(text, SKL_E_MANIFEST_INVALID, "config"));
    if (document.object() == nullptr) {
        return make_error(SKL_E_MANIFEST_INVALID, "the model config is no object", "config");
    }
    return check_same(model_config(skill), document, "");
}

}  // namespace skillet
