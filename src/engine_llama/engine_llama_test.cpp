// SPDX-License-Identifier: Apache-2.0
#include "engine_llama/engine_llama.h"

#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <llama.h>

#include "engine_llama/weight_pages.h"
#include "testing/gguf_classifier.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

// One model in a file, with bytes before it, as inside an archive.
class EngineLlama : public ::testing::Test {
protected:
    EngineLlama() {
        testing::ClassifierShape shape;
        shape.context = 64;
        const std::string model = testing::tiny_classifier(shape).bytes();
        std::ofstream(directory_ / "model") << std::string(512, 'x') << model << "trailing";
        const auto file = FileSlice::open(directory_ / "model");
        slice_.emplace(file->slice(512, model.size(), "model"));
        auto engine = create_llama_engine();
        EXPECT_TRUE(engine) << engine.error().message;
        engine_ = *std::move(engine);
    }

    std::unique_ptr<EngineModel> load() {
        auto model = engine_->load(*slice_, {});
        EXPECT_TRUE(model) << model.error().message;
        return *std::move(model);
    }

    testing::TempDir directory_;
    std::optional<FileSlice> slice_;
    std::unique_ptr<Engine> engine_;
};

TEST_F(EngineLlama, loads_a_model_from_inside_another_file) {
    const auto model = load();
    const auto tokens = model->tokenize("a b c");
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->size(), 3u);
}

TEST_F(EngineLlama, gives_one_logit_per_label_and_the_same_bits_every_time) {
    const auto model = load();
    const auto tokens = model->tokenize("a b c a b");
    std::vector<float> first;
    for (const uint32_t size : {16u, 64u, 64u}) {
        const auto context = model->create_context({size});
        ASSERT_TRUE(context) << context.error().message;
        for (int i = 0; i < 3; ++i) {
            const auto logits = (*context)->classify(*tokens, {});
            ASSERT_TRUE(logits) << logits.error().message;
            ASSERT_EQ(logits->size(), 2u);
            if (first.empty()) first = *logits;
            EXPECT_EQ(*logits, first);
        }
    }
}

TEST_F(EngineLlama, gives_its_weights_pages_back_and_answers_with_the_same_bits) {
    const auto model = load();
    const auto tokens = model->tokenize("a b c a b");
    const auto before = (*model->create_context({64}))->classify(*tokens, {});
    ASSERT_TRUE(before);
    const MappedFile file = mapped_file(slice_->fd());
    EXPECT_GT(resident_bytes(file), 0u);
    ASSERT_TRUE(model->can_park());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(model->park());
        EXPECT_EQ(resident_bytes(file), 0u);
        const auto after = (*model->create_context({64}))->classify(*tokens, {});
        ASSERT_TRUE(after) << after.error().message;
        EXPECT_EQ(*after, *before);
        EXPECT_GT(resident_bytes(file), 0u);
    }
}

TEST_F(EngineLlama, parks_a_model_while_another_of_the_same_file_computes) {
    const auto parked = load();
    const auto computing = load();
    const auto tokens = computing->tokenize("c b a");
    const auto alone = (*computing->create_context({32}))->classify(*tokens, {});
    ASSERT_TRUE(alone);
    std::atomic<bool> over{false};
    std::thread thread([&] {
        const auto context = computing->create_context({32});
        while (!over) EXPECT_EQ(*(*context)->classify(*tokens, {}), *alone);
    });
    for (int i = 0; i < 100; ++i) (void)parked->park();
    over = true;
    thread.join();
}

