// SPDX-License-Identifier: Apache-2.0
// The digest is compared with that in docs/formats/gguf.md, which was computed elsewhere.
#include "gguf/adapter.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "gguf/facts.h"
#include "testing/gguf_adapter.h"

namespace skillet::gguf {
namespace {

using testing::GgufWriter;
using testing::tiny_adapter;

constexpr uint32_t f16 = 1;
constexpr uint32_t q4_0 = 2;

Result<AdapterFacts> facts_of(const GgufWriter &writer) {
    SKL_TRY_ASSIGN(file, read(MemorySource(writer.bytes(), "memory")));
    return derive_adapter_facts(file);
}

void expect_refused(const GgufWriter &writer, Code code, std::string_view subject) {
    const auto facts = facts_of(writer);
    ASSERT_FALSE(facts.has_value()) << "accepted what is wrong with " << subject;
    EXPECT_EQ(facts.error().code, code) << facts.error().message;
    EXPECT_EQ(facts.error().subject, subject) << facts.error().message;
    EXPECT_FALSE(facts.error().hint.empty());
}
void expect_malformed(const GgufWriter &writer, std::string_view subject) {
    expect_refused(writer, SKL_E_MALFORMED_ARTIFACT, subject);
}
void expect_unsupported(const GgufWriter &writer, std::string_view subject) {
    expect_refused(writer, SKL_E_FORMAT_UNSUPPORTED, subject);
}

TEST(GgufAdapter, is_what_its_general_type_says) {
    EXPECT_TRUE(is_adapter(*read(MemorySource(tiny_adapter().bytes(), "memory"))));
    EXPECT_FALSE(is_adapter(*read(MemorySource(testing::tiny_classifier().bytes(), "memory"))));
    GgufWriter writer = tiny_adapter();
    writer.string("general.type", "model");
    EXPECT_FALSE(is_adapter(*read(MemorySource(writer.bytes(), "memory"))));
}

TEST(GgufAdapter, facts_are_those_of_the_tiny_adapter) {
    const auto facts = facts_of(tiny_adapter());
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->architecture, "bert");
    EXPECT_EQ(facts->alpha, 8);
    EXPECT_EQ(facts->rank, 4u);
    EXPECT_EQ(facts->target_modules, (std::vector<std::string>{"attn_q", "ffn_up"}));
    EXPECT_EQ(facts->precision, "F32");
    ASSERT_EQ(facts->pairs.size(), 2u);
    EXPECT_EQ(facts->pairs[1].target, "blk.0.ffn_up.weight");
    EXPECT_EQ(facts->pairs[1].module, "ffn_up");
    EXPECT_EQ(facts->pairs[1].inputs, 32u);
    EXPECT_EQ(facts->pairs[1].outputs, 64u);
}

TEST(GgufAdapter, a_file_without_a_tokenizer_has_facts) {
    const MemorySource bytes(tiny_adapter().bytes(), "memory");
    const auto file = read(bytes);
    const auto facts = derive_facts(bytes, *file);
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->tokenizer_id, "");
    EXPECT_EQ(facts->vocabulary_size, 0u);
    EXPECT_EQ(facts->parameters, 32u * 4 + 4 * 32 + 32 * 4 + 4 * 64);
}

TEST(GgufAdapter, modules_are_targets_without_block_and_suffix) {
    GgufWriter writer = tiny_adapter();
    testing::add_adapter_pair(writer, "blk.12.attn_q.weight", 32, 32, 4);
    testing::add_adapter_pair(writer, "output.weight", 32, 99, 4);
    const auto facts = facts_of(writer);
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->target_modules, (std::vector<std::string>{"attn_q", "ffn_up", "output"}));
}

