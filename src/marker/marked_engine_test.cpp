// SPDX-License-Identifier: Apache-2.0
#include "marker/marked_engine.h"

#include <gtest/gtest.h>

#include "marker/deaths.h"
#include "testing/made.h"
#include "testing/scripted_engine.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;

// What the marker file says at this moment, as if its process had died.
class MarkedEngineTest : public ::testing::Test {
protected:
    MarkedEngineTest() {
        script_->on_load = [this] { return note(); };
        script_->on_create_context = [this] { return note(); };
        script_->classify = [this](std::span<const TokenId>) -> Result<std::vector<float>> {
            SKL_TRY(note());
            return std::vector<float>{1.0f};
        };
    }
    Result<void> note() {
        const std::string bytes = made(read_all(made(FileSlice::open(marker_->path())), 1u << 20));
        seen_.push_back(made(read_death("", bytes)).suspects);
        return outcome_;
    }
    Result<std::unique_ptr<EngineModel>> load() {
        return load_marked(engine_, FileSlice(nullptr, 0, 0, ""), {}, *marker_, package_);
    }

    testing::TempDir folder_;
    std::unique_ptr<CrashMarker> marker_ =
        made(CrashMarker::create(folder_.path(), "2026-11-23T12:00:00.000Z"));
    const Digest package_ = sha256("package");
    std::shared_ptr<testing::Script> script_ = std::make_shared<testing::Script>();
    testing::ScriptedEngine engine_{script_};
    Result<void> outcome_;
    std::vector<std::vector<Suspect>> seen_;
};

TEST_F(MarkedEngineTest, notes_each_call_and_gives_on_what_it_gives) {
    const auto model = made(load());
    EXPECT_EQ(made(model->tokenize("ab")).size(), 2u);
    const auto context = made(model->create_context({64}));
    EXPECT_EQ(made(context->classify({}, {})), std::vector<float>{1.0f});
    ASSERT_EQ(seen_.size(), 3u);
    const Spot spots[] = {Spot::load, Spot::load, Spot::compute};
    for (size_t i = 0; i < seen_.size(); ++i) {
        ASSERT_EQ(seen_[i].size(), 1u);
        EXPECT_EQ(seen_[i][0].package, package_);
        EXPECT_EQ(seen_[i][0].spot, spots[i]);
    }
}

TEST_F(MarkedEngineTest, notes_nothing_once_a_call_has_ended_well_or_not) {
    const auto nothing_noted = [this] {
        EXPECT_TRUE(note());
        return seen_.back().empty();
    };
    const auto model = made(load());
    EXPECT_TRUE(nothing_noted());
    outcome_ = make_error(SKL_E_LOAD_FAILED, "as the script says");
    EXPECT_EQ(load().error().code, SKL_E_LOAD_FAILED);
    EXPECT_EQ(model->create_context({64}).error().code, SKL_E_LOAD_FAILED);
    outcome_ = {};
    EXPECT_TRUE(nothing_noted());
}

}  // namespace
}  // namespace skillet
