// SPDX-License-Identifier: Apache-2.0
// The smallest complete text classifier: a BERT encoder with random weights that the engine runs,
// and a starting point for tests that break one thing about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "testing/gguf_writer.h"

namespace skillet::testing {

struct ClassifierShape {
    uint32_t context = 16;
    uint32_t embedding = 32;
    uint32_t blocks = 1;
    uint32_t feed_forward = 64;
    uint32_t heads = 2;
    std::vector<std::string> labels = {"ham", "spam"};
    // After [PAD], [UNK], [CLS], [SEP] and [MASK], which have the ids 0 to 4.
    std::vector<std::string> words = {"\u2581a", "\u2581b", "\u2581c", "a", "b", "c"};
};

// F32 numbers between -0.5 and 0.5 that depend on the seed alone.
inline std::string random_floats(uint64_t count, uint32_t seed) {
    std::string bytes;
    for (uint64_t i = 0; i < count; ++i) {
        seed = seed * 1'664'525u + 1'013'904'223u;
        bytes += gguf_bytes(static_cast<float>(seed >> 8) / static_cast<float>(1 << 24) - 0.5f);
    }
    return bytes;
}

inline void add_classifier_keys(GgufWriter &writer, const ClassifierShape &shape) {
    std::vector<std::string> tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    tokens.insert(tokens.end(), shape.words.begin(), shape.words.end());
    std::vector<int32_t> kinds(tokens.size(), 1);
    for (size_t id = 0; id < 5; ++id) kinds[id] = id == 1 ? 2 : 3;
    writer.string("general.architecture", "bert")
        .string("general.name", "test classifier")
        .string("general.license", "Apache-2.0")
        .u32("general.file_type", 0)
        .u32("bert.context_length", shape.context)
        .u32("bert.embedding_length", shape.embedding)
        .u32("bert.block_count", shape.blocks)
        .u32("bert.feed_forward_length", shape.feed_forward)
        .u32("bert.attention.head_count", shape.heads)
        .f32("bert.attention.layer_norm_epsilon", 1e-12f)
        .boolean("bert.attention.causal", false)
        .u32("bert.pooling_type", 4)
        .strings("bert.classifier.output_labels", shape.labels)
        .string("tokenizer.ggml.model", "bert")
        .string("tokenizer.ggml.pre", "default")
        .strings("tokenizer.ggml.tokens", tokens)
        .i32s("tokenizer.ggml.token_type", kinds)
        .u32("tokenizer.ggml.token_type_count", 1)
        .u32("tokenizer.ggml.padding_token_id", 0)
        .u32("tokenizer.ggml.unknown_token_id", 1)
        .u32("tokenizer.ggml.bos_token_id", 2)
        .u32("tokenizer.ggml.seperator_token_id", 3)
        .u32("tokenizer.ggml.mask_token_id", 4);
}

inline void add_classifier_tensors(GgufWriter &writer, const ClassifierShape &shape) {
    uint32_t seed = 1;
    const auto add = [&](const std::string &name, std::vector<uint64_t> extents) {
        uint64_t count = 1;
        for (const uint64_t extent : extents) count *= extent;
        writer.tensor({name, std::move(extents), 0, random_floats(count, ++seed)});
    };
    const auto linear = [&](const std::string &name, uint64_t in, uint64_t out) {
        add(name + ".weight", {in, out});
        add(name + ".bias", {out});
    };
    const auto norm = [&](const std::string &name) {
        add(name + ".weight", {shape.embedding});
        add(name + ".bias", {shape.embedding});
    };
    add("token_embd.weight", {shape.embedding, 5 + shape.words.size()});
    add("position_embd.weight", {shape.embedding, shape.context});
    add("token_types.weight", {shape.embedding, 1});
    norm("token_embd_norm");
    for (uint32_t block = 0; block < shape.blocks; ++block) {
        const std::string prefix = "blk." + std::to_string(block) + ".";
        for (const char *part : {"attn_q", "attn_k", "attn_v", "attn_output"})
            linear(prefix + part, shape.embedding, shape.embedding);
        norm(prefix + "attn_output_norm");
        linear(prefix + "ffn_up", shape.embedding, shape.feed_forward);
        linear(prefix + "ffn_down", shape.feed_forward, shape.embedding);
        norm(prefix + "layer_output_norm");
    }
    linear("cls", shape.embedding, shape.embedding);
    linear("cls.output", shape.embedding, shape.labels.size());
}

inline GgufWriter tiny_classifier(const ClassifierShape &shape = {}) {
    GgufWriter writer;
    add_classifier_keys(writer, shape);
    add_classifier_tensors(writer, shape);
    return writer;
}

}  // namespace skillet::testing
