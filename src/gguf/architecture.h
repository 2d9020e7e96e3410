// SPDX-License-Identifier: Apache-2.0
// What the files of each architecture hold, as data: which keys and tensors the engine reads, and
// which values it survives. What is not in a table is refused. Adding an architecture means adding
// tables, not code, after reading the engine's loader for it: docs/formats/gguf.md says what for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gguf/file.h"

namespace skillet::gguf {

enum class Presence { optional, required };

enum class Bound {
    none,
    range,         // an integer or boolean in [min, max]
    fraction,      // a float in (0, 1)
    positive,      // a float above 0, and finite
    token,         // the id of a token
    tokens,        // the number of tokens
    per_token,     // an array with one element per token
    rope_scaling,  // a way to scale positions that the engine knows: it aborts on another
};

struct KeyRule {
    const char *key;  // after the name of the architecture if it begins with a dot
    Presence presence;
    ValueType type;
    Bound bound = Bound::none;
    uint64_t min = 0;
    uint64_t max = 0;
    ValueType element = ValueType::u8;  // type == array
};

// Extents of tensors are named after what they follow from.
enum class Extent {
    one,
    embedding,
    feed_forward,
    context,
    vocabulary,
    token_types,
    labels,
    queries,           // heads x their length
    keys_values,       // heads of keys and values x their length
    queries_and_both,  // queries, keys and values in one
    rotations,         // half the length of a head
};

// How a tensor is used decides how it may be stored: matrices are multiplied or looked up in,
// vectors are added, and the engine stops the whole process when it adds another type than F32.
enum class Use { matrix, vector };

// Optional tensors of blocks are in all blocks or in none: a model that lost one would compute
// something else.
enum class Need { always, optional, head };

struct TensorRule {
    const char *name;  // after "blk.N." if per_block
    Use use;
    Extent columns;             // ggml's first dimension
    Extent rows = Extent::one;  // ggml's second
    bool per_block = false;
    Need need = Need::always;
};

// What this build asks of a model in order to run it, beyond what the engine survives.
struct RunRules {
    std::span<const KeyRule> head_keys;  // of the classification head; none: a decoder, without one
    std::span<const KeyRule> keys;
    // The longest token decides how often the tokenizer looks a word up.
    uint32_t token_bytes_max;
};

struct Architecture {
    const char *name;        // general.architecture
    const char *tokenizers;  // the kinds it goes with, each followed by a space
    std::span<const KeyRule> shared_keys;
    std::span<const KeyRule> keys;
    std::span<const TensorRule> tensors;  // none: only vocabularies of it are vetted
    bool rotates_heads = false;           // pairs of numbers in a head turn with the position
    const RunRules *run = nullptr;        // null: vetted, but not run
};

// Keys that go with every architecture.
[[nodiscard]] std::span<const KeyRule> general_keys();

// Null if we have not vetted it.
[[nodiscard]] const Architecture *find_architecture(std::string_view name);

// All names, separated by commas, for messages: those that are vetted, or only those that are run.
[[nodiscard]] std::string architecture_names(bool run);

}  // namespace skillet::gguf
