// SPDX-License-Identifier: Apache-2.0
// A package that is suspended while it answers: requests that run are waited for, others refused.
#include <gtest/gtest.h>

#include <thread>

#include "testing/scripted_runtime.h"

namespace skillet {
namespace {

using testing::made;

constexpr const char *input = R"({"text": "a"})";

class DrainTest : public ::testing::Test, protected testing::ScriptedRuntime {
protected:
    DrainTest() { gate_ = std::make_shared<testing::Gate>(); }
    static StopSignal already_late() { return {{}, SteadyClock::now()}; }
};

TEST_F(DrainTest, waits_for_requests_that_run_and_lets_no_other_begin) {
    const auto runtime = open_runtime();
    Root &root = *made(runtime->root());
    const PackageRow row = made(root.install(pack("1.0.0"), {}));
    const auto skill = made(runtime->open_skill(row.id, {}));
    std::thread request([&] { EXPECT_TRUE(skill->invoke(input, {})) << "it had begun before"; });
    gate_->await_arrivals(1);

    ASSERT_TRUE(root.change_state(row, Trigger::suspend, "a test"));
    EXPECT_EQ(runtime->await_idle(row.digest, already_late()).error().code,
              SKL_E_DEADLINE_EXCEEDED);
    EXPECT_EQ(skill->invoke(input, {}).error().code, SKL_E_SUSPENDED);
    EXPECT_EQ(runtime->open_skill(row.id, {}).error().code, SKL_E_SUSPENDED);

    gate_->open();
    EXPECT_TRUE(runtime->await_idle(row.digest, {}));
    request.join();

    ASSERT_TRUE(root.change_state(row, Trigger::resume, "a test"));
    EXPECT_EQ(skill->invoke(input, {}).error().code, SKL_E_NOT_VERIFIED);
    ASSERT_TRUE(root.verify(made(root.get(row.digest)), {}));
    EXPECT_TRUE(skill->invoke(input, {})) << "through the handle that was open all the time";
}

}  // namespace
}  // namespace skillet
