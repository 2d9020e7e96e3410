// SPDX-License-Identifier: Apache-2.0
// `skillet inspect`: what a file says it is, as one JSON document, without installing anything.
#pragma once

#include <string>

#include "base/result.h"
#include "json/value.h"
#include "package/package.h"

namespace skillet {

// A GGUF file, vetted or not, or a .skill archive. Reads and checks documents and structure, hashes
// nothing large.
[[nodiscard]] Result<json::Value> inspect_file(const std::string &path);

// The document "skillet.package/1" about a package, wherever it is.
[[nodiscard]] json::Value package_document(const Package &package);

}  // namespace skillet
