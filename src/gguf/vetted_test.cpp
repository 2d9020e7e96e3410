// SPDX-License-Identifier: Apache-2.0
// Every test breaks one thing about a file that the engine would survive. What the engine does with
// those that are left: engine_llama/vetted_test.cpp.
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "gguf/facts.h"
#include "gguf/stored.h"
#include "testing/gguf_classifier.h"
#include "testing/gguf_decoder.h"

namespace skillet::gguf {
namespace {

using testing::DecoderShape;
using testing::gguf_bytes;
using testing::GgufWriter;
using testing::tiny_classifier;
using testing::tiny_decoder;

Result<void> check(const GgufWriter &writer) {
    const MemorySource source(writer.bytes(), "memory");
    SKL_TRY_ASSIGN(file, read(source));
    SKL_TRY_ASSIGN(facts, derive_facts(source, file));
    return check_vetted(source, file, facts);
}

void expect_vetted(const GgufWriter &writer) {
    const auto result = check(writer);
    EXPECT_TRUE(result.has_value()) << result.error().message << " " << result.error().subject;
}

void expect_refused(const GgufWriter &writer, Code code, std::string_view subject) {
    const auto result = check(writer);
    ASSERT_FALSE(result.has_value()) << "was accepted: " << subject;
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_EQ(result.error().subject, subject) << result.error().message;
    EXPECT_FALSE(result.error().hint.empty());
}

void expect_malformed(const GgufWriter &writer, std::string_view subject) {
    expect_refused(writer, SKL_E_MALFORMED_ARTIFACT, subject);
}

void expect_unsupported(const GgufWriter &writer, std::string_view subject) {
    expect_refused(writer, SKL_E_FORMAT_UNSUPPORTED, subject);
}

GgufWriter decoder(const std::string &architecture) {
    DecoderShape shape;
    shape.architecture = architecture;
    shape.blocks = 2;
    return tiny_decoder(shape);
}

GgufWriter sentence_piece() { return tiny_decoder({}, true); }

// The tokens of a byte-pair vocabulary with one of them replaced.
GgufWriter with_token(GgufWriter writer, size_t id, const std::string &text) {
    const MemorySource source(writer.bytes(), "memory");
    const auto file = read(source);
    const auto &array = std::get<ArrayValue>(file->find("tokenizer.ggml.tokens")->value);
    StringReader reader(source, array);
    std::vector<std::string> tokens;
    for (uint64_t i = 0; i < array.count; ++i) tokens.emplace_back(*reader.next());
    tokens[id] = text;
    return writer.strings("tokenizer.ggml.tokens", tokens);
}

TEST(VettedGguf, are_decoders_and_encoders_and_vocabularies) {
    for (const char *architecture : {"llama", "qwen2", "gpt2"})
        expect_vetted(decoder(architecture));
    expect_vetted(sentence_piece());
    expect_vetted(tiny_classifier());
    GgufWriter vocabulary = sentence_piece();
    vocabulary.tensors.clear();
    expect_vetted(vocabulary);
}

TEST(VettedGguf, is_no_architecture_whose_loader_nobody_has_read) {
    const GgufWriter writer = decoder("llama").string("general.architecture", "llama4");
    expect_unsupported(writer, "general.architecture");
    EXPECT_NE(check(writer).error().hint.find("qwen2"), std::string::npos);
}

// Reported of PLaMo-2: it builds its tokenizer with 32-bit sums that wrap; UGM reads offsets from
// the file.
TEST(VettedGguf, is_no_tokenizer_that_nobody_has_read) {
    for (const char *kind : {"plamo2", "t5", "rwkv", "gemma4", "none", "hybriddna"})
        expect_unsupported(decoder("llama").string("tokenizer.ggml.model", kind),
                           "tokenizer.ggml.model");
    expect_unsupported(decoder("qwen2").string("tokenizer.ggml.model", "llama"),
                       "tokenizer.ggml.model");
    expect_unsupported(decoder("llama").string("tokenizer.ggml.pre", "superbpe"),
                       "tokenizer.ggml.pre");
    GgufWriter none = decoder("llama");
    expect_malformed(none.remove_key("tokenizer.ggml.model"), "tokenizer.ggml.model");
}

TEST(VettedGguf, is_no_adapter_and_no_projector) {
    for (const char *type : {"adapter", "mmproj", "imatrix"})
        expect_unsupported(decoder("llama").string("general.type", type), "general.type");
    expect_vetted(decoder("llama").string("general.type", "model"));
}

TEST(VettedGguf, has_weights_only_of_architectures_whose_tensors_we_know) {
    GgufWriter writer = decoder("llama").string("general.architecture", "falcon");
    for (auto &key : writer.keys)
        if (key.name.starts_with("llama.")) key.name.replace(0, 5, "falcon");
    expect_unsupported(writer, "general.architecture");
    writer.tensors.clear();
    expect_vetted(writer);
}

TEST(VettedGguf, has_no_number_by_which_the_engine_would_divide_by_zero_or_abort) {
    expect_unsupported(decoder("llama").u32("llama.attention.head_count", 0),
                       "llama.attention.head_count");
    expect_unsupported(decoder("llama").u32("llama.attention.head_count_kv", 0),
                       "llama.attention.head_count_kv");
    expect_unsupported(decoder("llama").u32("llama.block_count", 0), "llama.block_count");
    expect_unsupported(decoder("llama").u32("llama.block_count", 513), "llama.block_count");
    expect_unsupported(decoder("llama").u32("llama.context_length", 0), "llama.context_length");
    expect_unsupported(decoder("llama").u32("llama.expert_count", 8), "llama.expert_count");
    expect_unsupported(decoder("llama").u32("llama.expert_group_count", 2),
                       "llama.expert_group_count");
    expect_unsupported(decoder("llama").string("llama.rope.scaling.type", "longrope"),
                       "llama.rope.scaling.type");
    expect_unsupported(decoder("llama").u32("llama.nextn_predict_layers", 9),
                       "llama.nextn_predict_layers");
}

TEST(VettedGguf, has_heads_that_divide_and_agree) {
    expect_malformed(decoder("llama").u32("llama.attention.head_count", 3),
                     "llama.attention.head_count");
    expect_malformed(decoder("llama").u32("llama.attention.head_count_kv", 3),
                     "llama.attention.head_count_kv");
    expect_malformed(decoder("llama").u32("llama.attention.value_length", 8),
                     "llama.attention.value_length");
    expect_malformed(decoder("llama").u32("llama.rope.dimension_count", 8),
                     "llama.rope.dimension_count");
    DecoderShape odd;
    odd.embedding = 6;
    expect_malformed(tiny_decoder(odd), "llama.rope.dimension_count");
    // Other heads than the embedding divides into are fine if the tensors say so too.
    expect_malformed(decoder("llama")
                         .u32("llama.attention.key_length", 8)
                         .u32("llama.attention.value_length", 8)
                         .u32("llama.rope.dimension_count", 8),
                     "blk.0.attn_q.weight");
}

TEST(VettedGguf, has_positive_finite_scales) {
    for (const float wrong : {0.0f, -1.0f, std::numeric_limits<float>::infinity()}) {
        expect_malformed(decoder("llama").f32("llama.rope.freq_base", wrong),
                         "llama.rope.freq_base");
        expect_malformed(decoder("llama").f32("llama.rope.scaling.factor", wrong),
                         "llama.rope.scaling.factor");
    }
    expect_malformed(decoder("gpt2").f32("gpt2.attention.layer_norm_epsilon", -1e-5f),
                     "gpt2.attention.layer_norm_epsilon");
}

// Found by gguf_engine_fuzz: the engine takes any number for one of an enumeration.
TEST(VettedGguf, has_a_file_type_that_is_one_of_the_engines_enumeration) {
    expect_unsupported(decoder("llama").u32("general.file_type", 2'080'406'528),
                       "general.file_type");
    expect_vetted(decoder("llama").u32("general.file_type", 15));
}

TEST(VettedGguf, says_the_size_of_its_vocabulary_as_it_is) {
    expect_vetted(decoder("llama").u32("llama.vocab_size", 130));
    expect_malformed(decoder("llama").u32("llama.vocab_size", 131), "llama.vocab_size");
    expect_malformed(decoder("llama").tensor("token_embd.weight", {32, 131}), "token_embd.weight");
}

TEST(VettedGguf, has_every_tensor_of_its_architecture) {
    for (const char *architecture : {"llama", "qwen2", "gpt2"}) {
        for (const auto &tensor : decoder(architecture).tensors) {
            GgufWriter writer = decoder(architecture);
            expect_malformed(writer.remove_tensor(tensor.name), tensor.name);
        }
    }
}

TEST(VettedGguf, has_optional_tensors_in_all_blocks_or_in_none) {
    GgufWriter writer = decoder("llama");
    writer.tensor("blk.1.attn_q.bias", {32});
    expect_malformed(writer, "blk.0.attn_q.bias");
    writer.tensor("blk.0.attn_q.bias", {32});
    expect_vetted(writer);
    expect_malformed(writer.remove_tensor("blk.1.attn_q.bias"), "blk.1.attn_q.bias");
    expect_vetted(decoder("llama").tensor("output.weight", {32, 130}));
}

TEST(VettedGguf, has_no_tensor_that_nobody_knows) {
    for (const char *name : {"blk.2.attn_q.weight", "blk.00.attn_q.weight", "blk.0.attn_norm.bias",
                             "attn_q.weight", "blk.0.output.weight", "blk.9999999999.x", "blk."})
        expect_unsupported(decoder("llama").tensor(name, {32}), name);
    GgufWriter headless = tiny_classifier();
    headless.u32("bert.pooling_type", 1);
    expect_unsupported(headless, "cls.weight");
}

TEST(VettedGguf, has_norms_and_biases_in_f32) {
    for (const char *architecture : {"llama", "qwen2", "gpt2"}) {
        for (const auto &tensor : decoder(architecture).tensors) {
            if (tensor.shape.size() > 1) continue;
            GgufWriter writer = decoder(architecture);
            expect_unsupported(writer.tensor(tensor.name, tensor.shape, 1), tensor.name);
        }
    }
}

TEST(VettedGguf, has_different_tokens_that_are_text) {
    constexpr const char *key = "tokenizer.ggml.tokens";
    expect_malformed(with_token(decoder("llama"), 129, "a"), key);
    expect_malformed(with_token(decoder("llama"), 129, ""), key);
    expect_malformed(with_token(decoder("llama"), 129, "\xff\xfe"), key);
    expect_vetted(with_token(decoder("llama"), 129, "##a"));
}

// The engine throws in the middle of a request, or drops what has no token.
TEST(VettedGguf, has_a_token_for_every_byte) {
    constexpr const char *key = "tokenizer.ggml.tokens";
    expect_malformed(with_token(decoder("llama"), 2 + 'x', "xx"), key);
    expect_malformed(with_token(decoder("llama"), 2 + ' ', "__"), key);
    expect_vetted(with_token(decoder("llama"), 2 + 1, "a control character"));
    GgufWriter writer = with_token(sentence_piece(), 3 + 0xfe, "fe");
    expect_malformed(writer, "tokenizer.ggml.token_type");
    std::vector<int32_t> kinds(263, 1);
    expect_malformed(writer.i32s("tokenizer.ggml.token_type", kinds), key);
}

TEST(VettedGguf, has_kinds_of_tokens_that_mean_something) {
    constexpr const char *key = "tokenizer.ggml.token_type";
    for (const int32_t kind : {0, 6, 7, -1, 256}) {
        std::vector<int32_t> kinds(130, 1);
        kinds[5] = kind;
        expect_malformed(decoder("llama").i32s(key, kinds), key);
    }
}

TEST(VettedGguf, has_finite_scores) {
    std::string scores(263 * 4, '\0');
    scores.replace(8, 4, gguf_bytes(std::numeric_limits<float>::quiet_NaN()));
    expect_malformed(sentence_piece().array("tokenizer.ggml.scores", ValueType::f32, 263, scores),
                     "tokenizer.ggml.scores");
    GgufWriter without = sentence_piece();
    expect_malformed(without.remove_key("tokenizer.ggml.scores"), "tokenizer.ggml.scores");
}

TEST(VettedGguf, has_merges_of_two_tokens) {
    expect_malformed(decoder("llama").strings("tokenizer.ggml.merges", {"ab"}),
                     "tokenizer.ggml.merges");
    expect_malformed(decoder("llama").strings("tokenizer.ggml.merges", {" ab"}),
                     "tokenizer.ggml.merges");
    GgufWriter without = decoder("llama");
    expect_malformed(without.remove_key("tokenizer.ggml.merges"), "tokenizer.ggml.merges");
}

// The engine would put its own idea of a token, number 11, before every text, or abort.
TEST(VettedGguf, names_the_tokens_that_are_put_around_every_text) {
    GgufWriter writer = decoder("llama");
    writer.remove_key("tokenizer.ggml.bos_token_id");
    expect_vetted(writer);
    writer.boolean("tokenizer.ggml.add_bos_token", true);
    expect_malformed(writer, "tokenizer.ggml.bos_token_id");
    GgufWriter by_name = decoder("llama");
    by_name.remove_key("tokenizer.ggml.bos_token_id");
    expect_malformed(by_name.string("tokenizer.ggml.pre", "llama-bpe"),
                     "tokenizer.ggml.bos_token_id");
    GgufWriter word_piece = tiny_classifier();
    expect_malformed(word_piece.remove_key("tokenizer.ggml.bos_token_id"),
                     "tokenizer.ggml.bos_token_id");
    expect_malformed(decoder("llama").u32("tokenizer.ggml.eot_token_id", 130),
                     "tokenizer.ggml.eot_token_id");
}

TEST(VettedGguf, does_not_search_texts_for_too_many_tokens) {
    testing::ClassifierShape shape;
    for (int i = 0; i < 17'000; ++i) shape.words.push_back("w" + std::to_string(i));
    std::vector<int32_t> kinds(5 + shape.words.size(), 4);
    expect_unsupported(tiny_classifier(shape).i32s("tokenizer.ggml.token_type", kinds),
                       "tokenizer.ggml.token_type");
}

TEST(VettedGguf, keeps_templates_of_any_name_and_no_other_unknown_setting) {
    expect_vetted(decoder("llama").string("tokenizer.chat_template.tool_use", "{{ x }}"));
    expect_unsupported(decoder("llama").u32("tokenizer.chat_template.tool_use", 1),
                       "tokenizer.chat_template.tool_use");
    expect_unsupported(decoder("llama").u32("tokenizer.ggml.new", 1), "tokenizer.ggml.new");
}

}  // namespace
}  // namespace skillet::gguf
