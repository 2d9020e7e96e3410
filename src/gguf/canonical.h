// SPDX-License-Identifier: Apache-2.0
// Digests over parts of a file that do not depend on the order in which they were written.
// The encodings are part of the package format: docs/formats/gguf.md.
#pragma once

#include <vector>

#include "base/digest.h"
#include "gguf/file.h"

namespace skillet::gguf {

// Fails with what the source reports, where texts and arrays still are.
// REQUIRES: the keys are different from each other.
[[nodiscard]] Result<Digest> digest_of(const ByteSource &source,
                                       std::vector<const Entry *> entries);

// Over the name and the name of the type of every tensor.
[[nodiscard]] Digest digest_of_types(const File &file);

// Over the name, the name of the type and the shape of every tensor.
[[nodiscard]] Digest digest_of_shapes(const File &file);

}  // namespace skillet::gguf
