// SPDX-License-Identifier: Apache-2.0
// What check_vetted() finds on the way, for check_runnable().
#pragma once

#include "gguf/facts.h"
#include "gguf/vocabulary.h"

namespace skillet::gguf {

[[nodiscard]] Result<VocabularyFacts> vet(const ByteSource &source, const File &file,
                                          const Facts &facts);

}  // namespace skillet::gguf
