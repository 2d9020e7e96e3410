// SPDX-License-Identifier: Apache-2.0
// The file of a model in memory is changed under the real engine, which has it mapped.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "assembly/runtime.h"
#include "testing/file_change.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::file_changes;
using testing::FileChange;
using testing::made;

constexpr const char *input = R"({"text":"a b"})";

class ChangedFile : public ::testing::Test {
protected:
    void SetUp() override {
        if (!made(Runtime::open(options("auto")))->engine()) GTEST_SKIP() << "needs the engine";
    }
    RuntimeOptions options(const std::string &sealed) {
        RuntimeOptions wanted;
        wanted.root = root_;
        wanted.actor = "test";
        wanted.config = testing::write_file(
            folder_ / "settings.json",
            R"({"schema": "skillet.config/1", "load": {"sealed": ")" + sealed + "\"}}");
        return wanted;
    }
    // A skill with a model of its own.
    std::string pack(const std::string &id, uint32_t blocks) {
        testing::ClassifierShape shape;
        shape.blocks = blocks;
        const std::string model = testing::write_classifier_model(folder_ / id + ".gguf", shape);
        json::Value document = testing::skill_document(model, id);
        testing::set_member(document, "/contract/limits/deadline_ms", 3'600'000);
        return testing::pack_skill(folder_.path(), model, document);
    }
    // A runtime of a new root that has both skills in memory.
    void start(const std::string &sealed) {
        other_.reset();
        skill_.reset();
        runtime_.reset();
        std::filesystem::remove_all(root_);
        runtime_ = made(Runtime::open(options(sealed)));
        row_ = made(made(runtime_->root())->install(pack("org.a.b", 1), {}));
        twin_ = made(made(runtime_->root())->install(pack("org.a.twin", 1), {}));
        made(made(runtime_->root())->install(pack("org.c.d", 2), {}));
        skill_ = made(runtime_->open_skill("org.a.b", {}));
        other_ = made(runtime_->open_skill("org.c.d", {}));
        answer_ = ask(*skill_);
        other_answer_ = ask(*other_);
    }
    static std::vector<float> ask(SkillHandle &skill) {
        return made(skill.invoke(input, {})).logits;
    }
    static Code refusal(SkillHandle &skill) {
        const auto answer = skill.invoke(input, {});
        return answer ? SKL_OK : answer.error().code;
    }
    [[nodiscard]] std::string blob() {
        return made(runtime_->root())->store().blob_path(skill_->package().artifact.digest);
    }

    testing::TempDir folder_;
    std::string root_ = folder_ / "root";
    std::shared_ptr<Runtime> runtime_;
    std::shared_ptr<SkillHandle> skill_, other_;
    PackageRow row_, twin_;  // with the same model
    std::vector<float> answer_, other_answer_;
};

TEST_F(ChangedFile, of_an_installed_skill_gives_the_right_answer_or_an_error) {
    for (const FileChange &change : file_changes) {
        SCOPED_TRACE(change.name);
        start("auto");
        change.apply(blob());
        if (change.spoils) {
            EXPECT_EQ(refusal(*skill_), SKL_E_DIGEST_MISMATCH);
            EXPECT_EQ(refusal(*skill_), SKL_E_QUARANTINED);
            for (const PackageRow &package : {row_, twin_}) {
                const auto row = made(made(runtime_->root())->registry().find(package.digest));
                EXPECT_EQ(row->state, State::quarantined) << package.id;
            }
            EXPECT_EQ(runtime_->resident().status().size(), 1u) << "the module is gone";
        } else {
            EXPECT_EQ(ask(*skill_), answer_);
        }
        EXPECT_EQ(ask(*other_), other_answer_);
    }
}

TEST_F(ChangedFile, that_was_mended_since_is_loaded_anew_and_blames_nobody) {
    start("auto");
    testing::touch_byte(blob(), 1, 0x55);
    const auto elsewhere = made(Runtime::open(options("auto")));
    made(made(elsewhere->root())->install(pack("org.a.b", 1), {}));
    EXPECT_EQ(ask(*skill_), answer_);
    const auto row = made(made(runtime_->root())->registry().find(row_.digest));
    EXPECT_EQ(row->state, State::verified);
    EXPECT_EQ(runtime_->resident().counters().loads, 3u);
}

TEST_F(ChangedFile, of_a_skill_that_runs_from_its_archive_changes_no_answer) {
    start("auto");
    for (const FileChange &change : file_changes) {
        SCOPED_TRACE(change.name);
        const std::string archive = pack("org.a.b", 1);
        const auto skill = made(runtime_->open_skill(archive, {}));
        EXPECT_EQ(ask(*skill), answer_);
        change.apply(archive);
        EXPECT_EQ(ask(*skill), answer_);
    }
}

TEST_F(ChangedFile, of_an_archive_that_is_mapped_gives_the_right_answer_or_an_error) {
    for (const FileChange &change : file_changes) {
        SCOPED_TRACE(change.name);
        start("never");
        const std::string archive = pack("org.e.f", 3);
        const auto skill = made(runtime_->open_skill(archive, {}));
        const std::vector<float> before = ask(*skill);
        change.apply(archive);
        // The last byte of an archive is padding.
        const bool spoils = change.spoils && std::string_view(change.name) != "overwritten";
        if (spoils) {
            EXPECT_EQ(refusal(*skill), SKL_E_DIGEST_MISMATCH);
            EXPECT_NE(refusal(*skill), SKL_OK) << "nor can it be loaded again";
        } else {
            EXPECT_EQ(ask(*skill), before);
        }
        EXPECT_EQ(ask(*other_), other_answer_);
    }
}

TEST_F(ChangedFile, of_a_sealed_model_may_be_emptied_during_requests) {
    start("always");
    std::atomic<bool> done = false;
    std::thread asking([&] {
        while (!done) EXPECT_EQ(ask(*skill_), answer_);
    });
    for (int i = 0; i < 20; ++i) {
        const auto bytes = std::filesystem::file_size(blob());
        std::filesystem::resize_file(blob(), 0);
        EXPECT_EQ(ask(*skill_), answer_);
        std::filesystem::resize_file(blob(), bytes);
        EXPECT_EQ(ask(*skill_), answer_);
    }
    done = true;
    asking.join();
}

TEST_F(ChangedFile, is_given_up_by_all_who_have_it_and_loads_again_when_it_is_whole_again) {
    start("never");
    const std::string archive = pack("org.e.f", 3);
    const auto skill = made(runtime_->open_skill(archive, {}));
    const std::vector<float> before = ask(*skill);
    testing::touch_byte(archive, 4096, 0x55);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { EXPECT_EQ(refusal(*skill), SKL_E_DIGEST_MISMATCH); });
    }
    for (std::thread &thread : threads) thread.join();
    testing::touch_byte(archive, 4096, 0x55);
    EXPECT_EQ(ask(*skill), before);
}

}  // namespace
}  // namespace skillet
