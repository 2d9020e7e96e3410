// SPDX-License-Identifier: Apache-2.0
// The real engine aborts on models that verification refuses. An engine of the test's own gives it
// such a model nevertheless, so that a process really dies of it. And a file that is shortened
// while the engine reads it is a signal.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

#include "assembly/runtime.h"
#include "marker/crash_marker.h"
#include "testing/dying_process.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

#if SKILLET_HAS_LLAMA
#include "engine_llama/engine_llama.h"

namespace skillet {
namespace {

using testing::made;

constexpr const char *input = R"({"text":"a b"})";

// Loads one and the same file, whatever it is asked for.
class StubbornEngine final : public Engine {
public:
    explicit StubbornEngine(const std::string &path) : file_(made(FileSlice::open(path))) {}
    Result<std::unique_ptr<EngineModel>> load(const FileSlice & /*model*/,
                                              const LoadOptions &options) override {
        return engine_->load(file_, options);
    }
    const std::string &build() const override { return engine_->build(); }

private:
    FileSlice file_;
    std::unique_ptr<Engine> engine_ = made(create_llama_engine(CrashMarker::note_abort));
};

// Empties the model's file in the middle of a request, after all that we could check.
class EmptyingContext final : public EngineContext {
public:
    EmptyingContext(std::unique_ptr<EngineContext> context, std::string file)
        : context_(std::move(context)), file_(std::move(file)) {}
    Result<std::vector<float>> classify(std::span<const TokenId> tokens,
                                        const StopSignal &stop) override {
        std::filesystem::resize_file(file_, 0);
        return context_->classify(tokens, stop);
    }
    Result<std::vector<double>> score(const PromptTokens &prompt, std::span<const TokenTree> trees,
                                      const StopSignal &stop) override {
        return context_->score(prompt, trees, stop);
    }

private:
    std::unique_ptr<EngineContext> context_;
    std::string file_;
};

class EmptyingModel final : public EngineModel {
public:
    EmptyingModel(std::unique_ptr<EngineModel> model, std::string file)
        : model_(std::move(model)), file_(std::move(file)) {}
    Result<std::vector<TokenId>> tokenize(std::string_view text) const override {
        return model_->tokenize(text);
    }
    Result<TokenId> control_token(std::string_view text) const override {
        return model_->control_token(text);
    }
    Result<std::unique_ptr<EngineContext>> create_context(
        const ContextShape &shape) const override {
        SKL_TRY_ASSIGN(context, model_->create_context(shape));
        return std::unique_ptr<EngineContext>(
            std::make_unique<EmptyingContext>(std::move(context), file_));
    }

private:
    std::unique_ptr<EngineModel> model_;
    std::string file_;
};

class EmptyingEngine final : public Engine {
public:
    Result<std::unique_ptr<EngineModel>> load(const FileSlice &model,
                                              const LoadOptions &options) override {
        SKL_TRY_ASSIGN(loaded, engine_->load(model, options));
        return std::unique_ptr<EngineModel>(
            std::make_unique<EmptyingModel>(std::move(loaded), model.name()));
    }
    const std::string &build() const override { return engine_->build(); }

private:
    std::unique_ptr<Engine> engine_ = made(create_llama_engine());
};

class EngineAbort : public ::testing::Test {
protected:
    EngineAbort() {
        // Before the first fork: what the engine sets up once is not set up in each child.
        const auto runtime = open_runtime();
        for (const char *id : {"org.a.b", "org.c.d"}) {
            const std::string model = testing::write_classifier_model(folder_ / "model.gguf");
            json::Value document = testing::skill_document(model, id);
            testing::set_member(document, "/contract/limits/deadline_ms", 3'600'000);
            made(made(runtime->root())
                     ->install(testing::pack_skill(folder_.path(), model, document), {}));
        }
    }
    // With another engine than the real one, perhaps.
    std::shared_ptr<Runtime> open_runtime(EngineFactory engine = {}) {
        RuntimeOptions options;
        options.root = folder_ / "root";
        options.actor = "test";
        options.engine = std::move(engine);
        return made(Runtime::open(std::move(options)));
    }
    Code ask(const std::string &id, EngineFactory engine = {}) {
        const auto runtime = open_runtime(std::move(engine));
        const auto skill = runtime->open_skill(id, {});
        if (!skill) return skill.error().code;
        const auto answer = (*skill)->invoke(input, {});
        return answer ? SKL_OK : answer.error().code;
    }
    // Two processes die of the model, and the third one lives.
    void expect_quarantine(const testing::GgufWriter &model, Spot spot, const char *words) {
        const std::string path = testing::write_file(folder_ / "bad.gguf", model.bytes());
        const EngineFactory stubborn = [path]() -> Result<std::unique_ptr<Engine>> {
            return std::unique_ptr<Engine>(std::make_unique<StubbornEngine>(path));
        };
        for (int process = 0; process < 2; ++process) {
            EXPECT_EQ(testing::signal_that_ends([&] { ask("org.a.b", stubborn); }), SIGABRT);
            EXPECT_EQ(ask("org.c.d"), SKL_OK) << "the others serve";
        }
        EXPECT_EQ(testing::signal_that_ends([&] { ask("org.a.b", stubborn); }), 0);
        EXPECT_EQ(ask("org.a.b"), SKL_E_QUARANTINED);
        const auto runtime = open_runtime();
        const auto rows = made(made(runtime->root())->registry().versions("org.a.b"));
        const std::string &reason = rows.at(0).state_reason;
        EXPECT_NE(reason.find(std::string("in ") + name_of(spot)), std::string::npos) << reason;
        EXPECT_NE(reason.find(words), std::string::npos) << reason;
        EXPECT_EQ(reason.find('/'), std::string::npos) << "no path of another machine: " << reason;
    }

    testing::TempDir folder_;
};

TEST_F(EngineAbort, while_loading_twice_quarantines_the_package) {
    testing::ClassifierShape shape;
    shape.words[1] = shape.words[0];  // a word twice
    expect_quarantine(testing::tiny_classifier(shape), Spot::load, "GGML_ASSERT(");
}

TEST_F(EngineAbort, by_a_file_that_is_emptied_during_a_request_is_noted) {
    const EngineFactory emptying = []() -> Result<std::unique_ptr<Engine>> {
        return std::unique_ptr<Engine>(std::make_unique<EmptyingEngine>());
    };
    EXPECT_EQ(testing::signal_that_ends([&] { ask("org.a.b", emptying); }), SIGBUS);
    EXPECT_EQ(ask("org.a.b"), SKL_E_DIGEST_MISMATCH) << "and this process lives";
    const auto runtime = open_runtime();
    const auto rows = made(made(runtime->root())->registry().versions("org.a.b"));
    const Strikes strikes = made(runtime->crash_guard().book().strikes_of(rows.at(0).digest));
    ASSERT_EQ(strikes.size(), 1u);
    EXPECT_EQ(strikes[0].spot, Spot::compute);
    EXPECT_FALSE(strikes[0].certain());
}

TEST_F(EngineAbort, while_computing_twice_quarantines_the_package) {
    testing::GgufWriter model = testing::tiny_classifier();
    model.tensor("token_embd_norm.bias", {32}, 1);  // a bias in F16
    expect_quarantine(model, Spot::compute, "unsupported types");
}

}  // namespace
}  // namespace skillet
#endif