TEST(GgufAdapter, the_pair_of_a_looked_up_matrix_is_stored_the_other_way_round) {
    GgufWriter writer = tiny_adapter();
    writer.tensor("token_embd.weight.lora_a", {4, 11}).tensor("token_embd.weight.lora_b", {4, 32});
    const auto facts = facts_of(writer);
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->pairs.back().target, "token_embd.weight");
    EXPECT_EQ(facts->pairs.back().inputs, 32u);
    EXPECT_EQ(facts->pairs.back().outputs, 11u);
    // The engine does not compare these two extents, and stops the process when it multiplies.
    writer.tensor("token_embd.weight.lora_a", {5, 11});
    expect_malformed(writer, "token_embd.weight");
}

TEST(GgufAdapter, may_leave_out_trailing_extents_of_one) {
    testing::AdapterShape shape;
    shape.rank = 1;
    GgufWriter writer = tiny_adapter(shape);
    writer.tensor_at("blk.0.attn_q.weight.lora_a").shape = {32};
    writer.tensor_at("blk.0.ffn_up.weight.lora_b").shape = {1, 64, 1};
    const auto facts = facts_of(writer);
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->rank, 1u);
}

TEST(GgufAdapter, precision_names_every_type_once) {
    GgufWriter writer = tiny_adapter();
    writer.tensor("blk.0.attn_q.weight.lora_a", {32, 4}, f16);
    EXPECT_EQ(facts_of(writer)->precision, "F16+F32");
}

TEST(GgufAdapter, refuses_an_absent_alpha_which_the_engine_takes_for_the_rank) {
    expect_malformed(tiny_adapter().remove_key("adapter.lora.alpha"), "adapter.lora.alpha");
}

TEST(GgufAdapter, refuses_an_alpha_that_is_no_scale) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (const float alpha : {0.0f, -0.0f, -8.0f, infinity, -infinity}) {
        expect_malformed(tiny_adapter().f32("adapter.lora.alpha", alpha), "adapter.lora.alpha");
    }
    expect_malformed(tiny_adapter().u32("adapter.lora.alpha", 8), "adapter.lora.alpha");
    GgufWriter writer = tiny_adapter();
    writer.f32("adapter.lora.alpha", std::numeric_limits<float>::quiet_NaN());
    EXPECT_FALSE(read(MemorySource(writer.bytes(), "memory"))) << "the reader refuses NaN";
}

TEST(GgufAdapter, refuses_half_a_pair) {
    expect_malformed(tiny_adapter().remove_tensor("blk.0.attn_q.weight.lora_a"),
                     "blk.0.attn_q.weight");
    expect_malformed(tiny_adapter().remove_tensor("blk.0.ffn_up.weight.lora_b"),
                     "blk.0.ffn_up.weight");
}

TEST(GgufAdapter, refuses_tensors_that_the_engine_would_leave_out) {
    for (const char *name :
         {"blk.0.attn_output_norm.weight", "blk.0.attn_q.weight", "blk.0.attn_q.bias.lora_a",
          "attn_q.lora_a", "blk.0.lora_a", "blk.x.attn_q.weight.lora_a", "blk.0.weight.lora_a",
          ".weight.lora_a", "blk.0.attn_q.lora_a.weight.lora_b"}) {
        GgufWriter writer = tiny_adapter();
        expect_unsupported(writer.tensor(name, {32}), name);
    }
}

TEST(GgufAdapter, refuses_a_pair_whose_ranks_differ) {
    expect_malformed(tiny_adapter().tensor("blk.0.attn_q.weight.lora_a", {32, 8}),
                     "blk.0.attn_q.weight");
}

TEST(GgufAdapter, refuses_a_rank_of_its_own_for_one_matrix) {
    GgufWriter writer = tiny_adapter();
    testing::add_adapter_pair(writer, "blk.0.ffn_up.weight", 32, 64, 8);
    expect_unsupported(writer, "blk.0.ffn_up.weight");
}

TEST(GgufAdapter, refuses_a_lora_of_experts) {
    expect_unsupported(tiny_adapter().tensor("blk.0.attn_q.weight.lora_a", {32, 4, 2}),
                       "blk.0.attn_q.weight.lora_a");
}

