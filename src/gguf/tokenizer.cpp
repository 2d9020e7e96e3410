// SPDX-License-Identifier: Apache-2.0
#include "gguf/tokenizer.h"

#include <algorithm>
#include <array>

namespace skillet::gguf {
namespace {

using enum Presence;
using enum Bound;

constexpr auto shared_keys = std::to_array<KeyRule>({
    {"tokenizer.ggml.model", required, ValueType::string},
    {"tokenizer.ggml.pre", optional, ValueType::string},
    {"tokenizer.ggml.tokens", required, ValueType::array, none, 0, 0, ValueType::string},
    {"tokenizer.ggml.token_type", optional, ValueType::array, per_token, 0, 0, ValueType::i32},
    {"tokenizer.ggml.scores", optional, ValueType::array, per_token, 0, 0, ValueType::f32},
    {"tokenizer.ggml.bos_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.eos_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.eot_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.eom_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.unknown_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.seperator_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.padding_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.cls_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.mask_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.fim_pre_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.fim_suf_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.fim_mid_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.fim_pad_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.fim_rep_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.fim_sep_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.add_bos_token", optional, ValueType::boolean},
    {"tokenizer.ggml.add_eos_token", optional, ValueType::boolean},
    {"tokenizer.ggml.add_sep_token", optional, ValueType::boolean},
    {"tokenizer.ggml.add_space_prefix", optional, ValueType::boolean},
    {"tokenizer.chat_template", optional, ValueType::string},
    {"tokenizer.chat_templates", optional, ValueType::array, none, 0, 0, ValueType::string},
});

constexpr auto word_piece_keys = std::to_array<KeyRule>({
    {"tokenizer.ggml.token_type_count", optional, ValueType::u32, range, 1, 16},
    {"tokenizer.ggml.normalizer.lowercase", optional, ValueType::boolean},
    {"tokenizer.ggml.normalizer.strip_accents", optional, ValueType::boolean},
});

constexpr auto word_piece_tokens = std::to_array<SpecialToken>({
    {"tokenizer.ggml.bos_token_id", nullptr, true, 101, "[CLS]"},
    {"tokenizer.ggml.cls_token_id", nullptr, false, std::nullopt, "[CLS]"},
    {"tokenizer.ggml.seperator_token_id", nullptr, true, 102, "[SEP]"},
    {"tokenizer.ggml.unknown_token_id", nullptr, true, 100, "[UNK]"},
});

// Without scores every merge is as good as any other; without types no token is a byte.
constexpr auto sentence_piece_keys = std::to_array<KeyRule>({
    {"tokenizer.ggml.scores", required, ValueType::array, per_token, 0, 0, ValueType::f32},
    {"tokenizer.ggml.token_type", required, ValueType::array, per_token, 0, 0, ValueType::i32},
    {"tokenizer.ggml.remove_extra_whitespaces", optional, ValueType::boolean},
});

constexpr auto sentence_piece_tokens = std::to_array<SpecialToken>({
    {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.add_bos_token", true, 1},
    {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.add_eos_token", false, 2},
    {"tokenizer.ggml.seperator_token_id", "tokenizer.ggml.add_sep_token"},
});

constexpr auto byte_pair_keys = std::to_array<KeyRule>({
    {"tokenizer.ggml.merges", required, ValueType::array, none, 0, 0, ValueType::string},
});

constexpr auto byte_pair_tokens = std::to_array<SpecialToken>({
    {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.add_bos_token"},
    {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.add_eos_token"},
    {"tokenizer.ggml.seperator_token_id", "tokenizer.ggml.add_sep_token"},
});

constexpr bool bounded = true;
constexpr auto byte_pair_words = std::to_array<PreTokenizer>({
    {"default"},
    {"gpt-2", false, bounded},
    {"llama-bpe", true, bounded},
    {"llama3", true, bounded},
    {"llama-v3", true, bounded},
    {"qwen2", false, bounded},
    {"qwen35", false, bounded},
    {"smollm", false, bounded},
    {"starcoder", false, bounded},
    {"refact", false, bounded},
    {"deepseek-llm"},
    {"deepseek-coder"},
    {"command-r", false, bounded},
    {"falcon"},
    {"mpt", false, bounded},
    {"phi-2", false, bounded},
    {"stablelm2", false, bounded},
    {"olmo", false, bounded},
});

constexpr auto kinds = std::to_array<TokenizerKind>({
    {"bert", "WordPiece", word_piece_keys, word_piece_tokens, {}},
    {"llama",
     "SentencePiece",
     sentence_piece_keys,
     sentence_piece_tokens,
     {},
     ByteTokens::spelled,
     6},
    {"gpt2", "byte pairs", byte_pair_keys, byte_pair_tokens, byte_pair_words,
     ByteTokens::characters},
});

}  // namespace

const TokenizerKind *find_tokenizer(std::string_view model) {
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const TokenizerKind &kind) { return kind.model == model; });
    return found == kinds.end() ? nullptr : &*found;
}

const PreTokenizer *find_pre_tokenizer(const TokenizerKind &kind, std::string_view name) {
    const auto &known = kind.pre_tokenizers;
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const PreTokenizer &one) { return one.name == name; });
    return found == known.end() ? nullptr : &*found;
}

std::span<const KeyRule> tokenizer_keys() { return shared_keys; }

std::string tokenizer_names() {
    std::string names;
    for (const TokenizerKind &kind : kinds) {
        if (!names.empty()) names += ", ";
        names += std::string(kind.model) + " (" + kind.name + ")";
    }
    return names;
}

}  // namespace skillet::gguf
