// SPDX-License-Identifier: Apache-2.0
// What a model of each architecture we run must hold, as data: one table of keys and one of tensors
// per architecture. Adding an architecture means adding tables, not code.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gguf/file.h"

namespace skillet::gguf {

enum class Presence {
    optional,
    required,
    required_for_head  // without it the model may be fine, but is no classifier
};

enum class Bound {
    none,
    range,      // an integer or boolean in [min, max]
    fraction,   // a float in (0, 1)
    token,      // the id of a token
    per_token,  // an array with one element per token
};

struct KeyRule {
    const char *key;
    Presence presence;
    ValueType type;
    Bound bound = Bound::none;
    uint64_t min = 0;
    uint64_t max = 0;
    ValueType element = ValueType::u8;  // type == array
};

// Extents of tensors are named after what they follow from.
enum class Extent { one, embedding, feed_forward, context, vocabulary, token_types, labels };

// How a tensor is used decides how it may be stored: matrices are multiplied or looked up in,
// vectors are added, and the engine stops the whole process when it adds another type than F32.
enum class Use { matrix, vector };

struct TensorRule {
    const char *name;  // after "blk.N." if per_block
    Use use;
    Extent columns;             // ggml's first dimension
    Extent rows = Extent::one;  // ggml's second
    bool per_block = false;
    bool optional = false;
};

// The token that must stand at the id that a key names.
struct SpecialToken {
    const char *key;
    const char *text;
};

struct Architecture {
    const char *name;  // general.architecture
    const char *tokenizer_model;
    std::span<const KeyRule> keys;
    std::span<const TensorRule> tensors;
    std::span<const SpecialToken> special_tokens;
    const char *token_types_key;  // how many rows Extent::token_types means
    uint32_t runnable_token_bytes_max;
};

// Null if this build does not run it.
[[nodiscard]] const Architecture *find_architecture(std::string_view name);

// All names, separated by commas, for messages.
[[nodiscard]] const char *architecture_names();

}  // namespace skillet::gguf
