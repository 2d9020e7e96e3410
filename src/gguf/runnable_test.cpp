// SPDX-License-Identifier: Apache-2.0
// Every test breaks one thing about a complete classifier.
#include <string>

#include <gtest/gtest.h>

#include "gguf/facts.h"
#include "testing/gguf_classifier.h"
#include "testing/gguf_decoder.h"
#include "testing/gguf_writer.h"

namespace skillet::gguf {
namespace {

using testing::ClassifierShape;
using testing::gguf_bytes;
using testing::GgufWriter;
using testing::tiny_classifier;
using testing::tiny_decoder;

Result<void> check(const GgufWriter &writer) {
    const MemorySource source(writer.bytes(), "memory");
    SKL_TRY_ASSIGN(file, read(source));
    SKL_TRY_ASSIGN(facts, derive_facts(source, file));
    return check_runnable(source, file, facts);
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

// With these words instead of the usual ones.
GgufWriter with_words(std::vector<std::string> words) {
    ClassifierShape shape;
    shape.words = std::move(words);
    return tiny_classifier(shape);
}

GgufWriter with_labels(std::vector<std::string> labels) {
    ClassifierShape shape;
    shape.labels = std::move(labels);
    return tiny_classifier(shape);
}

TEST(RunnableGguf, accepts_a_complete_classifier) {
    const auto result = check(tiny_classifier());
    EXPECT_TRUE(result.has_value()) << result.error().message << " " << result.error().subject;
}

TEST(RunnableGguf, accepts_several_blocks_and_matrices_in_f16_q8_0_and_q4_0) {
    ClassifierShape shape;
    shape.blocks = 3;
    shape.heads = 4;
    shape.labels = {"a", "b", "c"};
    GgufWriter writer = tiny_classifier(shape);
    writer.tensor("token_embd.weight", {32, 11}, 8)
        .tensor("position_embd.weight", {32, 16}, 1)
        .tensor("blk.2.ffn_down.weight", {64, 32}, 2)
        .tensor("cls.output.weight", {32, 3}, 8);
    const auto result = check(writer);
    EXPECT_TRUE(result.has_value()) << result.error().message << " " << result.error().subject;
}

TEST(RunnableGguf, accepts_a_model_without_token_types_and_optional_keys) {
    GgufWriter writer = tiny_classifier();
    writer.remove_tensor("token_types.weight");
    for (const char *key :
         {"general.name", "general.license", "general.file_type", "bert.attention.causal",
          "tokenizer.ggml.pre", "tokenizer.ggml.token_type", "tokenizer.ggml.padding_token_id",
          "tokenizer.ggml.mask_token_id"})
        writer.remove_key(key);
    EXPECT_TRUE(check(writer).has_value());
}

TEST(RunnableGguf, refuses_another_architecture_and_says_which_would_do) {
    const GgufWriter writer = tiny_classifier().string("general.architecture", "qwen2");
    expect_unsupported(writer, "general.architecture");
    for (const char *name : {"bert", "llama"})
        EXPECT_NE(check(writer).error().hint.find(name), std::string::npos);
}

TEST(RunnableGguf, refuses_another_kind_of_tokenizer) {
    expect_unsupported(tiny_classifier().string("tokenizer.ggml.model", "gpt2"),
                       "tokenizer.ggml.model");
}

TEST(RunnableGguf, tells_an_encoder_without_a_head_what_it_lacks) {
    for (const char *key : {"bert.pooling_type", "bert.classifier.output_labels"}) {
        GgufWriter writer = tiny_classifier();
        expect_unsupported(writer.remove_key(key), key);
        EXPECT_NE(check(writer).error().hint.find("head"), std::string::npos);
    }
    expect_unsupported(tiny_classifier().u32("bert.pooling_type", 1), "bert.pooling_type");
}

TEST(RunnableGguf, refuses_a_model_without_any_one_of_its_required_keys) {
    for (const char *key :
         {"bert.context_length", "bert.embedding_length", "bert.block_count",
          "bert.feed_forward_length", "bert.attention.head_count",
          "bert.attention.layer_norm_epsilon", "tokenizer.ggml.model", "tokenizer.ggml.tokens",
          "tokenizer.ggml.token_type_count", "tokenizer.ggml.bos_token_id",
          "tokenizer.ggml.seperator_token_id", "tokenizer.ggml.unknown_token_id"}) {
        GgufWriter writer = tiny_classifier();
        // Nothing is one per token if there are no tokens.
        writer.remove_key("tokenizer.ggml.token_type");
        expect_malformed(writer.remove_key(key), key);
    }
}

TEST(RunnableGguf, refuses_a_key_of_another_type) {
    for (const char *key :
         {"bert.pooling_type", "bert.context_length", "bert.attention.layer_norm_epsilon",
          "bert.attention.causal", "tokenizer.ggml.token_type_count", "tokenizer.ggml.bos_token_id",
          "tokenizer.ggml.mask_token_id", "tokenizer.ggml.add_bos_token",
          "tokenizer.ggml.normalizer.lowercase"}) {
        GgufWriter writer = tiny_classifier();
        expect_malformed(writer.key(key, ValueType::i16, gguf_bytes<int16_t>(1)), key);
    }
    expect_malformed(tiny_classifier().i32s("bert.attention.head_count", {2}),
                     "bert.attention.head_count");
}

TEST(RunnableGguf, refuses_settings_outside_what_is_run) {
    expect_unsupported(tiny_classifier().u32("bert.context_length", 2), "bert.context_length");
    expect_unsupported(tiny_classifier().u32("bert.context_length", 8193), "bert.context_length");
    expect_unsupported(tiny_classifier().u32("bert.block_count", 0), "bert.block_count");
    expect_unsupported(tiny_classifier().u32("bert.block_count", 513), "bert.block_count");
    expect_unsupported(tiny_classifier().u32("bert.attention.head_count", 0),
                       "bert.attention.head_count");
    expect_unsupported(tiny_classifier().u32("tokenizer.ggml.token_type_count", 0),
                       "tokenizer.ggml.token_type_count");
    expect_unsupported(tiny_classifier().boolean("bert.attention.causal", true),
                       "bert.attention.causal");
    expect_unsupported(tiny_classifier().boolean("tokenizer.ggml.add_bos_token", false),
                       "tokenizer.ggml.add_bos_token");
}

TEST(RunnableGguf, refuses_settings_it_does_not_know) {
    // The engine stops the process on the first two.
    expect_unsupported(tiny_classifier().string("bert.rope.scaling.type", "x"),
                       "bert.rope.scaling.type");
    expect_unsupported(tiny_classifier().u32("bert.expert_count", 1000), "bert.expert_count");
    expect_unsupported(tiny_classifier().i32s("tokenizer.ggml.suppress_tokens", {1}),
                       "tokenizer.ggml.suppress_tokens");
    EXPECT_TRUE(check(tiny_classifier().u32("general.whatever", 1)).has_value());
}

TEST(RunnableGguf, refuses_heads_that_do_not_divide_the_embedding) {
    expect_malformed(tiny_classifier().u32("bert.attention.head_count", 3),
                     "bert.attention.head_count");
}

TEST(RunnableGguf, refuses_an_epsilon_that_is_no_small_positive_number) {
    for (const float epsilon : {0.0f, -1e-12f, 1.0f, 1e30f})
        expect_malformed(tiny_classifier().f32("bert.attention.layer_norm_epsilon", epsilon),
                         "bert.attention.layer_norm_epsilon");
}

TEST(RunnableGguf, refuses_a_context_other_than_the_rows_of_position_embd) {
    // The engine stops the process on a longer text.
    expect_malformed(tiny_classifier().u32("bert.context_length", 17), "position_embd.weight");
    expect_malformed(tiny_classifier().u32("bert.context_length", 15), "position_embd.weight");
}

TEST(RunnableGguf, refuses_special_token_ids_out_of_range) {
    for (const char *key : {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.seperator_token_id",
                            "tokenizer.ggml.unknown_token_id", "tokenizer.ggml.eos_token_id",
                            "tokenizer.ggml.padding_token_id", "tokenizer.ggml.cls_token_id",
                            "tokenizer.ggml.mask_token_id"}) {
        expect_malformed(tiny_classifier().u32(key, 11), key);
        expect_malformed(tiny_classifier().u32(key, UINT32_MAX), key);
    }
}

TEST(RunnableGguf, refuses_special_tokens_that_do_not_stand_at_their_ids) {
    for (const char *key : {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.seperator_token_id",
                            "tokenizer.ggml.unknown_token_id", "tokenizer.ggml.cls_token_id"})
        expect_malformed(tiny_classifier().u32(key, 10), key);
}

TEST(RunnableGguf, refuses_fewer_than_two_labels_and_more_than_1024) {
    constexpr const char *key = "bert.classifier.output_labels";
    expect_unsupported(tiny_classifier().strings(key, {}), key);
    expect_unsupported(with_labels({"spam"}), key);
    std::vector<std::string> labels;
    for (int i = 0; i < 1024; ++i) labels.push_back(std::to_string(i));
    EXPECT_TRUE(check(with_labels(labels)).has_value());
    labels.emplace_back("one more");
    expect_unsupported(with_labels(labels), key);
}

TEST(RunnableGguf, refuses_empty_equal_and_endless_labels) {
    constexpr const char *key = "bert.classifier.output_labels";
    expect_malformed(with_labels({"ham", ""}), key);
    expect_malformed(with_labels({"ham", "spam", "ham"}), key);
    expect_malformed(with_labels({"ham", std::string(257, 's')}), key);
}

TEST(RunnableGguf, refuses_duplicate_tokens) {
    // The engine stops the process on them.
    expect_malformed(with_words({"a", "b", "a"}), "tokenizer.ggml.tokens");
    expect_malformed(with_words({"a", "[CLS]"}), "tokenizer.ggml.tokens");
}

TEST(RunnableGguf, refuses_empty_tokens) {
    // The engine renames one to [EMPTY_5], which may then occur twice.
    expect_malformed(with_words({"", "[EMPTY_5]"}), "tokenizer.ggml.tokens");
}

TEST(RunnableGguf, refuses_tokens_that_the_tokenizer_could_not_meet) {
    expect_malformed(with_words({"\xff"}), "tokenizer.ggml.tokens");
    expect_malformed(with_words({"##ing"}), "tokenizer.ggml.tokens");
    EXPECT_TRUE(check(with_words({"##", "#"})).has_value());
}

TEST(RunnableGguf, refuses_tokens_so_long_that_each_word_would_take_for_ever) {
    EXPECT_TRUE(check(with_words({std::string(128, 'x')})).has_value());
    expect_unsupported(with_words({std::string(129, 'x')}), "tokenizer.ggml.tokens");
}

TEST(RunnableGguf, refuses_byte_tokens_and_kinds_without_a_meaning) {
    // The engine stops the process on a byte token.
    for (const int32_t kind : {0, 6, -1, 257, 1 << 24}) {
        std::vector<int32_t> kinds(11, 1);
        kinds[10] = kind;
        expect_malformed(tiny_classifier().i32s("tokenizer.ggml.token_type", kinds),
                         "tokenizer.ggml.token_type");
    }
}

TEST(RunnableGguf, refuses_a_vocabulary_other_than_the_columns_of_token_embd) {
    GgufWriter writer = tiny_classifier();
    expect_malformed(writer.tensor("token_embd.weight", {32, 10}), "token_embd.weight");
}

TEST(RunnableGguf, refuses_a_head_with_more_or_fewer_rows_than_labels) {
    expect_malformed(tiny_classifier().tensor("cls.output.weight", {32, 3}), "cls.output.weight");
    expect_malformed(tiny_classifier().tensor("cls.output.bias", {1}), "cls.output.bias");
}

TEST(RunnableGguf, refuses_a_model_without_any_one_of_its_tensors) {
    // The engine loads some of these files and gives wrong answers.
    for (const auto &tensor : tiny_classifier().tensors) {
        if (tensor.name == "token_types.weight") continue;
        GgufWriter writer = tiny_classifier();
        expect_malformed(writer.remove_tensor(tensor.name), tensor.name);
    }
}

TEST(RunnableGguf, refuses_any_tensor_of_another_shape) {
    for (const auto &tensor : tiny_classifier().tensors) {
        GgufWriter writer = tiny_classifier();
        std::vector<uint64_t> shape = tensor.shape;
        shape.resize(3, 1);
        shape[2] = 2;
        expect_malformed(writer.tensor(tensor.name, shape), tensor.name);
    }
}

TEST(RunnableGguf, takes_biases_norms_and_token_types_in_f32_only) {
    // The engine loads others, and stops the process when it computes with them.
    for (const auto &tensor : tiny_classifier().tensors) {
        const bool matrix = tensor.shape.size() == 2 && tensor.name != "token_types.weight";
        GgufWriter writer = tiny_classifier();
        writer.tensor(tensor.name, tensor.shape, 1);
        if (matrix)
            EXPECT_TRUE(check(writer).has_value()) << tensor.name;
        else
            expect_unsupported(writer, tensor.name);
    }
}

TEST(RunnableGguf, takes_no_other_quantization_than_q8_0_and_q4_0) {
    for (const uint32_t type : {3u, 20u, 24u, 30u, 39u})
        expect_unsupported(tiny_classifier().tensor("cls.weight", {32, 32}, type), "cls.weight");
}

TEST(RunnableGguf, refuses_tensors_it_does_not_know) {
    expect_unsupported(tiny_classifier().tensor("blk.0.attn_q_norm.weight", {32}),
                       "blk.0.attn_q_norm.weight");
    expect_unsupported(tiny_classifier().tensor("blk.1.attn_q.weight", {32, 32}),
                       "blk.1.attn_q.weight");
}

TEST(RunnableGguf, refuses_an_alignment_at_which_weights_cannot_be_mapped) {
    GgufWriter writer = tiny_classifier();
    writer.alignment = 16;
    expect_unsupported(writer.u32("general.alignment", 16), "general.alignment");
}

TEST(RunnableGguf, refuses_a_title_that_makes_the_engine_look_for_tokens_of_phi_3) {
    expect_unsupported(tiny_classifier().string("general.name", "My Phi-3 mails"), "general.name");
}

TEST(RunnableGguf, accepts_a_complete_decoder_with_either_kind_of_vocabulary) {
    for (const bool sentence_piece : {false, true}) {
        const auto result = check(tiny_decoder({}, sentence_piece));
        EXPECT_TRUE(result) << result.error().message << " " << result.error().subject;
    }
}

TEST(RunnableGguf, refuses_a_decoder_whose_words_are_split_by_what_a_long_one_overflows) {
    for (const char *name : {"default", "falcon", "deepseek-llm", "deepseek-coder"})
        expect_unsupported(tiny_decoder().string("tokenizer.ggml.pre", name), "tokenizer.ggml.pre");
    expect_unsupported(tiny_decoder().remove_key("tokenizer.ggml.pre"), "tokenizer.ggml.pre");
    EXPECT_TRUE(check(tiny_decoder().string("tokenizer.ggml.pre", "smollm")));
}

TEST(RunnableGguf, refuses_a_decoder_without_any_one_of_its_tensors) {
    for (const char *name : {"token_embd.weight", "output_norm.weight", "blk.0.attn_k.weight",
                             "blk.0.ffn_gate.weight"}) {
        GgufWriter writer = tiny_decoder();
        writer.remove_tensor(name);
        expect_malformed(writer, name);
    }
}

TEST(RunnableGguf, refuses_a_decoder_with_heads_that_do_not_fit) {
    expect_malformed(tiny_decoder().u32("llama.attention.head_count_kv", 3),
                     "llama.attention.head_count_kv");
    expect_malformed(tiny_decoder().u32("llama.rope.dimension_count", 8),
                     "llama.rope.dimension_count");
    expect_malformed(tiny_decoder().u32("llama.attention.head_count_kv", 2), "blk.0.attn_k.weight");
}

TEST(RunnableGguf, refuses_weights_of_a_decoder_that_are_stored_otherwise_than_is_run) {
    for (const uint32_t type : {3u, 20u, 30u})
        expect_unsupported(tiny_decoder().tensor("blk.0.ffn_up.weight", {32, 64}, type),
                           "blk.0.ffn_up.weight");
    for (const uint32_t type : {1u, 2u, 8u})
        EXPECT_TRUE(check(tiny_decoder().tensor("blk.0.ffn_up.weight", {32, 64}, type)));
}

}  // namespace
}  // namespace skillet::gguf
