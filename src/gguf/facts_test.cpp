// SPDX-License-Identifier: Apache-2.0
// The digests are compared with those in docs/formats/gguf.md, which were computed elsewhere.
#include "gguf/facts.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "testing/gguf_classifier.h"
#include "testing/gguf_writer.h"

namespace skillet::gguf {
namespace {

using testing::gguf_bytes;
using testing::GgufWriter;

Result<Facts> facts_of(const GgufWriter &writer) {
    const MemorySource source(writer.bytes(), "memory");
    SKL_TRY_ASSIGN(file, read(source));
    return derive_facts(source, file);
}

GgufWriter of_architecture(const std::string &name) {
    GgufWriter writer;
    writer.string("general.architecture", name);
    return writer;
}

void expect_malformed(const GgufWriter &writer, std::string_view subject) {
    const auto facts = facts_of(writer);
    ASSERT_FALSE(facts.has_value()) << "was accepted";
    EXPECT_EQ(facts.error().code, SKL_E_MALFORMED_ARTIFACT);
    EXPECT_EQ(facts.error().subject, subject) << facts.error().message;
}

TEST(GgufFacts, are_those_of_the_classifier) {
    const auto facts = facts_of(testing::tiny_classifier());
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->format_version, 3u);
    EXPECT_EQ(facts->architecture, "bert");
    EXPECT_EQ(facts->name, "test classifier");
    EXPECT_EQ(facts->license, "Apache-2.0");
    EXPECT_EQ(facts->quantization_label, "F32");
    EXPECT_EQ(facts->tokenizer_id, "bert/default");
    EXPECT_EQ(facts->context_length, 16u);
    EXPECT_EQ(facts->embedding_length, 32u);
    EXPECT_EQ(facts->block_count, 1u);
    EXPECT_EQ(facts->feed_forward_length, 64u);
    EXPECT_EQ(facts->head_count, 2u);
    EXPECT_EQ(facts->vocabulary_size, 11u);
    EXPECT_EQ(facts->labels, (std::vector<std::string>{"ham", "spam"}));
    EXPECT_EQ(facts->parameters, 10'626u);
    EXPECT_EQ(facts->chat_template_digest, std::nullopt);
}

TEST(GgufFacts, need_nothing_but_an_architecture) {
    const auto facts = facts_of(of_architecture("llama"));
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->architecture, "llama");
    EXPECT_EQ(facts->name, "");
    EXPECT_EQ(facts->quantization_label, "unknown");
    EXPECT_EQ(facts->tokenizer_id, "");
    EXPECT_EQ(facts->parameters, 0u);
    EXPECT_EQ(facts->vocabulary_size, 0u);
    EXPECT_TRUE(facts->labels.empty());
    expect_malformed(GgufWriter(), "general.architecture");
}

TEST(GgufFacts, take_numbers_from_the_keys_of_the_architecture) {
    GgufWriter writer = of_architecture("gemma4");
    writer.u32("gemma4.context_length", 7).u32("llama.context_length", 9);
    writer.i32s("gemma4.attention.head_count", {1, 2}).u32("gemma4.block_count", 2);
    const auto facts = facts_of(writer);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->context_length, 7u);
    EXPECT_EQ(facts->block_count, 2u);
    EXPECT_EQ(facts->head_count, 0u) << "there is no one number for all layers";
}

TEST(GgufFacts, refuse_a_key_of_another_type) {
    const auto wrong = [](const char *key) {
        GgufWriter writer = testing::tiny_classifier();
        return writer.key(key, ValueType::u64, gguf_bytes<uint64_t>(1));
    };
    for (const char *key :
         {"general.architecture", "general.name", "general.license", "general.file_type",
          "bert.context_length", "bert.embedding_length", "bert.block_count",
          "bert.feed_forward_length", "bert.attention.head_count", "bert.classifier.output_labels",
          "tokenizer.ggml.model", "tokenizer.ggml.pre", "tokenizer.ggml.tokens",
          "tokenizer.ggml.scores", "tokenizer.ggml.token_type", "tokenizer.ggml.merges"})
        expect_malformed(wrong(key), key);
}

TEST(GgufFacts, refuse_text_that_no_json_could_hold) {
    expect_malformed(testing::tiny_classifier().string("general.name", "\xff"), "general.name");
    expect_malformed(testing::tiny_classifier().string("general.license", std::string("a\0b", 3)),
                     "general.license");
    expect_malformed(testing::tiny_classifier().strings("bert.classifier.output_labels",
                                                        {"ham", "\xed\xa0\x80"}),
                     "bert.classifier.output_labels");
    expect_malformed(of_architecture("../bert"), "general.architecture");
    expect_malformed(testing::tiny_classifier().string("tokenizer.ggml.pre", "a/b"),
                     "tokenizer.ggml.pre");
}

