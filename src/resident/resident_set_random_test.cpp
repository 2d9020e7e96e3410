// SPDX-License-Identifier: Apache-2.0
// The resident set against a model of it, over random operations, and under many threads.
#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "resident/resident_set.h"
#include "testing/scripted_skills.h"

namespace skillet {
namespace {

using testing::ScriptedSkills;

std::string name_of(size_t skill) { return "org.skill-" + std::to_string(skill); }

// What the set should do, without threads: every wait ends at once, as busy.
class Expectation {
public:
    explicit Expectation(uint64_t budget) : budget_(budget) {}

    Code lease(size_t skill, uint64_t bytes, bool load_fails) {
        if (bytes > budget_) return SKL_E_BUDGET_NEVER_FITS;
        if (!slots_.contains(skill)) {
            if (sum([](const Slot &slot) { return slot.leases > 0; }) + bytes > budget_) {
                return SKL_E_BUDGET_BUSY;
            }
            while (reserved() + bytes > budget_) evict_oldest();
            if (load_fails) return ++failures, SKL_E_LOAD_FAILED;
            ++loads;
            slots_[skill].bytes = bytes;
        }
        ++slots_[skill].leases;
        slots_[skill].used_at = ++clock_;
        return SKL_OK;
    }
    void release(size_t skill) { --slots_[skill].leases; }
    bool evict(size_t skill) {
        const auto slot = slots_.find(skill);
        if (slot == slots_.end()) return true;
        if (slot->second.leases > 0) return false;
        slots_.erase(slot);
        ++evictions;
        return true;
    }
    [[nodiscard]] uint64_t reserved() const {
        return sum([](const Slot &) { return true; });
    }
    // (bytes, leases) of every resident skill.
    [[nodiscard]] std::map<std::string, std::pair<uint64_t, uint32_t>> resident() const {
        std::map<std::string, std::pair<uint64_t, uint32_t>> all;
        for (const auto &[skill, slot] : slots_) all[name_of(skill)] = {slot.bytes, slot.leases};
        return all;
    }

    uint64_t loads = 0;
    uint64_t evictions = 0;
    uint64_t failures = 0;

private:
    struct Slot {
        uint64_t bytes = 0;
        uint32_t leases = 0;
        uint64_t used_at = 0;
    };

    template <typename Wanted>
    [[nodiscard]] uint64_t sum(Wanted wanted) const {
        uint64_t bytes = 0;
        for (const auto &[skill, slot] : slots_) bytes += wanted(slot) ? slot.bytes : 0;
        return bytes;
    }
    void evict_oldest() {
        auto oldest = slots_.end();
        for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
            if (slot->second.leases > 0) continue;
            if (oldest == slots_.end() || slot->second.used_at < oldest->second.used_at) {
                oldest = slot;
            }
        }
        slots_.erase(oldest);
        ++evictions;
    }

    uint64_t budget_;
    uint64_t clock_ = 0;
    std::map<size_t, Slot> slots_;
};

// One random walk over set and expectation, compared after every step.
class Walk {
public:
    explicit Walk(uint32_t seed) : random_(seed) {
        skills_.script().on_load = [this]() -> Result<void> {
            if (!load_fails_) return {};
            return make_error(SKL_E_LOAD_FAILED, "as the script says");
        };
    }

    void step() {
        switch (random_() % 8) {
            case 0: return evict(random_() % skill_count);
            case 1:
            case 2:
            case 3:
                if (!leases_.empty()) return release(random_() % leases_.size());
                [[fallthrough]];
            default: return lease(random_() % skill_count);
        }
    }
    void compare() {
        std::map<std::string, std::pair<uint64_t, uint32_t>> resident;
        for (const ResidentStatus &status : set_.status()) {
            resident[status.id] = {status.reserved_bytes, status.leases};
        }
        ASSERT_EQ(resident, expected_.resident());
        ASSERT_EQ(set_.reserved_bytes(), expected_.reserved());
        ASSERT_EQ(skills_.script().models_alive, static_cast<int>(resident.size()));
        ASSERT_EQ(set_.counters().loads, expected_.loads);
        ASSERT_EQ(set_.counters().evictions, expected_.evictions);
        ASSERT_EQ(set_.counters().failures, expected_.failures);
    }
    // Everything must be free again: one skill can have the whole budget.
    void finish() {
        while (!leases_.empty()) release(leases_.size() - 1);
        load_fails_ = false;
        ASSERT_TRUE(set_.lease(skills_.request("org.whole", budget), {}));
        ASSERT_EQ(set_.reserved_bytes(), budget);
        ASSERT_EQ(skills_.script().models_alive, 1);
    }

private:
    static constexpr uint64_t budget = 100;
    static constexpr size_t skill_count = 9;

