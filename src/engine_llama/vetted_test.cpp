// SPDX-License-Identifier: Apache-2.0
// The engine against gguf::check_vetted(): what is vetted gives a model, and one that computes.
#include <ggml.h>
#include <gtest/gtest.h>
#include <llama.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "gguf/facts.h"
#include "testing/gguf_classifier.h"
#include "testing/gguf_decoder.h"
#include "testing/temp_dir.h"

namespace skillet::gguf {
namespace {

using testing::DecoderShape;
using testing::GgufWriter;

using EnginePointer = std::unique_ptr<llama_model, decltype(&llama_model_free)>;
using ContextPointer = std::unique_ptr<llama_context, decltype(&llama_free)>;

EnginePointer load(const std::string &path, bool vocabulary_only) {
    llama_model_params params = llama_model_default_params();
    params.vocab_only = vocabulary_only;
    params.use_extra_bufts = false;
    params.check_tensors = true;
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    return {llama_model_load_from_file(path.c_str(), params), &llama_model_free};
}

std::vector<llama_token> tokenize(const llama_model &model, std::string_view text) {
    std::vector<llama_token> tokens(text.size() + 8);
    const int32_t count = llama_tokenize(llama_model_get_vocab(&model), text.data(),
                                         static_cast<int32_t>(text.size()), tokens.data(),
                                         static_cast<int32_t>(tokens.size()), true, true);
    EXPECT_GT(count, 0);
    tokens.resize(static_cast<size_t>(std::max(count, 0)));
    return tokens;
}

// Whether the model computes something out of a few tokens.
bool computes(llama_model &model, bool encoder) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 16;
    params.n_threads = params.n_threads_batch = 1;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.embeddings = encoder;
    const ContextPointer context(llama_init_from_model(&model, params), &llama_free);
    if (!context) return false;
    auto tokens = tokenize(model, "ab c");
    const llama_batch batch =
        llama_batch_get_one(tokens.data(), static_cast<int32_t>(tokens.size()));
    return (encoder ? llama_encode(context.get(), batch) : llama_decode(context.get(), batch)) == 0;
}

class VettedInEngine : public ::testing::Test {
protected:
    std::string write(const GgufWriter &writer) {
        const std::string path = directory_ / "model.gguf";
        std::ofstream(path, std::ios::binary) << writer.bytes();
        return path;
    }
    static Result<void> check(const std::string &path) {
        SKL_TRY_ASSIGN(source, FileSlice::open(path));
        SKL_TRY_ASSIGN(file, read(source));
        SKL_TRY_ASSIGN(facts, derive_facts(source, file));
        return check_vetted(source, file, facts);
    }
    void expect_computes(const GgufWriter &writer, bool encoder) {
        const std::string path = write(writer);
        const auto vetted = check(path);
        ASSERT_TRUE(vetted) << vetted.error().message << " " << vetted.error().subject;
        const EnginePointer model = load(path, false);
        ASSERT_NE(model, nullptr);
        EXPECT_TRUE(computes(*model, encoder));
    }

    testing::TempDir directory_;
};

TEST_F(VettedInEngine, decoders_of_every_architecture_compute) {
    for (const char *architecture : {"llama", "qwen2", "gpt2"}) {
        SCOPED_TRACE(architecture);
        DecoderShape shape;
        shape.architecture = architecture;
        shape.blocks = 2;
        expect_computes(testing::tiny_decoder(shape), false);
    }
    expect_computes(testing::tiny_decoder({}, true), false);
}

TEST_F(VettedInEngine, an_encoder_without_a_head_computes) {
    GgufWriter writer = testing::tiny_classifier();
    writer.remove_key("bert.classifier.output_labels").u32("bert.pooling_type", 1);
    for (const char *tensor : {"cls.weight", "cls.bias", "cls.output.weight", "cls.output.bias"})
        writer.remove_tensor(tensor);
    expect_computes(writer, true);
}

TEST_F(VettedInEngine, matrices_of_every_type_that_is_vetted_compute) {
    uint32_t vetted = 0;
    for (uint32_t number = 0; number < GGML_TYPE_COUNT; ++number) {
        const TensorType *type = tensor_type(number);
        if (type == nullptr) continue;
        SCOPED_TRACE(type->name);
        DecoderShape shape;
        shape.embedding = shape.feed_forward = 256;
        GgufWriter writer = testing::tiny_decoder(shape);
        writer.tensor("token_embd.weight", {256, 130}, number)
            .tensor("blk.0.attn_q.weight", {256, 256}, number)
            .tensor("blk.0.ffn_down.weight", {256, 256}, number);
        if (!check(write(writer))) continue;
        ++vetted;
        expect_computes(writer, false);
    }
    EXPECT_EQ(vetted, 25u);
}

TEST_F(VettedInEngine, real_vocabularies_load_and_tokenise_and_are_no_models) {
    uint32_t loaded = 0;
    std::error_code missing;
    for (const auto &entry : std::filesystem::directory_iterator(
             SKILLET_SOURCE_DIR "/.deps/llama.cpp/models", missing)) {
        const std::string path = entry.path();
        if (entry.path().extension() != ".gguf" || !check(path)) continue;
        SCOPED_TRACE(path);
        const EnginePointer vocabulary = load(path, true);
        ASSERT_NE(vocabulary, nullptr);
        EXPECT_FALSE(tokenize(*vocabulary, "Hello, w\xc3\xb6rld!\n\x01\xff <s>").empty());
        // Vocabularies take long to load: once more for small ones only.
        if (entry.file_size() < 2'000'000) {
            EXPECT_EQ(load(path, false), nullptr);
        }
        ++loaded;
    }
    if (loaded == 0) GTEST_SKIP() << "the engine's source is not here";
}

}  // namespace
}  // namespace skillet::gguf
