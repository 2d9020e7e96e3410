// SPDX-License-Identifier: Apache-2.0
// A package that is suspended while it answers: requests that run are waited for, others refused.
#include <unistd.h>

#include <thread>

#include <gtest/gtest.h>

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
    EXPECT_EQ(runtime->await_idle(row.digest, Runtime::Drain::own, already_late()).error().code,
              SKL_E_DEADLINE_EXCEEDED);
    EXPECT_EQ(skill->invoke(input, {}).error().code, SKL_E_SUSPENDED);
    EXPECT_EQ(runtime->open_skill(row.id, {}).error().code, SKL_E_SUSPENDED);

    gate_->open();
    EXPECT_TRUE(runtime->await_idle(row.digest, Runtime::Drain::own, {}));
    request.join();

    ASSERT_TRUE(root.change_state(row, Trigger::resume, "a test"));
    EXPECT_EQ(skill->invoke(input, {}).error().code, SKL_E_NOT_VERIFIED);
    ASSERT_TRUE(root.verify(made(root.get(row.digest)), {}));
    EXPECT_TRUE(skill->invoke(input, {})) << "through the handle that was open all the time";
}

TEST_F(DrainTest, waits_for_requests_of_other_processes_and_names_them) {
    const auto serving = open_runtime();
    const PackageRow row = made(made(serving->root())->install(pack("1.0.0"), {}));
    const auto skill = made(serving->open_skill(row.id, {}));
    std::thread request([&] { EXPECT_TRUE(skill->invoke(input, {})); });
    gate_->await_arrivals(1);

    // Another runtime, as another process has one.
    const auto operating = open_runtime();
    ASSERT_TRUE(made(operating->root())->change_state(row, Trigger::suspend, "a test"));
    EXPECT_TRUE(operating->await_idle(row.digest, Runtime::Drain::own, already_late()));
    const auto busy = operating->await_idle(row.digest, Runtime::Drain::all, already_late());
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().code, SKL_E_DEADLINE_EXCEEDED);
    EXPECT_NE(busy.error().message.find(std::to_string(::getpid())), std::string::npos)
        << busy.error().message;

    gate_->open();
    EXPECT_TRUE(operating->await_idle(row.digest, Runtime::Drain::all, {}));
    request.join();
}

}  // namespace
}  // namespace skillet
