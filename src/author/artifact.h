// SPDX-License-Identifier: Apache-2.0
// The file an author starts from: a model that this build can run, or an adapter for one. All that
// skill.json says about it is derived from what is read here.
#pragma once

#include <optional>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"
#include "compat/attachment.h"
#include "gguf/facts.h"
#include "json/value.h"
#include "manifest/adapter_member.h"
#include "package/package.h"

namespace skillet {

// The base of an adapter, and what to call it.
struct NamedBase {
    BaseModel model;
    std::string id;  // empty if the model came without a package
    std::string version;

    // A GGUF or a .skill file.
    static Result<NamedBase> open(const std::string &path);
    // The model of a package, hashed again.
    static Result<NamedBase> of(const BlobSource &source, const Package &package);
};

struct Artifact {
    gguf::Facts facts;
    Digest digest;
    uint64_t bytes = 0;
    std::optional<AdapterBasis> basis;  // if it is an adapter

    // The model that computes: this one, or the base.
    [[nodiscard]] const gguf::Facts &model() const { return basis ? basis->base : facts; }
};

// Refuses what this build cannot run, saying what would make it fit. `base` is what the author says
// the adapter was trained for, and null for a model: every other component must match it.
[[nodiscard]] Result<Artifact> inspect_artifact(const FileSlice &file, const NamedBase *base);

// Adds the derived members that an author's document lacks; those it has stay as they are.
// REQUIRES: `document` holds an object.
void add_derived_members(json::Value &document, const Artifact &artifact, uint32_t context_tokens);

}  // namespace skillet
