// SPDX-License-Identifier: Apache-2.0
// What the vocabularies of each kind of tokenizer hold, as data: the kinds of which we have read
// how the engine loads and uses them. docs/formats/gguf.md
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gguf/architecture.h"

namespace skillet::gguf {

// How a split of the text into words is called in tokenizer.ggml.pre.
struct PreTokenizer {
    const char *name;
    bool adds_bos = false;
    // The engine splits by code of its own; elsewhere by a library whose stack ends with a long
    // word. Only these are run.
    bool bounded = false;
};

// Which tokens must be there so that any text has some.
enum class ByteTokens {
    none,
    spelled,     // <0x00> to <0xFF>: the engine throws where one is missing
    characters,  // one character for each byte of ASCII text: the engine drops what has none
};

// A token that the engine puts around texts or in the place of words, and where it looks for it.
struct SpecialToken {
    const char *key;                          // names its id
    const char *switch_key;                   // decides whether it is used; null: no key does
    bool used = false;                        // where no key decides
    std::optional<uint32_t> default_id = {};  // where `key` is absent; none: it must not be
    const char *text = nullptr;               // what must stand there; null: anything
};

struct TokenizerKind {
    const char *model;  // tokenizer.ggml.model
    const char *name;   // for people
    std::span<const KeyRule> keys;
    std::span<const SpecialToken> special_tokens;
    std::span<const PreTokenizer> pre_tokenizers;  // none: the engine does not look
    ByteTokens byte_tokens = ByteTokens::none;
    uint8_t token_kind_max = 5;
};

// Null if we have not vetted it.
[[nodiscard]] const TokenizerKind *find_tokenizer(std::string_view model);

// The one that the file names, or that the engine takes where it names none. Null if we have not
// vetted it. REQUIRES: the kind has any.
[[nodiscard]] const PreTokenizer *find_pre_tokenizer(const TokenizerKind &kind,
                                                     std::string_view name);

// Keys that go with every kind.
[[nodiscard]] std::span<const KeyRule> tokenizer_keys();

// All kinds, separated by commas, for messages.
[[nodiscard]] std::string tokenizer_names();

}  // namespace skillet::gguf
