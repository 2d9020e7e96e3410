// SPDX-License-Identifier: Apache-2.0
// An adapter attaches to the base it was trained for and to nothing else: one test for each way not
// to belong. The engine itself accepts the first, the second and those about alpha and values.
#include "compat/attachment.h"

#include <limits>

#include <gtest/gtest.h>

#include "testing/gguf_adapter.h"
#include "testing/made.h"

namespace skillet {
namespace {

using testing::GgufWriter;
using testing::made;
using testing::tiny_adapter;
using testing::tiny_classifier;

BaseModel base_of(const GgufWriter &writer) {
    const MemorySource bytes(writer.bytes(), "base");
    return made(BaseModel::read(bytes, made(sha256(bytes))));
}

Result<AdapterFile> adapter_of(const GgufWriter &writer) {
    const MemorySource bytes(writer.bytes(), "adapter");
    Phase phase;
    SKL_TRY_ASSIGN(file, gguf::read(bytes));
    return AdapterFile::read(bytes, std::move(file), made(sha256(bytes)), phase);
}

// What a package says that was made for this base.
AdapterClaim claim_for(const BaseModel &base) {
    return {base.digest, base.facts.tokenizer_digest.to_string(), std::string(adapter_abi),
            std::string(gguf::lora_scaling)};
}

void expect_mismatch(const std::vector<Component> &components, std::string_view name,
                     std::string_view subject, Code code = SKL_E_INCOMPATIBLE) {
    const auto checked = first_mismatch(components);
    ASSERT_FALSE(checked) << "attached, whatever is wrong with " << name;
    EXPECT_EQ(checked.error().code, code) << checked.error().message;
    EXPECT_EQ(checked.error().subject, subject) << checked.error().message;
    EXPECT_FALSE(checked.error().hint.empty());
    for (const Component &component : components) {
        if (component.holds()) continue;
        EXPECT_EQ(component.name, name) << component.error->message;
        return;
    }
}

class AttachmentTest : public ::testing::Test {
protected:
    // Compares what a package claims that was made for `trained_for`.
    static std::vector<Component> compare(const GgufWriter &adapter, const GgufWriter &trained_for,
                                          const GgufWriter &base) {
        return compare_adapter(made(adapter_of(adapter)), claim_for(base_of(trained_for)),
                               base_of(base));
    }
    static std::vector<Component> compare(const GgufWriter &adapter) {
        return compare(adapter, tiny_classifier(), tiny_classifier());
    }
};

TEST_F(AttachmentTest, an_adapter_attaches_to_its_base) {
    const auto components = compare(tiny_adapter());
    for (const Component &component : components) {
        EXPECT_TRUE(component.holds()) << component.error->message;
        EXPECT_FALSE(component.adapter.empty()) << component.name;
        EXPECT_FALSE(component.base.empty()) << component.name;
    }
    EXPECT_TRUE(first_mismatch(components));
}

TEST_F(AttachmentTest, refuses_another_base_of_the_same_shape) {
    GgufWriter other = tiny_classifier();
    other.tensor_at("cls.bias").data[0] ^= 1;
    expect_mismatch(compare(tiny_adapter(), tiny_classifier(), other), "base",
                    "/adapter/base/digest");
}

TEST_F(AttachmentTest, refuses_a_base_that_nobody_vouches_for) {
    const BaseModel base = base_of(tiny_classifier());
    expect_mismatch(compare_adapter(made(adapter_of(tiny_adapter())), {}, base), "base", "base");
}

TEST_F(AttachmentTest, refuses_another_tokenizer) {
    const BaseModel base = base_of(tiny_classifier());
    AdapterClaim claim = claim_for(base);
    claim.tokenizer = sha256("another").to_string();
    expect_mismatch(compare_adapter(made(adapter_of(tiny_adapter())), claim, base), "tokenizer",
                    "/tokenizer/digest");
}

TEST_F(AttachmentTest, refuses_a_tokenizer_of_the_adapters_own) {
    GgufWriter adapter = tiny_adapter();
    expect_mismatch(compare(adapter.string("tokenizer.ggml.model", "bert")), "tokenizer",
                    "tokenizer.ggml");
    for (const GgufWriter::Key &key : tiny_classifier().keys) {
        if (key.name.starts_with("tokenizer.")) {
            adapter.remove_key(key.name);
            adapter.keys.push_back(key);
        }
    }
    EXPECT_TRUE(first_mismatch(compare(adapter))) << "the base's own may be repeated";
}

TEST_F(AttachmentTest, refuses_another_architecture) {
    expect_mismatch(compare(tiny_adapter().string("general.architecture", "llama")), "architecture",
                    "general.architecture");
}

TEST_F(AttachmentTest, refuses_a_base_that_lacks_a_tensor) {
    testing::AdapterShape deeper;
    deeper.base.blocks = 2;
    expect_mismatch(compare(tiny_adapter(deeper)), "targets", "blk.1.attn_q.weight");
}

TEST_F(AttachmentTest, refuses_a_pair_too_many) {
    GgufWriter adapter = tiny_adapter();
    testing::add_adapter_pair(adapter, "blk.0.attn_qkv.weight", 32, 96, 4);
    expect_mismatch(compare(adapter), "targets", "blk.0.attn_qkv.weight");
}

TEST_F(AttachmentTest, refuses_pairs_that_the_engine_would_ignore) {
    for (const char *target : {"cls.weight", "cls.output.weight", "position_embd.weight"}) {
        GgufWriter adapter = tiny_adapter();
        testing::add_adapter_pair(adapter, target, 32, 32, 4);
        expect_mismatch(compare(adapter), "targets", target);
    }
}

TEST_F(AttachmentTest, refuses_another_shape) {
    testing::AdapterShape wider;
    wider.base.feed_forward = 128;
    expect_mismatch(compare(tiny_adapter(wider)), "shapes", "blk.0.ffn_up.weight");
}

TEST_F(AttachmentTest, compares_looked_up_rows_the_way_they_are_stored) {
    GgufWriter adapter = tiny_adapter();
    adapter.tensor("token_embd.weight.lora_a", {4, 11}).tensor("token_embd.weight.lora_b", {4, 32});
    EXPECT_TRUE(first_mismatch(compare(adapter)));
    adapter.tensor("token_embd.weight.lora_a", {4, 12});
    expect_mismatch(compare(adapter), "shapes", "token_embd.weight");
}

TEST_F(AttachmentTest, refuses_another_adapter_abi) {
    const BaseModel base = base_of(tiny_classifier());
    AdapterClaim claim = claim_for(base);
    claim.abi = "skillet.adapter/2";
    expect_mismatch(compare_adapter(made(adapter_of(tiny_adapter())), claim, base), "adapter abi",
                    "/adapter/abi");
}

TEST_F(AttachmentTest, refuses_another_scaling_convention) {
    const BaseModel base = base_of(tiny_classifier());
    AdapterClaim claim = claim_for(base);
    claim.scaling = "alpha/sqrt(rank)";
    expect_mismatch(compare_adapter(made(adapter_of(tiny_adapter())), claim, base), "scaling",
                    "/adapter/scaling");
}

TEST_F(AttachmentTest, refuses_values_that_are_not_finite) {
    for (const float value :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        GgufWriter adapter = tiny_adapter();
        adapter.tensor_at("blk.0.ffn_up.weight.lora_b")
            .data.replace(8, 4, testing::gguf_bytes(value));
        expect_mismatch(compare(adapter), "values", "blk.0.ffn_up.weight.lora_b",
                        SKL_E_MALFORMED_ARTIFACT);
    }
}

TEST_F(AttachmentTest, refuses_half_a_pair_and_an_absent_alpha) {
    for (const GgufWriter &broken : {tiny_adapter().remove_tensor("blk.0.ffn_up.weight.lora_b"),
                                     tiny_adapter().remove_key("adapter.lora.alpha")}) {
        const auto adapter = adapter_of(broken);
        ASSERT_FALSE(adapter);
        EXPECT_EQ(adapter.error().code, SKL_E_MALFORMED_ARTIFACT);
    }
}

TEST_F(AttachmentTest, an_adapter_is_no_base) {
    const MemorySource bytes(tiny_adapter().bytes(), "adapter");
    const auto base = BaseModel::read(bytes, made(sha256(bytes)));
    ASSERT_FALSE(base);
    EXPECT_EQ(base.error().code, SKL_E_INCOMPATIBLE);
}

}  // namespace
}  // namespace skillet
