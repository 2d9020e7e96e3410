// SPDX-License-Identifier: Apache-2.0
// The vectors are those of docs/formats/compatibility-key.md, which were computed elsewhere.
#include "compat/key.h"

#include <functional>

#include <gtest/gtest.h>

#include "json/write.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;

gguf::Facts vector_model() {
    gguf::Facts facts;
    facts.format_version = 3;
    facts.architecture = "bert";
    facts.tokenizer_digest = sha256("tokenizer");
    return facts;
}

AdapterBasis vector_adapter() {
    gguf::AdapterFacts adapter;
    adapter.architecture = "bert";
    adapter.alpha = 16;
    adapter.rank = 8;
    adapter.target_modules = {"attn_q", "attn_v"};
    adapter.tensors_digest = sha256("tensors");
    adapter.precision = "F16";
    return {adapter, vector_model(), sha256("base"), "org.example.base", "1.0.0"};
}

TEST(CompatibilityKey, equals_the_documented_test_vectors) {
    EXPECT_EQ(key_of(vector_model()).digest.to_string(),
              "sha256:0f3a43348ec45b9276d68fba2d0e991dc946331ddfdec4c32f6fd6c21bd89713");
    EXPECT_EQ(key_of(vector_adapter()).digest.to_string(),
              "sha256:52b60884769809eabdc51c87307382f8e57e1306fa3de9826ae8d41f0f0fdbcb");
}

TEST(CompatibilityKey, is_the_digest_of_its_document_in_canonical_form) {
    const CompatibilityKey key = key_of(vector_adapter());
    EXPECT_EQ(key.digest, sha256(json::canonical(key.document)));
}

TEST(CompatibilityKey, of_a_model_depends_on_format_architecture_and_tokenizer_only) {
    const Digest before = key_of(vector_model()).digest;
    const auto changed = [](const std::function<void(gguf::Facts &)> &change) {
        gguf::Facts facts = vector_model();
        change(facts);
        return key_of(facts).digest;
    };
    EXPECT_NE(before, changed([](gguf::Facts &facts) { facts.format_version = 2; }));
    EXPECT_NE(before, changed([](gguf::Facts &facts) { facts.architecture = "llama"; }));
    EXPECT_NE(before, changed([](gguf::Facts &facts) { facts.tokenizer_digest = sha256("x"); }));
    EXPECT_EQ(before, changed([](gguf::Facts &facts) {
                  facts.name = "another";
                  facts.labels = {"a", "b"};
                  facts.parameters = 7;
              }));
}

TEST(CompatibilityKey, of_an_adapter_depends_on_each_component) {
    const Digest before = key_of(vector_adapter()).digest;
    const auto changed = [](const std::function<void(AdapterBasis &)> &change) {
        AdapterBasis basis = vector_adapter();
        change(basis);
        return key_of(basis).digest;
    };
    EXPECT_NE(before, changed([](AdapterBasis &b) { b.base_digest = sha256("x"); }));
    EXPECT_NE(before, changed([](AdapterBasis &b) { b.base.tokenizer_digest = sha256("x"); }));
    EXPECT_NE(before, changed([](AdapterBasis &b) { b.adapter.architecture = "llama"; }));
    EXPECT_NE(before, changed([](AdapterBasis &b) { b.adapter.target_modules = {"attn_q"}; }));
    EXPECT_NE(before, changed([](AdapterBasis &b) { b.adapter.tensors_digest = sha256("x"); }));
    EXPECT_NE(before, changed([](AdapterBasis &b) { b.adapter.rank = 4; }));
    EXPECT_NE(before, changed([](AdapterBasis &b) { b.adapter.alpha = 8; }));
    EXPECT_NE(before, changed([](AdapterBasis &b) { b.adapter.precision = "F32"; }));
    EXPECT_EQ(before, changed([](AdapterBasis &b) {
                  b.base_id = "org.example.other";
                  b.base_version = "9.0.0";
              }))
        << "the base is known by its bytes, not by its name";
}

TEST(CompatibilityKey, of_a_package_is_that_of_its_bytes) {
    const testing::TempDir folder;
    const std::string model = testing::write_classifier_model(folder / "model.gguf");
    const Artifact facts = made(inspect_artifact(made(FileSlice::open(model)), nullptr));
    const Skill skill = made(Skill::from_json(testing::skill_document(model)));
    EXPECT_EQ(key_of(skill).document, key_of(facts.facts).document);

    const std::string path = testing::write_adapter(folder / "adapter.gguf");
    const NamedBase base = testing::named_base(model);
    const Artifact adapter = made(inspect_artifact(made(FileSlice::open(path)), &base));
    const std::string text = json::canonical(testing::adapter_document(path, base));
    EXPECT_EQ(key_of(made(Skill::parse(text))).digest, key_of(*adapter.basis).digest);
}

}  // namespace
}  // namespace skillet
