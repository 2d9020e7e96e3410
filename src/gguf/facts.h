// SPDX-License-Identifier: Apache-2.0
// What a GGUF file is, derived from its bytes alone: these are the members of skill.json that an
// author never writes and `verify` always recomputes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "gguf/file.h"

namespace skillet::gguf {

// A token that the file says to be a control token, or defined by its user.
struct ControlToken {
    uint64_t id = 0;
    std::string text;
};

struct Facts {
    uint32_t format_version = 0;
    std::string architecture;        // general.architecture; skill.json calls it family
    std::string name;                // general.name, or empty
    std::string license;             // general.license, or empty
    std::string quantization_label;  // of general.file_type, such as "Q8_0"; "unknown" if absent
    Digest tensor_types_digest;      // over (name, type) of every tensor; docs/formats/gguf.md
    uint64_t parameters = 0;         // elements of all tensors

    std::string tokenizer_id;  // "model/pre", such as "bert/default"
    Digest tokenizer_digest;   // over every tokenizer.* key but the chat template
    std::optional<Digest> chat_template_digest;

    uint32_t context_length = 0;  // tokens, special ones included
    uint32_t embedding_length = 0;
    uint32_t block_count = 0;
    uint32_t feed_forward_length = 0;
    uint32_t head_count = 0;
    uint32_t vocabulary_size = 0;
    std::vector<std::string> labels;  // of the classification head, in the order of its logits

    // Of a model without a head.
    uint32_t key_value_length = 0;             // numbers that a token leaves as keys in each block
    std::vector<ControlToken> control_tokens;  // that a prompt may name, in the order of their ids
    std::string begin_token;                   // the one that begins texts; empty: none is named
    std::string end_token;                     // the one that ends them; likewise
};

// The levels of acceptance, each on top of the one before. All need the source that the file was
// read from, for what stays in it.

// 1. read() in file.h: the structure is sound.

// 2. The facts can be told. Fails with SKL_E_MALFORMED_ARTIFACT if a key this needs is missing or
// of another type.
[[nodiscard]] Result<Facts> derive_facts(const ByteSource &source, const File &file);

// 3. The engine survives the file. Its architecture and kind of tokenizer are ones whose loader we
// have read, and the file holds all they need with the right shapes and types: the engine loads
// incomplete models silently, and aborts the process on others. A file without tensors is taken as
// a vocabulary. SKL_E_FORMAT_UNSUPPORTED says what would make another file fit;
// SKL_E_MALFORMED_ARTIFACT names the tensor or key that is wrong.
[[nodiscard]] Result<void> check_vetted(const ByteSource &source, const File &file,
                                        const Facts &facts);

// 4. This build runs the model. Errors as for check_vetted().
[[nodiscard]] Result<void> check_runnable(const ByteSource &source, const File &file,
                                          const Facts &facts);

}  // namespace skillet::gguf
