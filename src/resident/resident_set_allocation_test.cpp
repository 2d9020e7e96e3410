// SPDX-License-Identifier: Apache-2.0
// Every allocation on the way in and out of memory may fail: nothing is lost by it, and nothing is
// stuck half way.
#include <string>

#include <gtest/gtest.h>

#include "resident/resident_set.h"
#include "testing/failing_allocation.h"
#include "testing/scripted_skills.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::FailingAllocation;
using testing::ScriptedSkills;

constexpr uint64_t budget = 100;
constexpr MemoryPlan plan{.weights = 20, .skeleton = 4, .context = 6};

// A set that is full of idle skills, the first of them parked.
class FullSet {
public:
    explicit FullSet(EvictionRule rule)
        : set_({.budget_bytes = budget, .rule = rule},
               Log(SKL_LOG_INFO, [this](const LogRecord &) { ++records_; })) {
        skills_.script().parks = true;
        set_.publish_on(std::move(Board::create(directory_.path(), "now")).value());
        for (const char *name : {"org.a", "org.b", "org.c", "org.d"}) {
            EXPECT_TRUE(set_.lease(skills_.request(name, plan), {}));
        }
    }

    // Asks for a skill and for two contexts of it, with so many allocations before one fails. False
    // if it needed no more than that.
    bool ask(const std::string &name, long position) {
        const LoadRequest request = skills_.request(name, plan);
        const FailingAllocation failing(position);
        try {
            auto lease = set_.lease(request, {});
            if (lease) {
                auto first = lease->module().borrow_context({});
                auto second = lease->module().borrow_context({});
            }
        } catch (const std::bad_alloc &) {
        }
        return FailingAllocation::has_failed();
    }

    void check() {
        const ResidencyReport report = set_.report();
        uint64_t charged = 0;
        for (const ResidentStatus &module : report.modules) {
            EXPECT_EQ(module.leases, 0u) << module.id;
            EXPECT_TRUE(module.rank) << module.id << " is " << name_of(module.residency);
            charged += module.reserved_bytes;
        }
        EXPECT_EQ(report.reserved_bytes, charged);
        EXPECT_LE(charged, budget);
        EXPECT_EQ(skills_.script().models_alive, static_cast<int>(report.modules.size()));
        // Everything can still leave, and every skill can still come in with both its contexts.
        auto whole = set_.lease(skills_.request("org.whole", budget), {});
        ASSERT_TRUE(whole);
        { const Lease ended = *std::move(whole); }
        auto lease = set_.lease(skills_.request("org.a", plan), {});
        ASSERT_TRUE(lease);
        auto first = lease->module().borrow_context({});
        auto second = lease->module().borrow_context({});
        EXPECT_TRUE(first && second);
        EXPECT_EQ(set_.reserved_bytes(), plan.bytes(2));
    }

private:
    testing::TempDir directory_;
    int records_ = 0;
    ScriptedSkills skills_;
    ResidentSet set_;
};

void fail_each_allocation_of(const std::string &name) {
    for (const EvictionRule rule : {EvictionRule::lru, EvictionRule::cost_aware}) {
        bool failed = true;
        for (long position = 0; failed; ++position) {
            FullSet set(rule);
            failed = set.ask(name, position);
            set.check();
            if (::testing::Test::HasFailure()) FAIL() << name << ", allocation " << position;
        }
    }
}

TEST(ResidentSetAllocation, may_fail_anywhere_while_a_skill_is_loaded) {
    fail_each_allocation_of("org.new");
}

TEST(ResidentSetAllocation, may_fail_anywhere_while_a_parked_skill_comes_back) {
    fail_each_allocation_of("org.a");
}

TEST(ResidentSetAllocation, may_fail_anywhere_while_a_resident_skill_is_asked) {
    fail_each_allocation_of("org.d");
}

}  // namespace
}  // namespace skillet
