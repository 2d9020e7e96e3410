// SPDX-License-Identifier: Apache-2.0
// The smallest complete decoders with random weights that the engine runs, one per architecture,
// and a starting point for tests that break one thing about them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "testing/gguf_classifier.h"
#include "testing/gguf_writer.h"

namespace skillet::testing {

struct DecoderShape {
    std::string architecture = "llama";  // or qwen2, gpt2
    uint32_t context = 32;
    uint32_t embedding = 32;
    uint32_t blocks = 1;
    uint32_t feed_forward = 64;
    uint32_t heads = 2;
    uint32_t key_value_heads = 1;
};

// One token for each byte of ASCII text, "<s>", "</s>" and "ab".
inline void add_byte_pair_vocabulary(GgufWriter &writer) {
    std::vector<std::string> tokens = {"<s>", "</s>"};
    std::vector<int32_t> kinds = {3, 3};
    for (int byte = 0; byte < 0x7f; ++byte) {
        // Control characters and the space stand as U+0100 and following.
        tokens.push_back(byte > ' ' ? std::string(1, static_cast<char>(byte))
                                    : std::string("\xc4") + static_cast<char>(0x80 + byte));
        kinds.push_back(1);
    }
    tokens.emplace_back("ab");
    kinds.push_back(1);
    writer.string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", "gpt-2")
        .strings("tokenizer.ggml.tokens", tokens)
        .i32s("tokenizer.ggml.token_type", kinds)
        .strings("tokenizer.ggml.merges", {"a b"})
        .u32("tokenizer.ggml.bos_token_id", 0)
        .u32("tokenizer.ggml.eos_token_id", 1);
}

// "<unk>", "<s>", "</s>", the 256 bytes, "a", "b", "ab" and U+2581.
inline void add_sentence_piece_vocabulary(GgufWriter &writer) {
    std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
    std::vector<int32_t> kinds = {2, 3, 3};
    for (int byte = 0; byte < 256; ++byte) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        tokens.push_back(std::string("<0x") + digits[static_cast<size_t>(byte) / 16] +
                         digits[static_cast<size_t>(byte) % 16] + ">");
        kinds.push_back(6);
    }
    for (const char *word : {"a", "b", "ab", "\u2581"}) {
        tokens.emplace_back(word);
        kinds.push_back(1);
    }
    std::string scores;
    for (size_t id = 0; id < tokens.size(); ++id) scores += gguf_bytes(-static_cast<float>(id));
    writer.string("tokenizer.ggml.model", "llama")
        .string("tokenizer.ggml.pre", "default")
        .strings("tokenizer.ggml.tokens", tokens)
        .array("tokenizer.ggml.scores", gguf::ValueType::f32, tokens.size(), scores)
        .i32s("tokenizer.ggml.token_type", kinds)
        .u32("tokenizer.ggml.bos_token_id", 1)
        .u32("tokenizer.ggml.eos_token_id", 2)
        .u32("tokenizer.ggml.unknown_token_id", 0);
}

inline void add_decoder_keys(GgufWriter &writer, const DecoderShape &shape) {
    const std::string prefix = shape.architecture + ".";
    const bool gpt2 = shape.architecture == "gpt2";
    writer.string("general.architecture", shape.architecture)
        .u32(prefix + "context_length", shape.context)
        .u32(prefix + "embedding_length", shape.embedding)
        .u32(prefix + "block_count", shape.blocks)
        .u32(prefix + "feed_forward_length", shape.feed_forward)
        .u32(prefix + "attention.head_count", shape.heads)
        .f32(prefix + (gpt2 ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"),
             1e-5f);
    if (gpt2) return;
    writer.u32(prefix + "attention.head_count_kv", shape.key_value_heads)
        .u32(prefix + "rope.dimension_count", shape.embedding / shape.heads)
        .f32(prefix + "rope.freq_base", 10'000);
}

inline void add_decoder_tensors(GgufWriter &writer, const DecoderShape &shape, uint64_t tokens) {
    uint32_t seed = 1;
    const auto add = [&](const std::string &name, std::vector<uint64_t> extents) {
        uint64_t count = 1;
        for (const uint64_t extent : extents) count *= extent;
        writer.tensor({name, std::move(extents), 0, random_floats(count, ++seed)});
    };
    const bool gpt2 = shape.architecture == "gpt2";
    const bool qwen2 = shape.architecture == "qwen2";
    const auto linear = [&](const std::string &name, uint64_t in, uint64_t out, bool bias) {
        add(name + ".weight", {in, out});
        if (bias) add(name + ".bias", {out});
    };
    const auto norm = [&](const std::string &name) {
        add(name + ".weight", {shape.embedding});
        if (gpt2) add(name + ".bias", {shape.embedding});
    };
    const uint64_t embedding = shape.embedding;
    const uint64_t keys = embedding / shape.heads * shape.key_value_heads;
    add("token_embd.weight", {embedding, tokens});
    if (gpt2) add("position_embd.weight", {embedding, shape.context});
    norm("output_norm");
    for (uint32_t block = 0; block < shape.blocks; ++block) {
        const std::string prefix = "blk." + std::to_string(block) + ".";
        norm(prefix + "attn_norm");
        if (gpt2) {
            linear(prefix + "attn_qkv", embedding, 3 * embedding, true);
        } else {
            linear(prefix + "attn_q", embedding, embedding, qwen2);
            linear(prefix + "attn_k", embedding, keys, qwen2);
            linear(prefix + "attn_v", embedding, keys, qwen2);
            linear(prefix + "ffn_gate", embedding, shape.feed_forward, false);
        }
        linear(prefix + "attn_output", embedding, embedding, gpt2);
        norm(prefix + "ffn_norm");
        linear(prefix + "ffn_up", embedding, shape.feed_forward, gpt2);
        linear(prefix + "ffn_down", shape.feed_forward, embedding, gpt2);
    }
}

inline GgufWriter tiny_decoder(const DecoderShape &shape = {}, bool sentence_piece = false) {
    GgufWriter writer;
    add_decoder_keys(writer, shape);
    if (sentence_piece)
        add_sentence_piece_vocabulary(writer);
    else
        add_byte_pair_vocabulary(writer);
    add_decoder_tensors(writer, shape, sentence_piece ? 263 : 130);
    return writer;
}

}  // namespace skillet::testing
