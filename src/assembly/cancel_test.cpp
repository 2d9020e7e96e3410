// SPDX-License-Identifier: Apache-2.0
// Requests that are cancelled at any moment: while they wait for a turn or for memory, load, make a
// context, compute. Whatever happens to one, the next one's answer is right and nothing stays
// behind.
#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "testing/scripted_runtime.h"

namespace skillet {
namespace {

using testing::made;

constexpr const char *input = R"({"text": "a"})";
constexpr size_t callers = 8;
constexpr size_t requests_of_each = 2750;

class CancelTest : public ::testing::Test, protected testing::ScriptedRuntime {
protected:
    CancelTest() {
        script_->classify = [](std::span<const TokenId> tokens) -> Result<std::vector<float>> {
            for (int i = 0; i < 20; ++i) std::this_thread::yield();
            return std::vector<float>{0.0f, static_cast<float>(tokens.size())};
        };
    }
    // Memory for one skill, which three want.
    void start() {
        uint64_t bytes = 0;
        {
            const auto runtime = open_runtime();
            const auto skill = made(runtime->open_skill(pack("1.0.0", "org.a.x"), {}));
            ASSERT_TRUE(skill->load({}));
            bytes = runtime->resident().report().modules.at(0).predicted_bytes;
        }
        runtime_ = open_runtime(bytes + bytes / 4);
        for (const char *id : {"org.a.x", "org.a.y", "org.a.z"}) {
            made(made(runtime_->root())->install(pack("1.0.0", id), {}));
            skills_.push_back(made(runtime_->open_skill(id, {})));
        }
    }

    std::shared_ptr<Runtime> runtime_;
    std::vector<std::shared_ptr<SkillHandle>> skills_;
};

// One caller, and whoever cancels its requests.
class Caller {
public:
    Caller(const std::vector<std::shared_ptr<SkillHandle>> &skills, uint64_t seed)
        : skills_(skills), random_(seed) {}

    void run() {
        for (size_t i = 0; i < requests_of_each; ++i) {
            const auto flag = std::make_shared<CancelFlag>();
            const auto patience = static_cast<int>(random_() % 200);
            std::atomic<bool> over{false};
            std::thread canceller([&, flag] {
                for (int k = 0; k < patience && !over; ++k) std::this_thread::yield();
                flag->cancel();
            });
            const auto answer = skills_[random_() % skills_.size()]->invoke(input, {flag, {}});
            over = true;
            canceller.join();
            if (answer) {
                EXPECT_EQ(answer->logits, (std::vector<float>{0.0f, 1.0f}));
            } else {
                EXPECT_EQ(answer.error().code, SKL_E_CANCELLED) << answer.error().message;
                ++cancelled;
            }
        }
    }
    size_t cancelled = 0;

private:
    const std::vector<std::shared_ptr<SkillHandle>> &skills_;
    std::mt19937_64 random_;
};

TEST_F(CancelTest, ten_thousand_times_at_random_leaves_every_skill_intact) {
    start();
    std::vector<Caller> all;
    for (size_t i = 0; i < callers; ++i) all.emplace_back(skills_, i);
    std::vector<std::thread> threads;
    for (Caller &caller : all) threads.emplace_back([&caller] { caller.run(); });
    for (std::thread &thread : threads) thread.join();
    size_t cancelled = 0;
    for (const Caller &caller : all) cancelled += caller.cancelled;
    EXPECT_GT(cancelled, 0u);
    RecordProperty("cancelled", static_cast<int>(cancelled));

    EXPECT_EQ(runtime_->turns().waiting(), 0u);
    for (const ResidentStatus &module : runtime_->resident().status()) {
        EXPECT_EQ(module.leases, 0u) << module.id;
    }
    for (const auto &skill : skills_) {
        EXPECT_EQ(made(skill->invoke(input, {})).logits, (std::vector<float>{0.0f, 1.0f}));
    }
    skills_.clear();
    runtime_.reset();
    EXPECT_EQ(script_->models_alive, 0);
    EXPECT_EQ(script_->contexts_alive, 0);
}

// A flag that is set before the call, again while it runs, and again after it.
TEST_F(CancelTest, may_be_repeated) {
    start();
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    for (int i = 0; i < 3; ++i) {
        const auto answer = skills_[0]->invoke(input, {flag, {}});
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, SKL_E_CANCELLED);
        flag->cancel();
    }
    EXPECT_TRUE(skills_[0]->invoke(input, {}));
}

}  // namespace
}  // namespace skillet
