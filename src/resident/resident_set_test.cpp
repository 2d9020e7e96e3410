// SPDX-License-Identifier: Apache-2.0
// What the resident set admits, shares, evicts and refuses.
#include "resident/resident_set.h"

#include <limits>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "testing/scripted_skills.h"

namespace skillet {
namespace {

using testing::Gate;
using testing::ScriptedSkills;

constexpr uint64_t budget = 100;

StopSignal already_late() { return {nullptr, SteadyClock::now()}; }

class ResidentSetTest : public ::testing::Test {
protected:
    // Leases a skill and gives it back at once.
    void touch(const std::string &name, uint64_t bytes) {
        ASSERT_TRUE(set_.lease(skills_.request(name, bytes), already_late())) << name;
    }
    [[nodiscard]] std::vector<std::string> resident() const {
        std::vector<std::string> ids;
        for (const ResidentStatus &status : set_.status()) {
            if (!status.id.empty()) ids.push_back(status.id);
        }
        std::sort(ids.begin(), ids.end());
        return ids;
    }
    [[nodiscard]] Code refusal(const std::string &name, uint64_t bytes, StopSignal stop) {
        const auto refused = set_.lease(skills_.request(name, bytes), stop);
        return refused ? SKL_OK : refused.error().code;
    }

    ScriptedSkills skills_;
    ResidentSet set_{{.budget_bytes = budget}};
};

using Names = std::vector<std::string>;

TEST_F(ResidentSetTest, keeps_several_skills_at_once) {
    auto a = set_.lease(skills_.request("org.a", 30), {});
    auto b = set_.lease(skills_.request("org.b", 30), {});
    auto c = set_.lease(skills_.request("org.c", 40), {});
    ASSERT_TRUE(a && b && c);
    EXPECT_EQ(a->module().package().skill.id, "org.a");
    EXPECT_EQ(c->module().package().skill.id, "org.c");
    EXPECT_EQ(resident(), (Names{"org.a", "org.b", "org.c"}));
    EXPECT_EQ(set_.reserved_bytes(), budget);
}

TEST_F(ResidentSetTest, shares_one_module_among_its_leases) {
    auto first = set_.lease(skills_.request("org.a", 60), {});
    auto second = set_.lease(skills_.request("org.a", 60), {});
    ASSERT_TRUE(first && second);
    EXPECT_EQ(&first->module(), &second->module());
    EXPECT_EQ(skills_.script().loads, 1);
    EXPECT_EQ(set_.reserved_bytes(), 60u);
    ASSERT_EQ(set_.status().size(), 1u);
    EXPECT_EQ(set_.status()[0].leases, 2u);
}

TEST_F(ResidentSetTest, stays_resident_after_the_last_lease) {
    touch("org.a", 60);
    EXPECT_EQ(set_.status().at(0).leases, 0u);
    touch("org.a", 60);
    EXPECT_EQ(skills_.script().loads, 1);
}

TEST_F(ResidentSetTest, moves_a_lease_without_counting_it_twice) {
    auto lease = set_.lease(skills_.request("org.a", 60), {});
    ASSERT_TRUE(lease);
    {
        const Lease moved = *std::move(lease);
        EXPECT_EQ(set_.status().at(0).leases, 1u);
    }
    EXPECT_EQ(set_.status().at(0).leases, 0u);
}

TEST_F(ResidentSetTest, evicts_the_skill_that_was_used_least_recently) {
    touch("org.a", 40);
    touch("org.b", 40);
    touch("org.a", 40);
    touch("org.c", 40);
    EXPECT_EQ(resident(), (Names{"org.a", "org.c"}));
    EXPECT_EQ(set_.counters().evictions, 1u);
}

TEST_F(ResidentSetTest, evicts_as_many_as_it_needs_and_no_more) {
    touch("org.a", 30);
    touch("org.b", 30);
    touch("org.c", 30);
    touch("org.d", 60);
    EXPECT_EQ(resident(), (Names{"org.c", "org.d"}));
    EXPECT_EQ(set_.reserved_bytes(), 90u);
}

TEST_F(ResidentSetTest, evicts_only_unleased_skills) {
    auto a = set_.lease(skills_.request("org.a", 40), {});
    ASSERT_TRUE(a);
    touch("org.b", 40);
    touch("org.c", 40);
    EXPECT_EQ(resident(), (Names{"org.a", "org.c"}));
}

TEST_F(ResidentSetTest, evicts_nothing_in_vain) {
    auto a = set_.lease(skills_.request("org.a", 40), {});
    ASSERT_TRUE(a);
    touch("org.b", 40);
    EXPECT_EQ(refusal("org.c", 80, already_late()), SKL_E_BUDGET_BUSY);
    EXPECT_EQ(resident(), (Names{"org.a", "org.b"}));
}

TEST_F(ResidentSetTest, evicts_on_request_unless_leased) {
    const LoadRequest request = skills_.request("org.a", 60);
    {
        auto lease = set_.lease(request, {});
        ASSERT_TRUE(lease);
        EXPECT_FALSE(set_.evict(request.key));
    }
    EXPECT_TRUE(set_.evict(request.key));
    EXPECT_TRUE(set_.evict(request.key)) << "what is gone is gone";
    EXPECT_EQ(set_.reserved_bytes(), 0u);
    EXPECT_EQ(skills_.script().models_alive, 0);
    EXPECT_EQ(set_.counters().evictions, 1u);
}

TEST_F(ResidentSetTest, refuses_at_once_what_can_never_fit) {
    const auto refused = set_.lease(skills_.request("org.a", budget + 1), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_BUDGET_NEVER_FITS);
    EXPECT_EQ(refused.error().required_bytes, budget + 1);
    EXPECT_EQ(refused.error().available_bytes, budget);
    EXPECT_NE(refused.error().message.find("101 bytes"), std::string::npos);
    EXPECT_NE(refused.error().message.find("100 bytes"), std::string::npos);
    EXPECT_EQ(skills_.script().loads, 0);
}

TEST_F(ResidentSetTest, says_what_is_in_use_when_it_is_busy) {
    auto a = set_.lease(skills_.request("org.a", 70), {});
    ASSERT_TRUE(a);
    touch("org.b", 10);
    const auto refused = set_.lease(skills_.request("org.c", 40), already_late());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_BUDGET_BUSY);
    EXPECT_EQ(refused.error().required_bytes, 40u);
    EXPECT_EQ(refused.error().available_bytes, 30u);
    EXPECT_NE(refused.error().message.find("70 of 100"), std::string::npos)
        << refused.error().message;
}

TEST_F(ResidentSetTest, does_not_overflow_a_boundless_budget) {
    constexpr uint64_t boundless = std::numeric_limits<uint64_t>::max();
    ResidentSet set({.budget_bytes = boundless});
    auto a = set.lease(skills_.request("org.a", boundless - 1), {});
    ASSERT_TRUE(a);
    const auto refused = set.lease(skills_.request("org.b", boundless - 1), already_late());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_BUDGET_BUSY);
}

