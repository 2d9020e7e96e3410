// SPDX-License-Identifier: Apache-2.0
// Digests over parts of a file that do not depend on the order in which they were written.
// The encodings are part of the package format: docs/formats/gguf.md.
#pragma once

#include <vector>

#include "base/digest.h"
#include "gguf/file.h"

namespace skillet::gguf {

// REQUIRES: the keys are different from each other.
[[nodiscard]] Digest digest_of(std::vector<const Entry *> entries);

// Over the name and the name of the type of every tensor.
[[nodiscard]] Digest digest_of_types(const File &file);

// Over the name, the name of the type and the shape of every tensor.
[[nodiscard]] Digest digest_of_shapes(const File &file);

}  // namespace skillet::gguf
