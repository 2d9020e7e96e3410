// SPDX-License-Identifier: Apache-2.0
#include "comparison/side.h"

#include "store/archive.h"

namespace skillet {
namespace {

Result<std::variant<BaseModel, AdapterFile>> read_artifact(const FileSlice &bytes,
                                                           const Digest &digest, const Work &work) {
    SKL_TRY_ASSIGN(file, gguf::read(bytes));
    if (gguf::is_adapter(file)) {
        Phase scanning(work, "scan", gguf::bytes_to_scan(file));
        SKL_TRY_ASSIGN(adapter, AdapterFile::read(bytes, std::move(file), digest, scanning));
        return std::variant<BaseModel, AdapterFile>(std::move(adapter));
    }
    SKL_TRY_ASSIGN(model, BaseModel::read(bytes, digest));
    return std::variant<BaseModel, AdapterFile>(std::move(model));
}

}  // namespace

Result<Side> Side::of(std::string reference, const BlobSource &source, Package package,
                      const Work &work) {
    Phase hashing(work, "verify", package.artifact.size);
    SKL_TRY_ASSIGN(bytes, open_verified(source, package.artifact, hashing));
    SKL_TRY_ASSIGN(artifact, read_artifact(bytes, package.artifact.digest, work));
    const bool is_adapter = std::holds_alternative<AdapterFile>(artifact);
    if (is_adapter != package.skill.adapter.has_value()) {
        return make_error(SKL_E_MANIFEST_INVALID,
                          is_adapter ? "claims a model, but the file is an adapter"
                                     : "claims an adapter, but the file is a model",
                          "/artifact/role", "pack it again with `skillet pack`");
    }
    return Side{std::move(reference), std::move(package), std::move(bytes), std::move(artifact)};
}

Result<Side> Side::open(const std::string &path, const Work &work) {
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    if (gguf::has_magic(file)) {
        Phase hashing(work, "verify", file.size());
        SKL_TRY_ASSIGN(digest, sha256(file, hashing));
        SKL_TRY_ASSIGN(artifact, read_artifact(file, digest, work));
        return Side{path, {}, std::move(file), std::move(artifact)};
    }
    SKL_TRY_ASSIGN(archive, Archive::open(file));
    SKL_TRY_ASSIGN(descriptor, only_package(archive));
    SKL_TRY_ASSIGN(package, read_package(archive, descriptor));
    return of(path, archive, std::move(package), work);
}

const gguf::File &Side::file() const {
    return std::visit([](const auto &one) -> const gguf::File & { return one.file; }, artifact);
}

const gguf::Facts &Side::facts() const {
    return std::visit([](const auto &one) -> const gguf::Facts & { return one.facts; }, artifact);
}

const Digest &Side::digest() const {
    return std::visit([](const auto &one) -> const Digest & { return one.digest; }, artifact);
}

std::optional<AdapterClaim> Side::claim() const {
    if (!package || !package->skill.adapter) return {};
    return claim_of(package->skill);
}

std::optional<CompatibilityKey> Side::key() const {
    if (model() != nullptr) return key_of(model()->facts);
    if (package) return key_of(package->skill);
    return {};
}

}  // namespace skillet
