// SPDX-License-Identifier: Apache-2.0
// Who computes next, and who is turned away.
#include "resident/turns.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace skillet {
namespace {

const Digest skill_a = sha256("a");
const Digest skill_b = sha256("b");

StopSignal already_late() { return {nullptr, SteadyClock::now()}; }

// Waits, without sleeping for a fixed time, until so many stand in the queue.
void await_waiting(const Turns &turns, size_t count) {
    while (turns.waiting() != count) std::this_thread::yield();
}

// Requests that wait in the order they were started, and note when they are served.
class Queue {
public:
    explicit Queue(Turns &turns) : turns_(turns) {}
    ~Queue() {
        for (std::thread &thread : threads_) thread.join();
    }
    void start(const Digest &skill, const std::string &name) {
        const size_t before = turns_.waiting();
        threads_.emplace_back([this, skill, name] {
            auto turn = turns_.take(skill, {});
            ASSERT_TRUE(turn);
            const std::lock_guard lock(mutex_);
            served_ += name;
        });
        await_waiting(turns_, before + 1);
    }
    // REQUIRES: all are served.
    std::string served() {
        await_waiting(turns_, 0);
        for (std::thread &thread : threads_) thread.join();
        threads_.clear();
        return served_;
    }

private:
    Turns &turns_;
    std::mutex mutex_;
    std::string served_;
    std::vector<std::thread> threads_;
};

TEST(Turns, lets_as_many_compute_as_there_are_turns) {
    Turns turns({.turns = 2, .waiting = 8});
    auto first = turns.take(skill_a, already_late());
    auto second = turns.take(skill_a, already_late());
    ASSERT_TRUE(first && second);
    EXPECT_EQ(turns.take(skill_b, already_late()).error().code, SKL_E_DEADLINE_EXCEEDED);
    first->end();
    EXPECT_TRUE(turns.take(skill_b, already_late()));
}

TEST(Turns, of_one_skill_are_limited_while_others_begin) {
    Turns turns({.turns = 3, .of_one_skill = 1, .waiting = 8});
    auto first = turns.take(skill_a, already_late());
    ASSERT_TRUE(first);
    EXPECT_EQ(turns.take(skill_a, already_late()).error().code, SKL_E_DEADLINE_EXCEEDED);
    Queue queue(turns);
    queue.start(skill_a, "a");
    EXPECT_TRUE(turns.take(skill_b, already_late())) << "whoever waits could not begin";
    EXPECT_EQ(turns.waiting(), 1u);
    first->end();
    EXPECT_EQ(queue.served(), "a");
}

TEST(Turns, turns_away_who_would_make_the_queue_too_long) {
    Turns turns({.turns = 1, .waiting = 1});
    auto computing = turns.take(skill_a, {});
    Queue queue(turns);
    queue.start(skill_a, "a");
    const auto refused = turns.take(skill_b, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_QUEUE_FULL);
    computing->end();
}

TEST(Turns, serves_one_skill_in_the_order_of_its_requests) {
    Turns turns({.turns = 1, .waiting = 8});
    auto computing = turns.take(skill_a, {});
    Queue queue(turns);
    for (const char *name : {"1", "2", "3", "4"}) queue.start(skill_a, name);
    computing->end();
    EXPECT_EQ(queue.served(), "1234");
}

TEST(Turns, serves_the_skill_that_computed_less_although_it_came_later) {
    Turns turns({.turns = 1, .waiting = 8});
    auto computing = turns.take(skill_a, {});
    Queue queue(turns);
    queue.start(skill_a, "a");
    queue.start(skill_b, "b");
    computing->end();
    EXPECT_EQ(queue.served(), "ba") << "the turn of a just now counts";
}

TEST(Turns, gives_up_its_place_when_the_caller_cancels) {
    Turns turns({.turns = 1, .waiting = 8});
    auto computing = turns.take(skill_a, {});
    const auto flag = std::make_shared<CancelFlag>();
    Code code = SKL_OK;
    std::thread waiter([&] {
        const auto turn = turns.take(skill_b, {flag, {}});
        code = turn ? SKL_OK : turn.error().code;
    });
    await_waiting(turns, 1);
    flag->cancel();
    waiter.join();
    EXPECT_EQ(code, SKL_E_CANCELLED);
    EXPECT_EQ(turns.waiting(), 0u);
    computing->end();
    EXPECT_TRUE(turns.take(skill_b, already_late()));
}

// Whoever takes four times as long per request is not served again before the other one has had as
// much time, whatever the lengths turn out to be: the order follows from what was really spent.
TEST(Turns, serves_next_whoever_has_spent_less_time_so_far) {
    Turns turns({.turns = 1, .waiting = 64});
    const auto spin = [](std::chrono::microseconds time) {
        const auto begin = SteadyClock::now();
        while (SteadyClock::now() - begin < time) {
        }
    };
    auto computing = turns.take(skill_a, {});
    Queue queue(turns);
    for (const char *name : {"A", "A"}) queue.start(skill_a, name);
    for (const char *name : {"b", "b"}) queue.start(skill_b, name);
    spin(std::chrono::milliseconds(200));
    computing->end();
    EXPECT_EQ(queue.served(), "bbAA") << "a has spent 200 ms, and the turns of b take none";
}

}  // namespace
}  // namespace skillet
