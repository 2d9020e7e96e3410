// SPDX-License-Identifier: Apache-2.0
// Text as tokens that mean text. The engine reads some tokens out of plain text though they stand
// for something else: those that a file calls user defined, and control tokens that pairs of others
// merge into. What comes out here holds none of them.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "prepare/prepare.h"

struct llama_vocab;

namespace skillet {

// SKL_E_INPUT_SCHEMA if the text would be read as a token that stands for something else.
// Vocabularies of encoders have an unknown token for words, which is let through.
[[nodiscard]] Result<std::vector<TokenId>> plain_tokens(const llama_vocab &vocabulary,
                                                        std::string_view text);

// The control or user defined token with exactly this text. SKL_E_NOT_FOUND.
[[nodiscard]] Result<TokenId> find_control_token(const llama_vocab &vocabulary,
                                                 std::string_view text);

}  // namespace skillet
