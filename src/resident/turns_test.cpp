// SPDX-License-Identifier: Apache-2.0
// Who computes next, and who is turned away.
#include "resident/turns.h"

#include <atomic>
#include <map>
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

TEST(Turns, lets_as_many_compute_as_there_are_cores) {
    Turns turns(2, 8);
    auto first = turns.take(skill_a, already_late());
    auto second = turns.take(skill_a, already_late());
    ASSERT_TRUE(first && second);
    EXPECT_EQ(turns.take(skill_b, already_late()).error().code, SKL_E_DEADLINE_EXCEEDED);
    first->end();
    EXPECT_TRUE(turns.take(skill_b, already_late()));
}

TEST(Turns, turns_away_who_would_make_the_queue_too_long) {
    Turns turns(1, 1);
    auto computing = turns.take(skill_a, {});
    Queue queue(turns);
    queue.start(skill_a, "a");
    const auto refused = turns.take(skill_b, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_QUEUE_FULL);
    computing->end();
}

TEST(Turns, serves_one_skill_in_the_order_of_its_requests) {
    Turns turns(1, 8);
    auto computing = turns.take(skill_a, {});
    Queue queue(turns);
    for (const char *name : {"1", "2", "3", "4"}) queue.start(skill_a, name);
    computing->end();
    EXPECT_EQ(queue.served(), "1234");
}

TEST(Turns, serves_the_skill_that_computed_less_although_it_came_later) {
    Turns turns(1, 8);
    auto computing = turns.take(skill_a, {});
    Queue queue(turns);
    queue.start(skill_a, "a");
    queue.start(skill_b, "b");
    computing->end();
    EXPECT_EQ(queue.served(), "ba") << "the turn of a just now counts";
}

TEST(Turns, gives_up_its_place_when_the_caller_cancels) {
    Turns turns(1, 8);
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

// Time is what each spins for: a skill that takes four times as long gets a fourth of the turns.
TEST(Turns, shares_the_core_by_time_among_skills_that_always_want_it) {
    Turns turns(1, 64);
    std::atomic<bool> over = false;
    std::atomic<int> total = 0;
    std::map<Digest, std::atomic<double>> spent;
    spent[skill_a] = 0;
    spent[skill_b] = 0;
    const auto spin = [](std::chrono::microseconds time) {
        const auto end = SteadyClock::now() + time;
        while (SteadyClock::now() < end) {
        }
    };
    const auto ask = [&](const Digest &skill, std::chrono::microseconds each) {
        while (!over) {
            auto turn = turns.take(skill, {});
            ASSERT_TRUE(turn);
            const auto begin = SteadyClock::now();
            spin(each);
            const std::chrono::duration<double> took = SteadyClock::now() - begin;
            // Before everybody was there, and after some left, nobody is kept waiting.
            if (turns.waiting() >= 3) spent[skill] = spent[skill] + took.count();
            if (++total == 2000) over = true;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] { ask(skill_a, std::chrono::microseconds(400)); });
        threads.emplace_back([&] { ask(skill_b, std::chrono::microseconds(100)); });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_NEAR(spent[skill_a] / (spent[skill_a] + spent[skill_b]), 0.5, 0.1);
}

}  // namespace
}  // namespace skillet
