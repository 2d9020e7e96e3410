// SPDX-License-Identifier: Apache-2.0
// `skillet gguf inspect`: what a GGUF file is, and whether anybody vouches for an engine that
// opens it.
#pragma once

#include "base/byte_source.h"
#include "base/result.h"
#include "base/work.h"
#include "json/value.h"

namespace skillet {

struct InspectOptions {
    bool deep = false;              // reads all values and hashes the file, however large it is
    bool any_architecture = false;  // tells facts also of files that are not vetted
};

// The document "skillet.gguf/1". Without `any_architecture`, fails as gguf::check_vetted does.
[[nodiscard]] Result<json::Value> inspect_gguf(const ByteSource &file,
                                               const InspectOptions &options, const Work &work);

}  // namespace skillet