TEST_F(EngineLlama, answers_the_same_while_other_threads_compute) {
    const auto model = load();
    const auto tokens = model->tokenize("c b a");
    const auto alone = (*model->create_context({32}))->classify(*tokens, {});
    std::vector<std::thread> threads;
    std::atomic<int> different{0};
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            const auto context = model->create_context({32});
            for (int i = 0; i < 20; ++i) {
                if (*(*context)->classify(*tokens, {}) != *alone) ++different;
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(different, 0);
}

TEST_F(EngineLlama, reads_an_empty_text) {
    const auto model = load();
    const auto context = model->create_context({8});
    EXPECT_TRUE((*context)->classify({}, {}));
}

TEST_F(EngineLlama, refuses_a_window_that_would_abort_the_engine) {
    const auto model = load();
    const auto context = model->create_context({8});
    const std::vector<TokenId> seven(7, 5);
    const auto logits = (*context)->classify(seven, {});
    ASSERT_FALSE(logits);
    EXPECT_EQ(logits.error().code, SKL_E_CONTEXT_EXCEEDED);
    EXPECT_TRUE((*context)->classify(std::span(seven).first(6), {}));
}

TEST_F(EngineLlama, tokenizes_no_special_tokens_from_text) {
    const auto model = load();
    const auto tokens = model->tokenize("[CLS] a [SEP] [MASK] [PAD]");
    ASSERT_TRUE(tokens);
    for (const TokenId token : *tokens) {
        EXPECT_FALSE(token == 0 || (token >= 2 && token <= 4)) << token;
    }
}

// What the engine is told not to look for changes no token, not even in a vocabulary that has them.
TEST_F(EngineLlama, tokenizes_like_the_engine_that_was_told_nothing) {
    testing::ClassifierShape shape;
    for (const char *name : {"<|eot_id|>", "<eot>", "<|fim_prefix|>", "<fim-pad>", "<|end|>"}) {
        shape.words.push_back("\u2581" + std::string(name));
    }
    const std::string path = directory_ / "named";
    std::ofstream(path) << testing::tiny_classifier(shape).bytes();
    const auto model = engine_->load(*FileSlice::open(path), {});
    ASSERT_TRUE(model) << model.error().message;

    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    const std::unique_ptr<llama_model, decltype(&llama_model_free)> untold(
        llama_model_load_from_file(path.c_str(), params), llama_model_free);
    ASSERT_TRUE(untold);
    for (const std::string text :
         {"a <|eot_id|> b", "<EOT>c<eot>", "<|fim_prefix|>", "a<fim-pad>", "<|end|> [SEP]", ""}) {
        std::vector<TokenId> expected(64);
        const int32_t count =
            llama_tokenize(llama_model_get_vocab(untold.get()), text.data(),
                           static_cast<int32_t>(text.size()), expected.data(), 64, false, false);
        ASSERT_GE(count, 0);
        expected.resize(static_cast<size_t>(count));
        EXPECT_EQ(*(*model)->tokenize(text), expected) << text;
    }
}

TEST_F(EngineLlama, is_intact_after_a_cancelled_computation) {
    const auto model = load();
    const auto context = model->create_context({64});
    const auto tokens = model->tokenize("a b c");
    const auto before = (*context)->classify(*tokens, {});
    const auto flag = std::make_shared<CancelFlag>();
    StopSignal stop;
    stop.flag = flag;
    std::thread canceller([&] { flag->cancel(); });
    Code last = SKL_OK;
    while (last == SKL_OK) {
        const auto logits = (*context)->classify(*tokens, stop);
        last = logits ? SKL_OK : logits.error().code;
    }
    canceller.join();
    EXPECT_EQ(last, SKL_E_CANCELLED);
    const auto after = (*context)->classify(*tokens, {});
    ASSERT_TRUE(after);
    EXPECT_EQ(*after, *before);
}

TEST_F(EngineLlama, refuses_a_file_that_is_no_model_with_the_reason) {
    std::ofstream(directory_ / "junk") << std::string(4096, 'j');
    const auto model = engine_->load(*FileSlice::open(directory_ / "junk"), {});
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().code, SKL_E_LOAD_FAILED);
    EXPECT_EQ(model.error().message.find("no reason given"), std::string::npos);
}

TEST_F(EngineLlama, names_its_build) {
    EXPECT_NE(engine_->build().find("llama.cpp"), std::string::npos);
}

}  // namespace
}  // namespace skillet
