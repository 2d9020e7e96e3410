// SPDX-License-Identifier: Apache-2.0
#include "assembly/worker_pool.h"

#include <atomic>
#include <future>
#include <vector>

#include <gtest/gtest.h>

namespace skillet {
namespace {

TEST(WorkerPool, runs_every_job_of_many_threads) {
    std::atomic<int> ran = 0;
    std::promise<void> all;
    constexpr int each = 1000;
    constexpr int submitters = 4;
    WorkerPool pool(3);
    std::vector<std::thread> threads;
    for (int i = 0; i < submitters; ++i) {
        threads.emplace_back([&] {
            for (int job = 0; job < each; ++job) {
                EXPECT_TRUE(pool.submit(
                    [&] {
                        if (++ran == each * submitters) all.set_value();
                    },
                    1));
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    all.get_future().wait();
    EXPECT_EQ(ran, each * submitters);
}

TEST(WorkerPool, runs_jobs_in_the_order_of_submission_on_one_thread) {
    std::vector<int> order;
    std::promise<void> last;
    WorkerPool pool(1);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.submit([&, i] { order.push_back(i); }, 0));
    ASSERT_TRUE(pool.submit([&] { last.set_value(); }, 0));
    last.get_future().wait();
    ASSERT_EQ(order.size(), 100u);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(WorkerPool, refuses_a_job_beyond_its_limits_and_takes_the_next_one_later) {
    std::promise<void> go;
    std::promise<void> begun;
    std::promise<void> done;
    WorkerPool pool(1, {2, 100});
    ASSERT_TRUE(pool.submit(
        [&] {
            begun.set_value();
            go.get_future().wait();
        },
        100));
    begun.get_future().wait();  // it left the queue
    ASSERT_TRUE(pool.submit([] {}, 60));
    EXPECT_EQ(pool.submit([] {}, 41).error().code, SKL_E_QUEUE_FULL);
    ASSERT_TRUE(pool.submit([&] { done.set_value(); }, 40));
    EXPECT_EQ(pool.submit([] {}, 0).error().code, SKL_E_QUEUE_FULL);
    go.set_value();
    done.get_future().wait();
    EXPECT_TRUE(pool.submit([] {}, 100));
}

TEST(WorkerPool, may_be_destroyed_by_its_own_job) {
    std::promise<void> destroyed;
    auto pool = std::make_shared<WorkerPool>(2);
    WorkerPool &submit_to = *pool;
    std::promise<void> go;
    const auto start = go.get_future().share();
    ASSERT_TRUE(submit_to.submit(
        [&destroyed, start, held = std::move(pool)]() mutable {
            start.wait();
            held.reset();
            destroyed.set_value();
        },
        0));
    go.set_value();
    destroyed.get_future().wait();
}

}  // namespace
}  // namespace skillet
