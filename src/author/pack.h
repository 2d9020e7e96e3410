// SPDX-License-Identifier: Apache-2.0
// `skillet pack`: a model, its skill.json and its documents as one .skill file.
#pragma once

#include <string>
#include <vector>

#include "author/artifact.h"
#include "base/file_system.h"
#include "base/result.h"

namespace skillet {

struct PackRequest {
    std::string skill_path;                // the author's skill.json
    std::string model_path;                // the GGUF, of a model or an adapter
    std::vector<std::string> documents;    // files for people: README.md, LICENSE …
    std::vector<std::string> attachments;  // calibration and evidence documents
    std::string output_path;
};

struct Packed {
    Digest digest;  // the package's identity
    std::string id;
    std::string version;
    uint64_t bytes = 0;  // of the archive's blobs
};

// Checks everything that `verify` checks, then writes the archive; equal inputs give equal bytes.
// Derived members that the author left out are filled in; those that are wrong are refused.
// `base` is null for a model, and what an adapter was trained for.
[[nodiscard]] Result<Packed> pack(FileSystem &files, const PackRequest &request,
                                  const NamedBase *base = nullptr);

}  // namespace skillet