    // From 11 to 107 bytes, so that the last one never fits.
    static uint64_t bytes_of(size_t skill) { return 11 + 12 * skill; }

    void lease(size_t skill) {
        load_fails_ = random_() % 5 == 0;
        auto lease = set_.lease(skills_.request(name_of(skill), bytes_of(skill)),
                                {nullptr, SteadyClock::now()});
        const Code expected = expected_.lease(skill, bytes_of(skill), load_fails_);
        ASSERT_EQ(lease ? SKL_OK : lease.error().code, expected);
        if (lease) leases_.emplace_back(skill, *std::move(lease));
    }
    void release(size_t index) {
        expected_.release(leases_[index].first);
        std::vector<std::pair<size_t, Lease>> kept;  // a lease is not assignable
        for (size_t i = 0; i < leases_.size(); ++i) {
            if (i != index) kept.push_back(std::move(leases_[i]));
        }
        leases_.swap(kept);
    }
    void evict(size_t skill) {
        ASSERT_EQ(set_.evict(sha256(name_of(skill))), expected_.evict(skill));
    }

    std::mt19937 random_;
    bool load_fails_ = false;
    ScriptedSkills skills_;
    ResidentSet set_{{.budget_bytes = budget}};
    Expectation expected_{budget};
    std::vector<std::pair<size_t, Lease>> leases_;
};

TEST(ResidentSetWalk, does_what_its_model_does_over_random_operations) {
    for (const uint32_t seed : {1u, 20260131u, 0xdeadbeefu}) {
        Walk walk(seed);
        for (int i = 0; i < 5000; ++i) {
            walk.step();
            walk.compare();
            if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << i;
        }
        walk.finish();
    }
}

TEST(ResidentSetStress, keeps_its_promises_under_many_threads) {
    constexpr int thread_count = 8;
    constexpr int leases_each = 500;
    constexpr size_t skill_count = 5;
    constexpr uint64_t bytes_each = 50;
    ScriptedSkills skills;
    {
        ResidentSet set({.budget_bytes = 2 * bytes_each});
        skills.script().on_load = [&]() -> Result<void> {
            EXPECT_LE(skills.script().models_alive, 1) << "a third model beside two";
            EXPECT_LE(set.reserved_bytes(), set.budget_bytes());
            return {};
        };
        const auto lease_often = [&](uint32_t seed) {
            std::mt19937 random(seed);
            for (int i = 0; i < leases_each; ++i) {
                const std::string name = name_of(random() % skill_count);
                auto lease = set.lease(skills.request(name, bytes_each), {});
                ASSERT_TRUE(lease);
                ASSERT_EQ(lease->module().package().skill.id, name);
                auto context = lease->module().borrow_context({});
                ASSERT_TRUE(context);
                ASSERT_TRUE((**context).classify({}, {}));
            }
        };
        std::vector<std::thread> threads;
        for (uint32_t seed = 0; seed < thread_count; ++seed)
            threads.emplace_back(lease_often, seed);
        for (std::thread &thread : threads) thread.join();
        EXPECT_LE(set.status().size(), 2u);
        EXPECT_EQ(skills.script().classifications, thread_count * leases_each);
        EXPECT_EQ(static_cast<uint64_t>(skills.script().loads), set.counters().loads);
    }
    EXPECT_EQ(skills.script().models_alive, 0);
    EXPECT_EQ(skills.script().contexts_alive, 0);
}

}  // namespace
}  // namespace skillet
