// SPDX-License-Identifier: Apache-2.0
// Submitted requests: they finish exactly once, whatever ends them.
#include "assembly/request.h"

#include <future>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "testing/scripted_runtime.h"

namespace skillet {
namespace {

constexpr const char *input = R"({"text":"a b"})";

class RequestTest : public ::testing::Test, protected testing::ScriptedRuntime {
protected:
    RequestTest() {
        gate_ = std::make_shared<testing::Gate>();
        runtime_ = open_runtime();
        module_ = testing::made(runtime_->open_skill(pack("1.0.0"), {}));
    }
    [[nodiscard]] std::shared_ptr<Request> submit(const StopSignal &stop = {},
                                                  std::function<void()> on_done = {}) {
        const auto request = std::make_shared<Request>(module_, input, stop);
        EXPECT_TRUE(request->start(std::move(on_done)));
        return request;
    }
    // Requests that hold every worker at the gate.
    [[nodiscard]] std::vector<std::shared_ptr<Request>> occupy_workers() {
        std::vector<std::shared_ptr<Request>> requests;
        const auto workers = static_cast<int>(std::thread::hardware_concurrency());
        for (int i = 0; i < workers; ++i) requests.push_back(submit());
        gate_->await_arrivals(workers);
        return requests;
    }
    static Code outcome(Request &request) {
        const auto answer = request.wait({});
        return answer ? SKL_OK : answer.error().code;
    }

    std::shared_ptr<Runtime> runtime_;
    std::shared_ptr<SkillHandle> module_;
};

TEST_F(RequestTest, is_pending_until_it_has_finished_and_then_keeps_its_answer) {
    const auto request = submit();
    gate_->await_arrivals(1);
    EXPECT_EQ(request->wait(SteadyClock::now()).error().code, SKL_E_PENDING);
    gate_->open();
    EXPECT_EQ(outcome(*request), SKL_OK);
    EXPECT_EQ(outcome(*request), SKL_OK);
}

TEST_F(RequestTest, tells_of_its_end_once_after_the_outcome_is_there) {
    gate_->open();
    std::promise<Code> heard;
    const auto request = std::make_shared<Request>(module_, input, StopSignal{});
    ASSERT_TRUE(request->start([&] {
        const auto answer = request->wait(SteadyClock::now());
        heard.set_value(answer ? SKL_OK : answer.error().code);
    }));
    EXPECT_EQ(heard.get_future().get(), SKL_OK);
}

TEST_F(RequestTest, fails_with_the_error_of_its_input) {
    gate_->open();
    const auto request = std::make_shared<Request>(module_, "[]", StopSignal{});
    ASSERT_TRUE(request->start({}));
    EXPECT_EQ(outcome(*request), SKL_E_INPUT_SCHEMA);
}

TEST_F(RequestTest, is_cancelled_while_it_computes) {
    const auto request = submit();
    gate_->await_arrivals(1);
    request->cancel();
    EXPECT_EQ(outcome(*request), SKL_E_CANCELLED);
    gate_->open();
    EXPECT_EQ(outcome(*submit()), SKL_OK);
}

TEST_F(RequestTest, is_cancelled_at_once_while_it_waits_for_a_worker) {
    const auto busy = occupy_workers();
    std::promise<void> heard;
    const auto queued = submit({}, [&] { heard.set_value(); });
    queued->cancel();
    EXPECT_EQ(outcome(*queued), SKL_E_CANCELLED);  // no worker is free yet
    gate_->open();
    heard.get_future().wait();
    for (const auto &request : busy) EXPECT_EQ(outcome(*request), SKL_OK);
}

TEST_F(RequestTest, is_cancelled_by_the_callers_flag_too) {
    const auto flag = std::make_shared<CancelFlag>();
    const auto busy = occupy_workers();
    const auto queued = submit({flag, {}});
    flag->cancel();
    EXPECT_EQ(outcome(*queued), SKL_E_CANCELLED);
    gate_->open();
    EXPECT_EQ(outcome(*busy.front()), SKL_OK);
}

TEST_F(RequestTest, ends_by_its_deadline_while_it_waits_for_a_worker) {
    const auto busy = occupy_workers();
    const auto queued = submit({nullptr, SteadyClock::now()});
    EXPECT_EQ(outcome(*queued), SKL_E_DEADLINE_EXCEEDED);
    gate_->open();
    EXPECT_EQ(outcome(*busy.front()), SKL_OK);
}

TEST_F(RequestTest, outlives_the_handles_it_came_from) {
    const auto request = submit();
    gate_->await_arrivals(1);
    const std::weak_ptr<Runtime> observer = runtime_;
    runtime_.reset();
    module_.reset();
    gate_->open();
    EXPECT_EQ(outcome(*request), SKL_OK);
    EXPECT_FALSE(observer.expired());  // the request keeps it
}

TEST_F(RequestTest, may_be_the_last_to_keep_its_runtime) {
    std::promise<void> heard;
    std::weak_ptr<Runtime> observer = runtime_;
    {
        const auto request = submit({}, [&] { heard.set_value(); });
        gate_->await_arrivals(1);
    }
    runtime_.reset();
    module_.reset();
    gate_->open();
    heard.get_future().wait();
    while (!observer.expired()) std::this_thread::yield();  // the worker is about to let go
}

}  // namespace
}  // namespace skillet