TEST_F(ResidentSetTest, waits_until_a_lease_ends) {
    std::atomic<bool> released = false;
    LoadRequest request = skills_.request("org.b", 80);
    request.load = [&released, load = request.load] {
        EXPECT_TRUE(released) << "loaded while the budget was in use";
        return load();
    };
    std::thread waiter;
    {
        auto a = set_.lease(skills_.request("org.a", 80), {});
        ASSERT_TRUE(a);
        waiter = std::thread([&] { EXPECT_TRUE(set_.lease(request, {})); });
        released = true;
    }
    waiter.join();
    EXPECT_EQ(resident(), Names{"org.b"});
}

TEST_F(ResidentSetTest, stops_waiting_when_the_caller_cancels) {
    auto a = set_.lease(skills_.request("org.a", 80), {});
    ASSERT_TRUE(a);
    const auto flag = std::make_shared<CancelFlag>();
    Code code = SKL_OK;
    std::thread waiter([&] { code = refusal("org.b", 80, {flag, {}}); });
    flag->cancel();
    waiter.join();
    EXPECT_EQ(code, SKL_E_CANCELLED);
    EXPECT_EQ(set_.reserved_bytes(), 80u);
}

TEST_F(ResidentSetTest, stops_waiting_at_the_deadline) {
    auto a = set_.lease(skills_.request("org.a", 80), {});
    ASSERT_TRUE(a);
    const auto deadline = SteadyClock::now() + std::chrono::milliseconds(20);
    EXPECT_EQ(refusal("org.b", 80, {nullptr, deadline}), SKL_E_BUDGET_BUSY);
    EXPECT_GE(SteadyClock::now(), deadline);
}

TEST_F(ResidentSetTest, loads_once_however_many_ask) {
    constexpr int callers = 8;
    Gate gate;
    skills_.script().on_load = [&gate] {
        gate.pass({});
        return Result<void>();
    };
    std::atomic<const Module *> seen = nullptr;
    std::vector<std::thread> threads;
    for (int i = 0; i < callers; ++i) {
        threads.emplace_back([&] {
            auto lease = set_.lease(skills_.request("org.a", 80), {});
            ASSERT_TRUE(lease);
            const Module *others = seen.exchange(&lease->module());
            EXPECT_TRUE(others == nullptr || others == &lease->module());
        });
    }
    gate.await_arrivals(1);
    gate.open();
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(skills_.script().loads, 1);
    EXPECT_EQ(set_.counters().loads, 1u);
}

