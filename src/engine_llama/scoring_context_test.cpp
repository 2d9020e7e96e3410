// SPDX-License-Identifier: Apache-2.0
// Labels behind a prompt: the right scores, and the same bits whatever the context did before.
#include <gtest/gtest.h>
#include <llama.h>

#include <cmath>
#include <fstream>
#include <random>
#include <thread>

#include "decode/label_forest.h"
#include "engine_llama/engine_llama.h"
#include "testing/gguf_decoder.h"
#include "testing/made.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;
using Tokens = std::vector<TokenId>;
using Scores = std::vector<double>;

constexpr TokenId end = 1;
constexpr uint32_t context_tokens = 400;

Tokens random_tokens(uint32_t seed, size_t count) {
    std::mt19937 random(seed);
    Tokens tokens(count);
    for (TokenId &token : tokens) token = static_cast<TokenId>(2 + random() % 126);
    return tokens;
}

class ScoringContextTest : public ::testing::Test {
protected:
    ScoringContextTest() {
        testing::DecoderShape shape;
        shape.context = 512;
        shape.blocks = 2;
        path_ = directory_ / "model.gguf";
        std::ofstream(path_, std::ios::binary) << testing::tiny_decoder(shape).bytes();
        engine_ = made(create_llama_engine());
        model_ = made(engine_->load(made(FileSlice::open(path_)),
                                    {.check_values = true, .find_control_tokens = true}));
    }
    std::unique_ptr<EngineContext> context() const {
        return made(model_->create_context({context_tokens, true}));
    }
    static Scores score(EngineContext &context, const Tokens &fixed, const Tokens &rest,
                        const LabelForest &labels) {
        return labels.label_scores(made(context.score({fixed, rest}, labels.trees(), {})));
    }
    // The label behind the prompt in one call of the engine, by its plainest use.
    double alone(const Tokens &prompt, const Tokens &label) const {
        Tokens all = prompt;
        all.insert(all.end(), label.begin(), label.end() - 1);
        llama_model *model =
            llama_model_load_from_file(path_.c_str(), llama_model_default_params());
        llama_context_params params = llama_context_default_params();
        params.n_ctx = params.n_batch = params.n_ubatch = 512;
        params.n_threads = params.n_threads_batch = 1;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
        llama_context *context = llama_init_from_model(model, params);
        llama_batch batch = llama_batch_init(static_cast<int32_t>(all.size()), 0, 1);
        for (int32_t i = 0; i < static_cast<int32_t>(all.size()); ++i) {
            batch.token[i] = all[static_cast<size_t>(i)];
            batch.pos[i] = i;
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = 1;
        }
        batch.n_tokens = static_cast<int32_t>(all.size());
        EXPECT_EQ(llama_decode(context, batch), 0);
        double sum = 0;
        const int32_t vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
        for (size_t i = 0; i < label.size(); ++i) {
            const float *row =
                llama_get_logits_ith(context, static_cast<int32_t>(prompt.size() + i) - 1);
            double all_of_them = 0;
            for (int32_t t = 0; t < vocabulary; ++t) all_of_them += std::exp(double{row[t]});
            sum += double{row[label[i]]} - std::log(all_of_them);
        }
        llama_batch_free(batch);
        llama_free(context);
        llama_model_free(model);
        return sum;
    }

    testing::TempDir directory_;
    std::string path_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<EngineModel> model_;
};

TEST_F(ScoringContextTest, scores_each_label_as_if_it_were_read_alone) {
    std::vector<Tokens> labels = {{5, end}, {5, 6, end}, {5, 7, 8, end}, {9, 6, end}, {10, end}};
    for (TokenId token = 20; token < 50; ++token) labels.push_back({token, 5, end});
    const LabelForest forest = made(LabelForest::plant(labels));
    EXPECT_GT(forest.trees().size(), 2u);
    const auto own = context();
    for (const size_t length : {1u, 2u, 64u, 65u, 130u}) {
        const Tokens prompt = random_tokens(static_cast<uint32_t>(length), length);
        const Scores scores = score(*own, {}, prompt, forest);
        for (size_t i = 0; i < labels.size(); i += 3)
            EXPECT_NEAR(scores[i], alone(prompt, labels[i]), 0.02) << length << " " << i;
    }
}

