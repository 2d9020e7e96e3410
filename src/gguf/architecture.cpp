// SPDX-License-Identifier: Apache-2.0
#include "gguf/architecture.h"

#include <algorithm>
#include <array>

namespace skillet::gguf {
namespace {

using enum Presence;
using enum Bound;

// A BERT encoder whose first token goes through a pooler (tanh) and an output layer. The keys of
// the head come first: a model without them is told so before anything else is found wrong.
constexpr auto bert_keys = std::to_array<KeyRule>({
    // 4 is RANK: any other pooling leaves the head out of the graph.
    {"bert.pooling_type", required_for_head, ValueType::u32, range, 4, 4},
    {"bert.classifier.output_labels", required_for_head, ValueType::array, none, 0, 0,
     ValueType::string},
    // Two tokens are special, and one must be left for the text.
    {"bert.context_length", required, ValueType::u32, range, 3, 8192},
    {"bert.embedding_length", required, ValueType::u32, range, 1, 8192},
    {"bert.block_count", required, ValueType::u32, range, 1, 128},
    {"bert.feed_forward_length", required, ValueType::u32, range, 1, 65'536},
    {"bert.attention.head_count", required, ValueType::u32, range, 1, 256},
    {"bert.attention.layer_norm_epsilon", required, ValueType::f32, fraction},
    {"bert.attention.causal", optional, ValueType::boolean, range, 0, 0},
    {"tokenizer.ggml.model", required, ValueType::string},
    {"tokenizer.ggml.pre", optional, ValueType::string},
    {"tokenizer.ggml.tokens", required, ValueType::array, none, 0, 0, ValueType::string},
    {"tokenizer.ggml.token_type", optional, ValueType::array, per_token, 0, 0, ValueType::i32},
    {"tokenizer.ggml.scores", optional, ValueType::array, per_token, 0, 0, ValueType::f32},
    {"tokenizer.ggml.token_type_count", required, ValueType::u32, range, 1, 16},
    {"tokenizer.ggml.bos_token_id", required, ValueType::u32, token},
    {"tokenizer.ggml.seperator_token_id", required, ValueType::u32, token},
    {"tokenizer.ggml.unknown_token_id", required, ValueType::u32, token},
    {"tokenizer.ggml.eos_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.padding_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.cls_token_id", optional, ValueType::u32, token},
    {"tokenizer.ggml.mask_token_id", optional, ValueType::u32, token},
    // The engine wraps every text in [CLS] and [SEP], whatever these say.
    {"tokenizer.ggml.add_bos_token", optional, ValueType::boolean, range, 1, 1},
    {"tokenizer.ggml.add_sep_token", optional, ValueType::boolean, range, 1, 1},
    {"tokenizer.ggml.add_eos_token", optional, ValueType::boolean},
    {"tokenizer.ggml.normalizer.lowercase", optional, ValueType::boolean},
    {"tokenizer.ggml.normalizer.strip_accents", optional, ValueType::boolean},
    {"tokenizer.chat_template", optional, ValueType::string},
});

constexpr auto bert_tensors = std::to_array<TensorRule>({
    {"token_embd.weight", Use::matrix, Extent::embedding, Extent::vocabulary},
    {"position_embd.weight", Use::matrix, Extent::embedding, Extent::context},
    // Row 0 is added to every token.
    {"token_types.weight", Use::vector, Extent::embedding, Extent::token_types, false, true},
    {"token_embd_norm.weight", Use::vector, Extent::embedding},
    {"token_embd_norm.bias", Use::vector, Extent::embedding},
    {"attn_q.weight", Use::matrix, Extent::embedding, Extent::embedding, true},
    {"attn_q.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_k.weight", Use::matrix, Extent::embedding, Extent::embedding, true},
    {"attn_k.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_v.weight", Use::matrix, Extent::embedding, Extent::embedding, true},
    {"attn_v.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_output.weight", Use::matrix, Extent::embedding, Extent::embedding, true},
    {"attn_output.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_output_norm.weight", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_output_norm.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"ffn_up.weight", Use::matrix, Extent::embedding, Extent::feed_forward, true},
    {"ffn_up.bias", Use::vector, Extent::feed_forward, Extent::one, true},
    {"ffn_down.weight", Use::matrix, Extent::feed_forward, Extent::embedding, true},
    {"ffn_down.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"layer_output_norm.weight", Use::vector, Extent::embedding, Extent::one, true},
    {"layer_output_norm.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"cls.weight", Use::matrix, Extent::embedding, Extent::embedding},
    {"cls.bias", Use::vector, Extent::embedding},
    {"cls.output.weight", Use::matrix, Extent::embedding, Extent::labels},
    {"cls.output.bias", Use::vector, Extent::labels},
});

constexpr auto bert_special_tokens = std::to_array<SpecialToken>({
    {"tokenizer.ggml.bos_token_id", "[CLS]"},
    {"tokenizer.ggml.cls_token_id", "[CLS]"},
    {"tokenizer.ggml.seperator_token_id", "[SEP]"},
    {"tokenizer.ggml.unknown_token_id", "[UNK]"},
});

// The longest token decides how often the tokenizer looks a word up: 128 bytes keep that harmless.
constexpr auto architectures = std::to_array<Architecture>({
    {"bert", "bert", bert_keys, bert_tensors, bert_special_tokens,
     "tokenizer.ggml.token_type_count", 128},
});

}  // namespace

const Architecture *find_architecture(std::string_view name) {
    const auto found = std::find_if(architectures.begin(), architectures.end(),
                                    [&](const Architecture &known) { return known.name == name; });
    return found == architectures.end() ? nullptr : &*found;
}

const char *architecture_names() { return "bert"; }

}  // namespace skillet::gguf
