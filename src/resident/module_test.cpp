// SPDX-License-Identifier: Apache-2.0
// The pool of contexts of one module.
#include "resident/module.h"

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "testing/scripted_engine.h"
#include "testing/scripted_package.h"

namespace skillet {
namespace {

using testing::Script;

class ModulePool : public ::testing::Test {
protected:
    Module &module(uint32_t contexts_max) {
        module_ = std::make_unique<Module>(
            testing::scripted_package(), std::make_unique<testing::ScriptedModel>(script_, nullptr),
            contexts_max);
        return *module_;
    }

    std::shared_ptr<Script> script_ = std::make_shared<Script>();
    std::unique_ptr<Module> module_;
};

StopSignal already_late() { return {nullptr, SteadyClock::now()}; }

TEST_F(ModulePool, makes_no_context_before_one_is_needed) {
    module(4);
    EXPECT_EQ(script_->contexts_alive, 0);
}

TEST_F(ModulePool, lends_a_returned_context_again) {
    Module &pool = module(4);
    const EngineContext *first = nullptr;
    {
        auto loan = pool.borrow_context({});
        ASSERT_TRUE(loan);
        first = &**loan;
    }
    auto loan = pool.borrow_context({});
    ASSERT_TRUE(loan);
    EXPECT_EQ(&**loan, first);
    EXPECT_EQ(script_->contexts_alive, 1);
}

TEST_F(ModulePool, makes_another_context_while_the_first_is_lent) {
    Module &pool = module(2);
    auto first = pool.borrow_context({});
    auto second = pool.borrow_context({});
    ASSERT_TRUE(first && second);
    EXPECT_NE(&**first, &**second);
    EXPECT_EQ(script_->contexts_alive, 2);
}

TEST_F(ModulePool, refuses_to_grow_past_its_bound_when_the_deadline_passes) {
    Module &pool = module(1);
    auto only = pool.borrow_context({});
    ASSERT_TRUE(only);
    auto refused = pool.borrow_context(already_late());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_DEADLINE_EXCEEDED);
    EXPECT_EQ(script_->contexts_alive, 1);
}

TEST_F(ModulePool, stops_waiting_when_the_caller_cancels) {
    Module &pool = module(1);
    auto only = pool.borrow_context({});
    ASSERT_TRUE(only);
    const auto flag = std::make_shared<CancelFlag>();
    Code code = SKL_OK;
    std::thread waiter([&] { code = pool.borrow_context({flag, {}}).error().code; });
    flag->cancel();
    waiter.join();
    EXPECT_EQ(code, SKL_E_CANCELLED);
}

TEST_F(ModulePool, hands_a_returned_context_to_who_waits) {
    Module &pool = module(1);
    std::atomic<bool> returned = false;
    std::thread waiter;
    {
        auto only = pool.borrow_context({});
        ASSERT_TRUE(only);
        waiter = std::thread([&] {
            auto loan = pool.borrow_context({});
            EXPECT_TRUE(loan);
            EXPECT_TRUE(returned) << "lent while somebody else had it";
        });
        returned = true;
    }
    waiter.join();
    EXPECT_EQ(script_->contexts_alive, 1);
}

TEST_F(ModulePool, forgets_a_context_that_could_not_be_made) {
    int calls = 0;
    script_->on_create_context = [&calls]() -> Result<void> {
        if (++calls > 1) return {};
        return make_error(SKL_E_OUT_OF_MEMORY, "no memory for the context");
    };
    Module &pool = module(1);
    auto failed = pool.borrow_context({});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, SKL_E_OUT_OF_MEMORY);
    EXPECT_TRUE(pool.borrow_context(already_late())) << "the bound still counts the failure";
}

TEST_F(ModulePool, destroys_its_contexts_with_itself) {
    Module &pool = module(3);
    {
        auto first = pool.borrow_context({});
        auto second = pool.borrow_context({});
        ASSERT_TRUE(first && second);
    }
    module_.reset();
    EXPECT_EQ(script_->contexts_alive, 0);
    EXPECT_EQ(script_->models_alive, 0);
}

TEST_F(ModulePool, never_lends_a_context_twice) {
    constexpr uint32_t contexts_max = 3;
    Module &pool = module(contexts_max);
    std::mutex mutex;
    std::set<const EngineContext *> lent;  // guarded by mutex
    size_t most = 0;                       // guarded by mutex
    const auto borrow_often = [&] {
        for (int i = 0; i < 300; ++i) {
            auto loan = pool.borrow_context({});
            ASSERT_TRUE(loan);
            {
                const std::lock_guard lock(mutex);
                EXPECT_TRUE(lent.insert(&**loan).second) << "lent twice";
                most = std::max(most, lent.size());
            }
            EXPECT_TRUE((**loan).classify({}, {}));
            const std::lock_guard lock(mutex);
            lent.erase(&**loan);
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back(borrow_often);
    for (std::thread &thread : threads) thread.join();
    EXPECT_LE(most, contexts_max);
    EXPECT_LE(script_->contexts_alive, static_cast<int>(contexts_max));
}

}  // namespace
}  // namespace skillet
