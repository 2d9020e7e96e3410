// SPDX-License-Identifier: Apache-2.0
// `skillet init`: the first skill.json of a model or an adapter, with every derived member filled
// in from its bytes and a contract that an author then makes their own.
#pragma once

#include <string>

#include "author/artifact.h"
#include "base/byte_source.h"
#include "base/result.h"
#include "json/value.h"

namespace skillet {

struct InitOptions {
    std::string id;
    std::string version = "0.1.0";
};

// Inspects the file; the document is complete and packs as it is. `base` is null for a model; that
// of an adapter must have an id and a version.
[[nodiscard]] Result<json::Value> init_skill(const FileSlice &file, const InitOptions &options,
                                             const NamedBase *base = nullptr);

}  // namespace skillet
