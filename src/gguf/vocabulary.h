// SPDX-License-Identifier: Apache-2.0
// Whether the engine survives a vocabulary and can use it: it aborts the process on duplicate
// tokens, throws where a byte has no token, and takes any wrong ID of a special token.
#pragma once

#include "base/byte_source.h"
#include "base/result.h"
#include "gguf/facts.h"
#include "gguf/file.h"
#include "gguf/tokenizer.h"

namespace skillet::gguf {

struct VocabularyFacts {
    uint64_t longest_token_bytes = 0;
};

// Reads every token once.
// REQUIRES: tokenizer_keys() and the keys of the kind have been checked.
[[nodiscard]] Result<VocabularyFacts> check_vocabulary(const ByteSource &source, const File &file,
                                                       const Facts &facts,
                                                       const TokenizerKind &kind);

}  // namespace skillet::gguf
