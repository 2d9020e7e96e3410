// SPDX-License-Identifier: Apache-2.0
#include "gguf/architecture.h"

#include <algorithm>
#include <array>

namespace skillet::gguf {
namespace {

using enum Presence;
using enum Bound;

constexpr auto general = std::to_array<KeyRule>({
    // The engine takes the number for one of an enumeration, whatever it is.
    {"general.file_type", optional, ValueType::u32, range, 0, 1023},
});

// An encoder. Its head, a pooler (tanh) and an output layer, is optional.
constexpr auto bert_keys = std::to_array<KeyRule>({
    // Two tokens are special, and one must be left for the text.
    {".context_length", required, ValueType::u32, range, 3, 8192},
    {".embedding_length", required, ValueType::u32, range, 1, 8192},
    {".block_count", required, ValueType::u32, range, 1, 128},
    {".feed_forward_length", required, ValueType::u32, range, 1, 65'536},
    {".attention.head_count", required, ValueType::u32, range, 1, 256},
    {".attention.layer_norm_epsilon", required, ValueType::f32, fraction},
    {".attention.causal", optional, ValueType::boolean, range, 0, 0},
    // None, mean, first token, last token and RANK, which goes through the head.
    {".pooling_type", optional, ValueType::u32, range, 0, 4},
    {".classifier.output_labels", optional, ValueType::array, none, 0, 0, ValueType::string},
    {"tokenizer.ggml.token_type_count", required, ValueType::u32, range, 1, 16},
});

constexpr auto bert_tensors = std::to_array<TensorRule>({
    {"token_embd.weight", Use::matrix, Extent::embedding, Extent::vocabulary},
    {"position_embd.weight", Use::matrix, Extent::embedding, Extent::context},
    // Row 0 is added to every token.
    {"token_types.weight", Use::vector, Extent::embedding, Extent::token_types, false,
     Need::optional},
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
    {"cls.weight", Use::matrix, Extent::embedding, Extent::embedding, false, Need::head},
    {"cls.bias", Use::vector, Extent::embedding, Extent::one, false, Need::head},
    {"cls.output.weight", Use::matrix, Extent::embedding, Extent::labels, false, Need::head},
    {"cls.output.bias", Use::vector, Extent::labels, Extent::one, false, Need::head},
});

constexpr auto bert_head_keys = std::to_array<KeyRule>({
    // Any other pooling leaves the head out of the graph.
    {".pooling_type", required, ValueType::u32, range, 4, 4},
    {".classifier.output_labels", required, ValueType::array, none, 0, 0, ValueType::string},
});

constexpr auto bert_run_keys = std::to_array<KeyRule>({
    {"tokenizer.ggml.bos_token_id", required, ValueType::u32, token},
    {"tokenizer.ggml.seperator_token_id", required, ValueType::u32, token},
    {"tokenizer.ggml.unknown_token_id", required, ValueType::u32, token},
    // Every text is wrapped in [CLS] and [SEP], whatever these say.
    {"tokenizer.ggml.add_bos_token", optional, ValueType::boolean, range, 1, 1},
    {"tokenizer.ggml.add_sep_token", optional, ValueType::boolean, range, 1, 1},
});

constexpr RunRules bert_run = {bert_head_keys, bert_run_keys, 128};

// What the files of all decoders have in common.
constexpr auto decoder_keys = std::to_array<KeyRule>({
    {".context_length", required, ValueType::u32, range, 1, 1u << 24},
    {".embedding_length", required, ValueType::u32, range, 1, 65'536},
    {".block_count", required, ValueType::u32, range, 1, 512},
    {".feed_forward_length", required, ValueType::u32, range, 1, 1u << 20},
    {".attention.head_count", required, ValueType::u32, range, 1, 1024},
    {".attention.head_count_kv", optional, ValueType::u32, range, 1, 1024},
    {".rope.dimension_count", optional, ValueType::u32, range, 1, 65'536},
    {".rope.freq_base", optional, ValueType::f32, positive},
    {".rope.scaling.type", optional, ValueType::string, rope_scaling},
    {".rope.scaling.factor", optional, ValueType::f32, positive},
    {".rope.scaling.original_context_length", optional, ValueType::u32, range, 1, UINT32_MAX},
    {".rope.scaling.finetuned", optional, ValueType::boolean},
    {".vocab_size", optional, ValueType::u32, tokens},
    {".tensor_data_layout", optional, ValueType::string},
});

constexpr auto llama_keys = std::to_array<KeyRule>({
    {".attention.layer_norm_rms_epsilon", required, ValueType::f32, fraction},
    {".attention.key_length", optional, ValueType::u32, range, 1, 65'536},
    {".attention.value_length", optional, ValueType::u32, range, 1, 65'536},
    // A mixture of experts needs other tensors.
    {".expert_count", optional, ValueType::u32, range, 0, 0},
    {".expert_used_count", optional, ValueType::u32, range, 0, 0},
});

constexpr auto llama_tensors = std::to_array<TensorRule>({
    {"token_embd.weight", Use::matrix, Extent::embedding, Extent::vocabulary},
    {"output_norm.weight", Use::vector, Extent::embedding},
    // Absent where the token embedding serves for it.
    {"output.weight", Use::matrix, Extent::embedding, Extent::vocabulary, false, Need::optional},
    {"rope_freqs.weight", Use::vector, Extent::rotations, Extent::one, false, Need::optional},
    {"attn_norm.weight", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_q.weight", Use::matrix, Extent::embedding, Extent::queries, true},
    {"attn_q.bias", Use::vector, Extent::queries, Extent::one, true, Need::optional},
    {"attn_k.weight", Use::matrix, Extent::embedding, Extent::keys_values, true},
    {"attn_k.bias", Use::vector, Extent::keys_values, Extent::one, true, Need::optional},
    {"attn_v.weight", Use::matrix, Extent::embedding, Extent::keys_values, true},
    {"attn_v.bias", Use::vector, Extent::keys_values, Extent::one, true, Need::optional},
    {"attn_output.weight", Use::matrix, Extent::queries, Extent::embedding, true},
    {"attn_output.bias", Use::vector, Extent::embedding, Extent::one, true, Need::optional},
    {"ffn_norm.weight", Use::vector, Extent::embedding, Extent::one, true},
    {"ffn_gate.weight", Use::matrix, Extent::embedding, Extent::feed_forward, true},
    {"ffn_gate.bias", Use::vector, Extent::feed_forward, Extent::one, true, Need::optional},
    {"ffn_down.weight", Use::matrix, Extent::feed_forward, Extent::embedding, true},
    {"ffn_down.bias", Use::vector, Extent::embedding, Extent::one, true, Need::optional},
    {"ffn_up.weight", Use::matrix, Extent::embedding, Extent::feed_forward, true},
    {"ffn_up.bias", Use::vector, Extent::feed_forward, Extent::one, true, Need::optional},
});

// It is asked how it would go on: no key of it has to be there beyond what its graph needs.
constexpr RunRules llama_run = {{}, {}, 1024};

constexpr auto qwen2_keys = std::to_array<KeyRule>({
    {".attention.layer_norm_rms_epsilon", required, ValueType::f32, fraction},
});

constexpr auto qwen2_tensors = std::to_array<TensorRule>({
    {"token_embd.weight", Use::matrix, Extent::embedding, Extent::vocabulary},
    {"output_norm.weight", Use::vector, Extent::embedding},
    {"output.weight", Use::matrix, Extent::embedding, Extent::vocabulary, false, Need::optional},
    {"attn_norm.weight", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_q.weight", Use::matrix, Extent::embedding, Extent::queries, true},
    {"attn_q.bias", Use::vector, Extent::queries, Extent::one, true},
    {"attn_k.weight", Use::matrix, Extent::embedding, Extent::keys_values, true},
    {"attn_k.bias", Use::vector, Extent::keys_values, Extent::one, true},
    {"attn_v.weight", Use::matrix, Extent::embedding, Extent::keys_values, true},
    {"attn_v.bias", Use::vector, Extent::keys_values, Extent::one, true},
    {"attn_output.weight", Use::matrix, Extent::queries, Extent::embedding, true},
    {"ffn_norm.weight", Use::vector, Extent::embedding, Extent::one, true},
    {"ffn_gate.weight", Use::matrix, Extent::embedding, Extent::feed_forward, true},
    {"ffn_down.weight", Use::matrix, Extent::feed_forward, Extent::embedding, true},
    {"ffn_up.weight", Use::matrix, Extent::embedding, Extent::feed_forward, true},
});

constexpr auto gpt2_keys = std::to_array<KeyRule>({
    {".context_length", required, ValueType::u32, range, 1, 1u << 20},
    {".embedding_length", required, ValueType::u32, range, 1, 65'536},
    {".block_count", required, ValueType::u32, range, 1, 512},
    {".feed_forward_length", required, ValueType::u32, range, 1, 1u << 20},
    {".attention.head_count", required, ValueType::u32, range, 1, 1024},
    {".attention.layer_norm_epsilon", required, ValueType::f32, fraction},
});

constexpr auto gpt2_tensors = std::to_array<TensorRule>({
    {"token_embd.weight", Use::matrix, Extent::embedding, Extent::vocabulary},
    {"position_embd.weight", Use::matrix, Extent::embedding, Extent::context},
    {"output_norm.weight", Use::vector, Extent::embedding},
    {"output_norm.bias", Use::vector, Extent::embedding},
    {"output.weight", Use::matrix, Extent::embedding, Extent::vocabulary, false, Need::optional},
    {"attn_norm.weight", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_norm.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"attn_qkv.weight", Use::matrix, Extent::embedding, Extent::queries_and_both, true},
    {"attn_qkv.bias", Use::vector, Extent::queries_and_both, Extent::one, true},
    {"attn_output.weight", Use::matrix, Extent::embedding, Extent::embedding, true},
    {"attn_output.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"ffn_norm.weight", Use::vector, Extent::embedding, Extent::one, true},
    {"ffn_norm.bias", Use::vector, Extent::embedding, Extent::one, true},
    {"ffn_up.weight", Use::matrix, Extent::embedding, Extent::feed_forward, true},
    {"ffn_up.bias", Use::vector, Extent::feed_forward, Extent::one, true},
    {"ffn_down.weight", Use::matrix, Extent::feed_forward, Extent::embedding, true},
    {"ffn_down.bias", Use::vector, Extent::embedding, Extent::one, true},
});

// Decoders of which we have vetted vocabularies only.
constexpr auto vocabulary_keys = std::to_array<KeyRule>({
    {".attention.layer_norm_rms_epsilon", optional, ValueType::f32, fraction},
    {".attention.layer_norm_epsilon", optional, ValueType::f32, fraction},
    {".attention.max_alibi_bias", optional, ValueType::f32, positive},
    {".use_parallel_residual", optional, ValueType::boolean},
    {".logit_scale", optional, ValueType::f32, positive},
});

// In the order in which messages name them.
constexpr auto architectures = std::to_array<Architecture>({
    {"bert", "bert ", {}, bert_keys, bert_tensors, false, &bert_run},
    {"llama", "llama gpt2 ", decoder_keys, llama_keys, llama_tensors, true, &llama_run},
    {"qwen2", "gpt2 ", decoder_keys, qwen2_keys, qwen2_tensors, true},
    {"gpt2", "gpt2 ", {}, gpt2_keys, gpt2_tensors},
    {"baichuan", "llama ", decoder_keys, vocabulary_keys, {}},
    {"command-r", "gpt2 ", decoder_keys, vocabulary_keys, {}},
    {"falcon", "gpt2 ", decoder_keys, vocabulary_keys, {}},
    {"gptneox", "gpt2 ", decoder_keys, vocabulary_keys, {}},
    {"mpt", "gpt2 ", decoder_keys, vocabulary_keys, {}},
    {"phi3", "llama ", decoder_keys, vocabulary_keys, {}},
    {"refact", "gpt2 ", decoder_keys, vocabulary_keys, {}},
    {"starcoder2", "gpt2 ", decoder_keys, vocabulary_keys, {}},
});

}  // namespace

std::span<const KeyRule> general_keys() { return general; }

const Architecture *find_architecture(std::string_view name) {
    const auto found = std::find_if(architectures.begin(), architectures.end(),
                                    [&](const Architecture &known) { return known.name == name; });
    return found == architectures.end() ? nullptr : &*found;
}

std::string architecture_names(bool run) {
    std::string names;
    for (const Architecture &known : architectures) {
        if (run && known.run == nullptr) continue;
        names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    return names;
}

}  // namespace skillet::gguf
