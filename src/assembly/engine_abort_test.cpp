// SPDX-License-Identifier: Apache-2.0
// The real engine aborts on models that verification refuses. An engine of the test's own gives it
// such a model nevertheless, so that a process really dies of it.
#include <csignal>

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
    Result<std::unique_ptr<EngineModel>> load(const FileSlice & /*model*/) override {
        return engine_->load(file_);
    }
    const std::string &build() const override { return engine_->build(); }

private:
    FileSlice file_;
    std::unique_ptr<Engine> engine_ = made(create_llama_engine(CrashMarker::note_abort));
};

class EngineAbort : public ::testing::Test {
protected:
    EngineAbort() {
        // Before the first fork: what the engine sets up once is not set up in each child.
        const auto runtime = open_runtime("");
        for (const char *id : {"org.a.b", "org.c.d"}) {
            const std::string model = testing::write_classifier_model(folder_ / "model.gguf");
            json::Value document = testing::skill_document(model, id);
            testing::set_member(document, "/contract/limits/deadline_ms", 3'600'000);
            made(made(runtime->root())
                     ->install(testing::pack_skill(folder_.path(), model, document), {}));
        }
    }
    // With an engine that loads this file instead; empty: with an honest one.
    std::shared_ptr<Runtime> open_runtime(const std::string &model) {
        RuntimeOptions options;
        options.root = folder_ / "root";
        options.actor = "test";
        if (!model.empty()) {
            options.engine = [model]() -> Result<std::unique_ptr<Engine>> {
                return std::unique_ptr<Engine>(std::make_unique<StubbornEngine>(model));
            };
        }
        return made(Runtime::open(std::move(options)));
    }
    Code ask(const std::string &id, const std::string &model = {}) {
        const auto runtime = open_runtime(model);
        const auto skill = runtime->open_skill(id, {});
        if (!skill) return skill.error().code;
        const auto answer = (*skill)->invoke(input, {});
        return answer ? SKL_OK : answer.error().code;
    }
    // Two processes die of the model, and the third one lives.
    void expect_quarantine(const testing::GgufWriter &model, Spot spot, const char *words) {
        const std::string path = testing::write_file(folder_ / "bad.gguf", model.bytes());
        for (int process = 0; process < 2; ++process) {
            EXPECT_EQ(testing::signal_that_ends([&] { ask("org.a.b", path); }), SIGABRT);
            EXPECT_EQ(ask("org.c.d"), SKL_OK) << "the others serve";
        }
        EXPECT_EQ(testing::signal_that_ends([&] { ask("org.a.b", path); }), 0);
        EXPECT_EQ(ask("org.a.b"), SKL_E_QUARANTINED);
        const auto runtime = open_runtime("");
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

TEST_F(EngineAbort, while_computing_twice_quarantines_the_package) {
    testing::GgufWriter model = testing::tiny_classifier();
    model.tensor("token_embd_norm.bias", {32}, 1);  // a bias in F16
    expect_quarantine(model, Spot::compute, "unsupported types");
}

}  // namespace
}  // namespace skillet
#endif
