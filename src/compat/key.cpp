// SPDX-License-Identifier: Apache-2.0
#include "compat/key.h"

#include "json/write.h"

namespace skillet {
namespace {

CompatibilityKey seal(json::Value document) {
    const Digest digest = sha256(json::canonical(document));
    return {std::move(document), digest};
}

json::Value independent_document(json::Value format, json::Value format_version,
                                 json::Value architecture, json::Value tokenizer,
                                 json::Value engine) {
    return json::Object{{"schema", "skillet.compatibility-key/1"},
                        {"kind", "independent"},
                        {"format", std::move(format)},
                        {"format_version", std::move(format_version)},
                        {"architecture", std::move(architecture)},
                        {"tokenizer", std::move(tokenizer)},
                        {"engine", std::move(engine)}};
}

// `adapter` is the member of skill.json; the id and version of the base are not part of the key.
json::Value adapter_document(const json::Value &adapter, json::Value architecture,
                             json::Value tokenizer) {
    const auto member = [&](const char *pointer) { return *json::resolve(adapter, pointer); };
    return json::Object{{"schema", "skillet.compatibility-key/1"},
                        {"kind", "adapter"},
                        {"base", member("/base/digest")},
                        {"tokenizer", std::move(tokenizer)},
                        {"architecture", std::move(architecture)},
                        {"target_modules", member("/target_modules")},
                        {"tensors", member("/tensors_digest")},
                        {"rank", member("/rank")},
                        {"alpha", member("/alpha")},
                        {"scaling", member("/scaling")},
                        {"precision", member("/precision")},
                        {"merge", member("/merge")},
                        {"abi", member("/abi")}};
}

}  // namespace

CompatibilityKey key_of(const gguf::Facts &model) {
    return seal(independent_document("gguf", model.format_version, model.architecture,
                                     model.tokenizer_digest.to_string(), engine_abi));
}

CompatibilityKey key_of(const AdapterBasis &adapter) {
    return seal(adapter_document(derive_adapter_member(adapter), adapter.adapter.architecture,
                                 adapter.base.tokenizer_digest.to_string()));
}

CompatibilityKey key_of(const Skill &skill) {
    // Members that skill.json need not have to be read, but to be verified, may be missing.
    const auto member = [&](const char *pointer) {
        const json::Value *found = json::resolve(skill.json, pointer);
        return found != nullptr ? *found : json::Value();
    };
    if (skill.adapter) {
        return seal(adapter_document(member("/adapter"), member("/artifact/family"),
                                     member("/tokenizer/digest")));
    }
    return seal(independent_document(member("/artifact/format"), member("/artifact/format_version"),
                                     member("/artifact/family"), member("/tokenizer/digest"),
                                     member("/engine/abi")));
}

}  // namespace skillet