TEST(GgufAdapter, refuses_types_that_no_converter_writes) {
    expect_unsupported(tiny_adapter().tensor("blk.0.attn_q.weight.lora_a", {32, 4}, q4_0),
                       "blk.0.attn_q.weight.lora_a");
}

TEST(GgufAdapter, refuses_an_adapter_without_tensors) {
    GgufWriter writer = tiny_adapter();
    writer.tensors.clear();
    expect_malformed(writer, "adapter.type");
}

TEST(GgufAdapter, refuses_other_kinds_of_adapters_by_name) {
    expect_unsupported(tiny_adapter().string("adapter.type", "control_vector"), "adapter.type");
    expect_unsupported(tiny_adapter().u32("adapter.type", 1), "adapter.type");
    expect_unsupported(tiny_adapter().remove_key("adapter.type"), "adapter.type");
}

TEST(GgufAdapter, refuses_keys_that_it_does_not_know) {
    GgufWriter activated = tiny_adapter();
    activated.array("adapter.alora.invocation_tokens", ValueType::u32, 1,
                    testing::gguf_bytes<uint32_t>(7));
    expect_unsupported(activated, "adapter.alora.invocation_tokens");
    expect_unsupported(tiny_adapter().boolean("adapter.lora.use_rslora", true),
                       "adapter.lora.use_rslora");
    EXPECT_TRUE(facts_of(tiny_adapter().string("adapter.lora.task_name", "mood")));
    EXPECT_TRUE(facts_of(tiny_adapter().string("adapter.lora.prompt_prefix", "mood: ")));
}

TEST(GgufAdapter, refuses_a_name_that_is_no_architecture) {
    expect_malformed(tiny_adapter().string("general.architecture", "../bert"),
                     "general.architecture");
    expect_malformed(tiny_adapter().remove_key("general.architecture"), "general.architecture");
}

// The file of the test vector.
GgufWriter vector_file() {
    GgufWriter writer;
    writer.string("general.architecture", "bert")
        .string("general.type", "adapter")
        .string("adapter.type", "lora")
        .f32("adapter.lora.alpha", 16)
        .tensor("blk.0.attn_q.weight.lora_b", {2, 32}, 0)
        .tensor("blk.0.attn_q.weight.lora_a", {32, 2}, f16);
    return writer;
}

TEST(GgufAdapter, the_digest_equals_the_documented_test_vector) {
    const auto facts = facts_of(vector_file());
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->tensors_digest.to_string(),
              "sha256:996f7e5320fdf6654e91e814c004d1eaed3a66832ea4d2ce4c76c7b74baed075");
}

TEST(GgufAdapter, the_digest_depends_on_names_types_and_shapes_but_not_on_order_or_values) {
    const Digest before = facts_of(vector_file())->tensors_digest;
    GgufWriter same = vector_file();
    std::reverse(same.tensors.begin(), same.tensors.end());
    same.tensor_at("blk.0.attn_q.weight.lora_b").data[0] = 'x';
    EXPECT_EQ(facts_of(same)->tensors_digest, before);

    GgufWriter other_type = vector_file();
    other_type.tensor("blk.0.attn_q.weight.lora_b", {2, 32}, f16);
    EXPECT_NE(facts_of(other_type)->tensors_digest, before);
    GgufWriter other_shape = vector_file();
    other_shape.tensor("blk.0.attn_q.weight.lora_b", {2, 33}, 0);
    EXPECT_NE(facts_of(other_shape)->tensors_digest, before);
    GgufWriter other_name = vector_file();
    for (auto &tensor : other_name.tensors) tensor.name.replace(0, 5, "blk.1");
    EXPECT_NE(facts_of(other_name)->tensors_digest, before);
}

}  // namespace
}  // namespace skillet::gguf