TEST(GgufFacts, name_the_quantization_after_the_file_type) {
    const auto label = [](uint32_t type) {
        GgufWriter writer = of_architecture("bert");
        return facts_of(writer.u32("general.file_type", type))->quantization_label;
    };
    EXPECT_EQ(label(0), "F32");
    EXPECT_EQ(label(1), "F16");
    EXPECT_EQ(label(7), "Q8_0");
    EXPECT_EQ(label(15), "Q4_K_M");
    EXPECT_EQ(label(18), "Q6_K");
    EXPECT_EQ(label(24), "IQ1_S");
    EXPECT_EQ(label(31), "IQ1_M");
    EXPECT_EQ(label(32), "BF16");
    EXPECT_EQ(label(36), "TQ1_0");
    EXPECT_EQ(label(41), "Q2_0");
    for (const uint32_t removed : {4u, 6u, 33u, 35u, 42u, 1024u})
        EXPECT_EQ(label(removed), "unknown") << removed;
}

// The file of the test vectors.
GgufWriter vector_file() {
    GgufWriter writer = of_architecture("bert");
    writer.string("tokenizer.ggml.model", "bert")
        .strings("tokenizer.ggml.tokens", {"[UNK]", "a"})
        .key("tokenizer.ggml.scores", ValueType::array,
             gguf_bytes<uint32_t>(6) + gguf_bytes<uint64_t>(2) + gguf_bytes(0.0f) +
                 gguf_bytes(-1.5f))
        .u32("tokenizer.ggml.unknown_token_id", 0)
        .boolean("tokenizer.ggml.add_bos_token", true)
        .string("tokenizer.chat_template", "{{ text }}")
        .tensor("b.weight", {32, 2}, 8)
        .tensor("a.bias", {2}, 0);
    return writer;
}

TEST(GgufFacts, digests_equal_the_documented_test_vectors) {
    const auto facts = facts_of(vector_file());
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->tokenizer_digest.to_string(),
              "sha256:ba9a6f64cb5ff68bd6c4c7294e80de34f75c252fb2c4c987d47e65ff67d381ef");
    EXPECT_EQ(facts->chat_template_digest->to_string(),
              "sha256:5fad431a41d8e5379b6b0de30729eb8c012b3bd0127ea5788b30c088ff2dae18");
    EXPECT_EQ(facts->tensor_types_digest.to_string(),
              "sha256:c55827cb61d7dd7e06b7f490cb9d7b0f4634b93672809721e34c7d5ef6e1c9b7");
}

TEST(GgufFacts, digests_do_not_depend_on_the_order_in_the_file) {
    GgufWriter writer = vector_file();
    const auto facts = facts_of(writer);
    std::reverse(writer.keys.begin(), writer.keys.end());
    std::reverse(writer.tensors.begin(), writer.tensors.end());
    const auto reversed = facts_of(writer);
    EXPECT_EQ(facts->tokenizer_digest, reversed->tokenizer_digest);
    EXPECT_EQ(facts->tensor_types_digest, reversed->tensor_types_digest);
}

TEST(GgufFacts, the_tokenizer_digest_depends_on_every_tokenizer_key_and_on_no_other) {
    const auto digest = [](auto change) {
        GgufWriter writer = vector_file();
        change(writer);
        return facts_of(writer)->tokenizer_digest;
    };
    const Digest before = digest([](GgufWriter &) {});
    EXPECT_NE(before, digest([](GgufWriter &w) { w.string("tokenizer.ggml.model", "llama"); }));
    EXPECT_NE(before, digest([](GgufWriter &w) {
                  w.strings("tokenizer.ggml.tokens", {"[UNK]", "b"});
              }));
    EXPECT_NE(before, digest([](GgufWriter &w) {
                  w.key("tokenizer.ggml.unknown_token_id", ValueType::i32, gguf_bytes<uint32_t>(0));
              }))
        << "the type counts";
    EXPECT_NE(before, digest([](GgufWriter &w) { w.boolean("tokenizer.ggml.new", false); }));
    EXPECT_EQ(before, digest([](GgufWriter &w) { w.string("tokenizer.chat_template", "x"); }));
    EXPECT_EQ(before, digest([](GgufWriter &w) { w.remove_key("tokenizer.chat_template"); }));
    EXPECT_EQ(before, digest([](GgufWriter &w) { w.string("general.name", "x"); }));
}

TEST(GgufFacts, the_template_digest_covers_named_templates_too) {
    GgufWriter writer = vector_file();
    const auto before = facts_of(writer)->chat_template_digest;
    writer.string("tokenizer.chat_template.tool_use", "{{ tools }}");
    EXPECT_NE(before, facts_of(writer)->chat_template_digest);
}

TEST(GgufFacts, the_tensor_types_digest_depends_on_names_and_types_but_not_on_values) {
    const Digest before = facts_of(vector_file())->tensor_types_digest;
    GgufWriter writer = vector_file();
    writer.tensor_at("a.bias").data = std::string(8, 'x');
    EXPECT_EQ(before, facts_of(writer)->tensor_types_digest);
    writer.tensor("a.bias", {2}, 1);
    EXPECT_NE(before, facts_of(writer)->tensor_types_digest);
}

}  // namespace
}  // namespace skillet::gguf
