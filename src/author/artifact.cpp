// SPDX-License-Identifier: Apache-2.0
#include "author/artifact.h"

#include "manifest/skill.h"
#include "store/archive.h"

namespace skillet {
namespace {

Result<NamedBase> named(const ByteSource &bytes, const Digest &digest, std::string id,
                        std::string version) {
    SKL_TRY_ASSIGN(model, BaseModel::read(bytes, digest));
    SKL_TRY(model.runnable);
    return NamedBase{std::move(model), std::move(id), std::move(version)};
}

// The author's word on the base stands for what a package would claim.
AdapterClaim claim_for(const NamedBase &base) {
    return {base.model.digest, base.model.facts.tokenizer_digest.to_string(),
            std::string(adapter_abi), std::string(gguf::lora_scaling)};
}

Result<Artifact> inspect_adapter(const FileSlice &bytes, gguf::File file, const Digest &digest,
                                 const NamedBase *base) {
    if (base == nullptr) {
        return make_error(SKL_E_INVALID_ARGUMENT, "an adapter, and its base is not named",
                          bytes.name(), "give the model it was trained for: --base BASE");
    }
    Phase phase;
    SKL_TRY_ASSIGN(adapter, AdapterFile::read(bytes, std::move(file), digest, phase));
    SKL_TRY(first_mismatch(compare_adapter(adapter, claim_for(*base), base->model)));
    return Artifact{std::move(adapter.facts), digest, bytes.size(),
                    AdapterBasis{std::move(adapter.adapter), base->model.facts, base->model.digest,
                                 base->id, base->version}};
}

// Members of `derived` that `members` lacks, at any depth.
void fill(json::Object &members, const json::Object &derived) {
    for (const auto &[name, value] : derived) {
        json::Value *present = members.find(name);
        if (present == nullptr) {
            members.append(name, value);
        } else if (present->object() != nullptr && value.object() != nullptr) {
            fill(*present->object(), *value.object());
        }
    }
}

}  // namespace

Result<NamedBase> NamedBase::open(const std::string &path) {
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    if (gguf::has_magic(file)) {
        SKL_TRY_ASSIGN(digest, sha256(file));
        return named(file, digest, {}, {});
    }
    SKL_TRY_ASSIGN(archive, Archive::open(file));
    SKL_TRY_ASSIGN(descriptor, only_package(archive));
    SKL_TRY_ASSIGN(package, read_package(archive, descriptor));
    return of(archive, package);
}

Result<NamedBase> NamedBase::of(const BlobSource &source, const Package &package) {
    SKL_TRY_ASSIGN(bytes, open_verified(source, package.artifact));
    return named(bytes, package.artifact.digest, package.skill.id, package.skill.version.text());
}

Result<Artifact> inspect_artifact(const FileSlice &bytes, const NamedBase *base) {
    SKL_TRY_ASSIGN(file, gguf::read(bytes));
    SKL_TRY_ASSIGN(digest, sha256(bytes));
    if (gguf::is_adapter(file)) return inspect_adapter(bytes, std::move(file), digest, base);
    if (base != nullptr) {
        return make_error(SKL_E_INVALID_ARGUMENT, "a model, and only an adapter has a base",
                          bytes.name(), "leave out --base");
    }
    SKL_TRY_ASSIGN(facts, gguf::derive_facts(bytes, file));
    SKL_TRY(gguf::check_runnable(bytes, file, facts));
    return Artifact{std::move(facts), digest, bytes.size(), {}};
}

void add_derived_members(json::Value &document, const Artifact &artifact, uint32_t context_tokens) {
    DerivedMembers derived =
        derive_members(artifact.facts, artifact.digest, artifact.bytes, context_tokens,
                       artifact.basis ? &*artifact.basis : nullptr);
    json::Object &members = *document.object();
    const auto add = [&members](const char *name, json::Value &value) {
        if (members.find(name) == nullptr) members.append(name, std::move(value));
    };
    add("artifact", derived.artifact);
    add("tokenizer", derived.tokenizer);
    add("engine", derived.engine);
    add("resources", derived.resources);
    // Authors name the base; what is derived stands beside it.
    if (derived.adapter) {
        fill(members, json::Object{{"adapter", *std::move(derived.adapter)}});
    }
}

}  // namespace skillet
