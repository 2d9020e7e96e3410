// SPDX-License-Identifier: Apache-2.0
// What leaves memory in two steps, what it costs meanwhile, and what never leaves.
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "resident/resident_set.h"
#include "testing/scripted_skills.h"

namespace skillet {
namespace {

using testing::Gate;
using testing::ScriptedSkills;

constexpr uint64_t budget = 100;
// 30 bytes, of which 4 stay when it is parked.
constexpr MemoryPlan plan{.weights = 20, .skeleton = 4, .context = 6};

StopSignal already_late() { return {nullptr, SteadyClock::now()}; }

class Parking : public ::testing::Test {
protected:
    Parking() { skills_.script().parks = true; }

    LoadRequest request(const std::string &name) { return skills_.request(name, plan); }
    void touch(const std::string &name) {
        ASSERT_TRUE(set_.lease(request(name), already_late())) << name;
    }
    [[nodiscard]] std::string state(const std::string &name) {
        for (const ResidentStatus &status : set_.status()) {
            if (status.id == name) return name_of(status.residency);
        }
        return "";
    }

    ScriptedSkills skills_;
    ResidentSet set_{{.budget_bytes = budget}};
};

TEST_F(Parking, keeps_the_skeleton_of_what_must_make_room) {
    for (const char *name : {"org.a", "org.b", "org.c", "org.d"}) touch(name);
    EXPECT_EQ(state("org.a"), "parked");
    EXPECT_EQ(set_.report().parked_bytes, plan.skeleton);
    EXPECT_EQ(set_.reserved_bytes(), 3 * plan.bytes() + plan.skeleton);
    EXPECT_EQ(set_.counters().parkings, 1u);
    EXPECT_EQ(set_.counters().evictions, 0u);
}

TEST_F(Parking, comes_back_without_loading) {
    for (const char *name : {"org.a", "org.b", "org.c", "org.d"}) touch(name);
    const int loads = skills_.script().loads;
    touch("org.a");
    EXPECT_EQ(skills_.script().loads, loads);
    EXPECT_EQ(set_.counters().resumes, 1u);
    EXPECT_EQ(state("org.a"), "resident");
    EXPECT_EQ(state("org.b"), "parked") << "the next in turn";
}

TEST_F(Parking, evicts_parked_modules_when_their_skeletons_are_in_the_way) {
    for (int i = 0; i < 40; ++i) touch("org.skill-" + std::to_string(i));
    EXPECT_LE(set_.reserved_bytes(), budget);
    EXPECT_GT(set_.counters().evictions, 0u);
    EXPECT_EQ(skills_.script().models_alive, static_cast<int>(set_.status().size()));
}

TEST_F(Parking, lets_the_contexts_of_a_parked_module_go) {
    {
        auto lease = set_.lease(request("org.a"), {});
        ASSERT_TRUE(lease);
        ASSERT_TRUE(lease->module().borrow_context({}));
    }
    EXPECT_EQ(skills_.script().contexts_alive, 1);
    for (const char *name : {"org.b", "org.c", "org.d"}) touch(name);
    EXPECT_EQ(skills_.script().contexts_alive, 0);
    auto lease = set_.lease(request("org.a"), {});
    ASSERT_TRUE(lease);
    EXPECT_TRUE(lease->module().borrow_context({})) << "makes another one";
}

TEST_F(Parking, evicts_what_says_that_it_can_be_parked_and_cannot) {
    touch("org.a");
    touch("org.b");
    touch("org.c");
    skills_.script().parks = false;
    touch("org.d");
    EXPECT_EQ(state("org.a"), "");
    EXPECT_EQ(set_.reserved_bytes(), 3 * plan.bytes());
}

TEST_F(Parking, can_be_switched_off) {
    ResidentSet set({.budget_bytes = budget, .parking = false});
    for (const char *name : {"org.a", "org.b", "org.c", "org.d"}) {
        ASSERT_TRUE(set.lease(request(name), already_late()));
    }
    EXPECT_EQ(skills_.script().parkings, 0);
    EXPECT_EQ(set.counters().evictions, 1u);
}

TEST_F(Parking, charges_each_further_context_and_takes_no_more_than_there_is) {
    auto a = set_.lease(request("org.a"), {});
    auto b = set_.lease(request("org.b"), {});
    auto c = set_.lease(request("org.c"), {});
    ASSERT_TRUE(a && b && c);
    auto first = a->module().borrow_context({});
    auto second = a->module().borrow_context({});
    ASSERT_TRUE(first && second);
    EXPECT_EQ(set_.reserved_bytes(), 3 * plan.bytes() + plan.context);
    auto third = b->module().borrow_context({});
    ASSERT_TRUE(third);
    const auto fourth = b->module().borrow_context(already_late());
    ASSERT_FALSE(fourth) << "102 bytes";
    EXPECT_EQ(fourth.error().code, SKL_E_DEADLINE_EXCEEDED);
    EXPECT_EQ(set_.reserved_bytes(), 3 * plan.bytes() + plan.context);
}

TEST_F(Parking, gives_the_bytes_of_a_context_back_that_could_not_be_made) {
    auto a = set_.lease(request("org.a"), {});
    ASSERT_TRUE(a);
    auto first = a->module().borrow_context({});
    ASSERT_TRUE(first);
    skills_.script().on_create_context = []() -> Result<void> {
        return make_error(SKL_E_OUT_OF_MEMORY, "as the script says");
    };
    EXPECT_EQ(a->module().borrow_context({}).error().code, SKL_E_OUT_OF_MEMORY);
    EXPECT_EQ(set_.reserved_bytes(), plan.bytes());
}

TEST_F(Parking, never_lets_a_pinned_module_go) {
    set_.keep(request("org.a").key, {.pinned = true});
    touch("org.a");
    for (const char *name : {"org.b", "org.c", "org.d", "org.e"}) touch(name);
    EXPECT_EQ(state("org.a"), "resident");
    set_.keep(request("org.a").key, {});
    for (const char *name : {"org.b", "org.c", "org.d"}) touch(name);
    EXPECT_NE(state("org.a"), "resident");
}

TEST_F(Parking, lets_the_lower_priority_go_first_whatever_its_use) {
    set_.keep(request("org.a").key, {.priority = 1});
    touch("org.a");
    for (const char *name : {"org.b", "org.c", "org.d"}) touch(name);
    EXPECT_EQ(state("org.a"), "resident");
    EXPECT_EQ(state("org.b"), "parked");
}

TEST_F(Parking, says_in_which_order_modules_leave) {
    touch("org.a");
    touch("org.b");
    auto held = set_.lease(request("org.c"), {});
    ASSERT_TRUE(held);
    std::map<std::string, std::optional<size_t>> ranks;
    for (const ResidentStatus &status : set_.status()) ranks[status.id] = status.rank;
    EXPECT_EQ(ranks["org.a"], 1u);
    EXPECT_EQ(ranks["org.b"], 2u);
    EXPECT_EQ(ranks["org.c"], std::nullopt) << "it is in use";
}

TEST_F(Parking, waits_in_the_order_of_asking) {
    auto held = set_.lease(skills_.request("org.all", budget), {});
    ASSERT_TRUE(held);
    std::string order;
    std::mutex mutex;
    std::vector<std::thread> threads;
    std::atomic<size_t> waiting = 0;
    // Each needs the whole budget, so they cannot come in together.
    for (const char *name : {"1", "2", "3", "4"}) {
        const size_t before = waiting;
        threads.emplace_back([&, name] {
            LoadRequest whole = skills_.request(std::string("org.") + name, budget);
            whole.on_wait = [&waiting] { ++waiting; };
            auto lease = set_.lease(whole, {});
            ASSERT_TRUE(lease);
            const std::lock_guard lock(mutex);
            order += name;
        });
        while (waiting == before) std::this_thread::yield();
    }
    { const Lease ended = *std::move(held); }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(order, "1234");
}

TEST_F(Parking, turns_away_who_would_make_the_queue_for_memory_too_long) {
    ResidentSet set({.budget_bytes = budget, .waiting_max = 1});
    auto held = set.lease(skills_.request("org.all", budget), {});
    ASSERT_TRUE(held);
    std::atomic<bool> waits = false;
    std::thread waiter([&] {
        LoadRequest whole = skills_.request("org.next", budget);
        whole.on_wait = [&waits] { waits = true; };
        EXPECT_TRUE(set.lease(whole, {}));
    });
    while (!waits) std::this_thread::yield();
    const auto refused = set.lease(request("org.more"), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_QUEUE_FULL);
    { const Lease ended = *std::move(held); }
    waiter.join();
}

// Reported of another runtime: a module that was loaded for a request was evicted before the
// request used it.
TEST_F(Parking, cannot_lose_a_module_between_its_load_and_its_first_use) {
    Gate gate;
    skills_.script().on_load = [&gate]() -> Result<void> {
        gate.pass({});
        return {};
    };
    std::thread first([&] {
        auto lease = set_.lease(skills_.request("org.a", 80), {});
        ASSERT_TRUE(lease);
        EXPECT_FALSE(set_.evict(skills_.request("org.a", 80).key));
        EXPECT_TRUE(lease->module().borrow_context({}));
    });
    gate.await_arrivals(1);
    std::thread second([&] { EXPECT_TRUE(set_.lease(skills_.request("org.b", 80), {})); });
    gate.open();
    first.join();
    second.join();
    EXPECT_EQ(set_.counters().loads, 2u);
}

// The other one: a request that is sent to a module on its way out waits until it is gone, and
// loads it anew.
TEST_F(Parking, loads_anew_what_was_leaving_when_it_was_asked_for) {
    std::vector<std::thread> threads;
    std::atomic<int> answered = 0;
    for (uint32_t seed = 0; seed < 4; ++seed) {
        threads.emplace_back([&, seed] {
            for (uint32_t i = 0; i < 400; ++i) {
                const std::string name = "org.skill-" + std::to_string((i + seed * 3) % 7);
                auto lease = set_.lease(request(name), {});
                ASSERT_TRUE(lease);
                ASSERT_EQ(lease->module().package().skill.id, name);
                ASSERT_TRUE(lease->module().borrow_context({}));
                ++answered;
                if (i % 5 == 0) (void)set_.evict(request("org.skill-1").key);
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(answered, 1600);
    EXPECT_LE(set_.reserved_bytes(), budget);
}

TEST_F(Parking, waits_until_nobody_uses_a_module) {
    auto held = set_.lease(request("org.a"), {});
    ASSERT_TRUE(held);
    const Digest key = request("org.a").key;
    EXPECT_EQ(set_.await_idle(key, already_late()).error().code, SKL_E_DEADLINE_EXCEEDED);
    std::thread waiter([&] { EXPECT_TRUE(set_.await_idle(key, {})); });
    { const Lease ended = *std::move(held); }
    waiter.join();
    EXPECT_TRUE(set_.await_idle(sha256("unknown"), already_late()));
}

}  // namespace
}  // namespace skillet
