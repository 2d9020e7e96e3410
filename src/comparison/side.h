// SPDX-License-Identifier: Apache-2.0
// One of two things that are held against each other: a package, or a GGUF file of its own.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/byte_source.h"
#include "base/work.h"
#include "compat/attachment.h"
#include "compat/key.h"
#include "package/package.h"

namespace skillet {

struct Side {
    std::string reference;  // as the caller named it
    std::optional<Package> package;
    FileSlice bytes;  // of the model or adapter; their digest was checked
    std::variant<BaseModel, AdapterFile> artifact;

    // Reads and hashes the package's model or adapter; the other blobs are not looked at.
    static Result<Side> of(std::string reference, const BlobSource &source, Package package,
                           const Work &work);
    // A .gguf or .skill file.
    static Result<Side> open(const std::string &path, const Work &work);

    [[nodiscard]] const AdapterFile *adapter() const { return std::get_if<AdapterFile>(&artifact); }
    [[nodiscard]] const BaseModel *model() const { return std::get_if<BaseModel>(&artifact); }
    [[nodiscard]] const gguf::File &file() const;
    [[nodiscard]] const gguf::Facts &facts() const;
    [[nodiscard]] const Digest &digest() const;  // of the model or adapter
    // What a package says about the base of its adapter.
    [[nodiscard]] std::optional<AdapterClaim> claim() const;
    // Empty for an adapter without a package, since nothing says which base it is for.
    [[nodiscard]] std::optional<CompatibilityKey> key() const;
};

}  // namespace skillet