TEST_F(ScoringContextTest, gives_the_same_bits_from_a_kept_state_and_from_a_new_one) {
    const LabelForest labels = made(LabelForest::plant({{5, end}, {5, 6, end}, {7, 8, 9, end}}));
    const LabelForest others = made(LabelForest::plant({{9, end}, {50, 60, end}}));
    const auto kept = context();
    std::mt19937 random(1);
    for (const size_t fixed_length : {0u, 1u, 2u, 63u, 64u, 65u, 100u}) {
        const Tokens fixed = random_tokens(7, fixed_length);
        for (const size_t length : {0u, 1u, 2u, 20u, 64u, 65u, 129u, 200u}) {
            if (fixed_length + length == 0) continue;
            const Tokens rest = random_tokens(static_cast<uint32_t>(random()), length);
            const Scores first = score(*context(), fixed, rest, labels);
            EXPECT_EQ(score(*kept, fixed, rest, labels), first);
            score(*kept, fixed, random_tokens(3, 33), labels);
            EXPECT_EQ(score(*kept, fixed, rest, labels), first) << fixed_length << " " << length;
            if (length == 20u) score(*kept, random_tokens(4, 70), rest, others);
        }
    }
}

TEST_F(ScoringContextTest, gives_the_same_bits_while_others_compute) {
    const LabelForest labels = made(LabelForest::plant({{5, end}, {5, 6, end}, {7, 8, 9, end}}));
    const Tokens fixed = random_tokens(1, 40);
    const Tokens rest = random_tokens(2, 30);
    const Scores alone = score(*context(), fixed, rest, labels);
    std::vector<std::thread> threads;
    std::atomic<int> different{0};
    for (uint32_t i = 0; i < 3; ++i) {
        threads.emplace_back([&, i] {
            const auto own = context();
            for (uint32_t round = 0; round < 10; ++round) {
                if (score(*own, fixed, rest, labels) != alone) ++different;
                score(*own, fixed, random_tokens(i * 100 + round, 50), labels);
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(different, 0);
}

TEST_F(ScoringContextTest, is_intact_after_a_call_that_was_stopped) {
    const LabelForest labels = made(LabelForest::plant({{5, end}, {6, end}}));
    const Tokens fixed = random_tokens(1, 70);
    const Tokens rest = random_tokens(2, 200);
    const auto own = context();
    const Scores due = score(*own, fixed, rest, labels);
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    const auto cancelled = own->score({fixed, rest}, labels.trees(), {flag, {}});
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, SKL_E_CANCELLED);
    EXPECT_EQ(score(*own, fixed, rest, labels), due);
    std::mt19937 random(1);
    for (int i = 0; i < 30; ++i) {
        const auto deadline = SteadyClock::now() + std::chrono::microseconds(random() % 3000);
        const auto late = own->score({fixed, rest}, labels.trees(), {nullptr, deadline});
        if (!late) {
            EXPECT_EQ(late.error().code, SKL_E_DEADLINE_EXCEEDED);
        }
        EXPECT_EQ(score(*own, fixed, rest, labels), due);
    }
}

TEST_F(ScoringContextTest, refuses_what_the_engine_would_end_the_process_over) {
    const LabelForest labels = made(LabelForest::plant({{5, end}, {6, end}}));
    const auto own = context();
    const auto code = [&](const PromptTokens &prompt, std::span<const TokenTree> trees) {
        const auto outcome = own->score(prompt, trees, {});
        return outcome ? SKL_OK : outcome.error().code;
    };
    const Tokens fits = random_tokens(1, context_tokens - labels.nodes_max());
    const Tokens too_long = random_tokens(1, fits.size() + 1);
    EXPECT_EQ(code({{}, fits}, labels.trees()), SKL_OK);
    EXPECT_EQ(code({fits, {}}, labels.trees()), SKL_OK);
    EXPECT_EQ(code({{}, too_long}, labels.trees()), SKL_E_CONTEXT_EXCEEDED);
    EXPECT_EQ(code({{}, {}}, labels.trees()), SKL_E_INVALID_ARGUMENT);
    const Tokens foreign = {2, 5000};
    EXPECT_EQ(code({{}, foreign}, labels.trees()), SKL_E_ENGINE_FAULT);

    const Tokens prompt = {2, 3};
    const auto tree_code = [&](TokenTree tree) { return code({{}, prompt}, {{std::move(tree)}}); };
    EXPECT_EQ(tree_code({{{2, 0}}, {}}), SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(tree_code({{{2, TokenTree::prompt}}, {{2, 1}}}), SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(tree_code({{}, {{5000, TokenTree::prompt}}}), SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(tree_code({{}, {{-1, TokenTree::prompt}}}), SKL_E_INVALID_ARGUMENT);
    TokenTree wide;
    wide.nodes.assign(TokenTree::branches_max + 1, {2, TokenTree::prompt});
    EXPECT_EQ(tree_code(wide), SKL_E_INVALID_ARGUMENT);
    wide.nodes.assign(TokenTree::nodes_max + 1, {2, TokenTree::prompt});
    EXPECT_EQ(tree_code(wide), SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(code({{}, fits}, labels.trees()), SKL_OK);
}

TEST_F(ScoringContextTest, says_that_it_has_no_head) {
    const Tokens prompt = {2, 3};
    EXPECT_EQ(context()->classify(prompt, {}).error().code, SKL_E_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace skillet
