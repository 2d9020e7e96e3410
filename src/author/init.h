// SPDX-License-Identifier: Apache-2.0
// `skillet init`: the first skill.json of a model, with every derived member filled in from its
// bytes and a contract that an author then makes their own.
#pragma once

#include <string>

#include "base/byte_source.h"
#include "base/result.h"
#include "gguf/facts.h"
#include "json/value.h"

namespace skillet {

struct InitOptions {
    std::string id;
    std::string version = "0.1.0";
};

// Inspects the model; the document is complete and packs as it is.
[[nodiscard]] Result<json::Value> init_skill(const FileSlice &model, const InitOptions &options);

// Adds the derived members that an author's document lacks; those it has stay as they are.
// REQUIRES: `document` holds an object.
void add_derived_members(json::Value &document, const gguf::Facts &facts, const Digest &digest,
                         uint64_t bytes, uint32_t context_tokens);

// Reads a model that this build can run, or says what would make it fit.
[[nodiscard]] Result<gguf::Facts> inspect_model(const FileSlice &model);

}  // namespace skillet