TEST_F(ResidentSetTest, charges_a_load_before_it_begins) {
    Gate gate;
    skills_.script().on_load = [&gate] {
        gate.pass({});
        return Result<void>();
    };
    std::thread loader([&] { touch("org.a", 80); });
    gate.await_arrivals(1);
    EXPECT_EQ(set_.reserved_bytes(), 80u);
    EXPECT_EQ(resident(), Names{}) << "visible before it was loaded";
    EXPECT_FALSE(set_.evict(skills_.request("org.a", 80).key)) << "evicted on its way in";
    EXPECT_EQ(refusal("org.b", 80, already_late()), SKL_E_BUDGET_BUSY);
    EXPECT_EQ(refusal("org.a", 80, already_late()), SKL_E_DEADLINE_EXCEEDED);
    gate.open();
    loader.join();
}

TEST_F(ResidentSetTest, tells_one_caller_of_a_failed_load_and_lets_the_next_try_again) {
    constexpr int callers = 8;
    Gate gate;
    std::atomic<int> attempts = 0;
    skills_.script().on_load = [&]() -> Result<void> {
        gate.pass({});
        if (attempts++ == 0) return make_error(SKL_E_LOAD_FAILED, "as the script says");
        return {};
    };
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < callers; ++i) {
        threads.emplace_back([&] {
            const Code code = refusal("org.a", 80, {});
            EXPECT_TRUE(code == SKL_OK || code == SKL_E_LOAD_FAILED) << code;
            if (code != SKL_OK) ++failures;
        });
    }
    gate.await_arrivals(1);
    gate.open();
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(failures, 1);
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(set_.counters().failures, 1u);
    EXPECT_EQ(set_.counters().loads, 1u);
}

TEST_F(ResidentSetTest, leaves_no_reservation_after_a_failed_load) {
    skills_.script().on_load = []() -> Result<void> {
        return make_error(SKL_E_LOAD_FAILED, "as the script says");
    };
    EXPECT_EQ(refusal("org.a", 80, {}), SKL_E_LOAD_FAILED);
    EXPECT_EQ(set_.reserved_bytes(), 0u);
    EXPECT_TRUE(set_.status().empty());
    skills_.script().on_load = [] { return Result<void>(); };
    touch("org.a", 80);
}

TEST_F(ResidentSetTest, leaves_no_reservation_when_a_load_throws) {
    LoadRequest request = skills_.request("org.a", 80);
    const auto load = std::exchange(
        request.load, [](auto...) -> Result<std::unique_ptr<Module>> { throw std::bad_alloc(); });
    EXPECT_THROW((void)set_.lease(request, {}), std::bad_alloc);
    EXPECT_EQ(set_.reserved_bytes(), 0u);
    EXPECT_EQ(set_.counters().failures, 1u);
    request.load = load;
    EXPECT_TRUE(set_.lease(request, already_late())) << "the slot still waits for its load";
}

TEST_F(ResidentSetTest, wakes_who_waits_for_room_when_a_load_fails) {
    Gate gate;
    LoadRequest failing = skills_.request("org.a", 80);
    failing.load = [&gate]() -> Result<std::unique_ptr<Module>> {
        gate.pass({});
        return make_error(SKL_E_LOAD_FAILED, "as the script says");
    };
    std::thread loader([&] { EXPECT_FALSE(set_.lease(failing, {})); });
    gate.await_arrivals(1);
    std::thread waiter([&] { EXPECT_EQ(refusal("org.b", 80, {}), SKL_OK); });
    gate.open();
    loader.join();
    waiter.join();
}

TEST_F(ResidentSetTest, frees_everything_with_itself) {
    {
        ResidentSet set({.budget_bytes = budget});
        for (const char *name : {"org.a", "org.b", "org.c"}) {
            auto lease = set.lease(skills_.request(name, 30), {});
            ASSERT_TRUE(lease);
            ASSERT_TRUE(lease->module().borrow_context({}));
        }
        EXPECT_EQ(skills_.script().models_alive, 3);
        EXPECT_EQ(skills_.script().contexts_alive, 3);
    }
    EXPECT_EQ(skills_.script().models_alive, 0);
    EXPECT_EQ(skills_.script().contexts_alive, 0);
}

}  // namespace
}  // namespace skillet
