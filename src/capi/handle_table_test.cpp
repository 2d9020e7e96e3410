// SPDX-License-Identifier: Apache-2.0
// Handles: which ones find their object, and that no other ever does.
#include "capi/handle_table.h"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace skillet {
namespace {

using Table = HandleTable<int, HandleKind::module>;

uint64_t add(Table &table, int value) { return table.add(std::make_shared<int>(value)); }

TEST(HandleTable, finds_what_was_added) {
    Table table;
    const uint64_t one = add(table, 1);
    const uint64_t two = add(table, 2);
    ASSERT_TRUE(table.find(one) && table.find(two));
    EXPECT_EQ(*table.find(one), 1);
    EXPECT_EQ(*table.find(two), 2);
}

TEST(HandleTable, never_gives_zero) {
    Table table;
    EXPECT_NE(add(table, 1), 0u);
    EXPECT_EQ(table.find(0), nullptr);
    EXPECT_EQ(table.remove(0), nullptr);
}

TEST(HandleTable, finds_nothing_behind_a_removed_handle) {
    Table table;
    const uint64_t handle = add(table, 1);
    EXPECT_EQ(*table.remove(handle), 1);
    EXPECT_EQ(table.find(handle), nullptr);
}

TEST(HandleTable, removes_once) {
    Table table;
    const uint64_t handle = add(table, 1);
    EXPECT_NE(table.remove(handle), nullptr);
    EXPECT_EQ(table.remove(handle), nullptr);
    const uint64_t next = add(table, 2);
    EXPECT_EQ(table.remove(handle), nullptr) << "closed the slot's next object";
    EXPECT_EQ(*table.find(next), 2);
}

TEST(HandleTable, finds_nothing_behind_an_invented_handle) {
    Table table;
    const uint64_t handle = add(table, 1);
    for (unsigned bit = 0; bit < 64; ++bit) {
        EXPECT_EQ(table.find(handle ^ uint64_t{1} << bit), nullptr) << bit;
    }
    EXPECT_EQ(table.find(~uint64_t{0}), nullptr);
}

TEST(HandleTable, finds_nothing_behind_a_handle_of_another_kind) {
    Table modules;
    HandleTable<int, HandleKind::result> results;
    const uint64_t module = add(modules, 1);
    const uint64_t result = results.add(std::make_shared<int>(2));
    EXPECT_NE(module, result);
    EXPECT_EQ(modules.find(result), nullptr);
    EXPECT_EQ(modules.remove(result), nullptr);
    EXPECT_EQ(results.find(module), nullptr);
}

TEST(HandleTable, gives_a_slot_again_under_another_handle) {
    Table table;
    std::set<uint64_t> seen;
    for (int i = 0; i < 10'000; ++i) {
        const uint64_t handle = add(table, i);
        EXPECT_TRUE(seen.insert(handle).second) << "a handle came back";
        EXPECT_EQ(static_cast<uint32_t>(handle), 0u) << "the free slot was not used again";
        table.remove(handle);
    }
}

TEST(HandleTable, retires_a_slot_whose_generations_are_used_up) {
    constexpr uint32_t generations = 4;
    HandleTable<int, HandleKind::module, generations> table;
    std::set<uint64_t> seen;
    for (uint32_t i = 0; i < 3 * generations; ++i) {
        const uint64_t handle = table.add(std::make_shared<int>(0));
        EXPECT_TRUE(seen.insert(handle).second) << "a handle came back";
        EXPECT_EQ(static_cast<uint32_t>(handle), i / generations) << "the slot";
        table.remove(handle);
    }
    for (const uint64_t handle : seen) EXPECT_EQ(table.find(handle), nullptr);
}

TEST(HandleTable, keeps_an_object_alive_for_those_who_found_it) {
    Table table;
    const uint64_t handle = add(table, 7);
    const std::shared_ptr<int> found = table.find(handle);
    table.remove(handle);
    EXPECT_EQ(*found, 7);
}

TEST(HandleTable, destroys_an_object_outside_its_lock) {
    struct Nested {
        HandleTable<Nested, HandleKind::module> *table = nullptr;
        ~Nested() { (void)table->find(1); }  // would wait for ever for the lock
    };
    HandleTable<Nested, HandleKind::module> table;
    const uint64_t handle = table.add(std::make_shared<Nested>());
    table.find(handle)->table = &table;
    table.remove(handle);
    EXPECT_EQ(table.find(handle), nullptr);
}

TEST(HandleTable, serves_many_threads) {
    Table table;
    const uint64_t shared = add(table, -1);
    const auto work = [&](int thread) {
        std::vector<uint64_t> mine;
        for (int i = 0; i < 2000; ++i) {
            mine.push_back(add(table, thread));
            const std::shared_ptr<int> found = table.find(mine[mine.size() / 2]);
            ASSERT_TRUE(found);
            EXPECT_EQ(*found, thread) << "found another thread's object";
            EXPECT_EQ(*table.find(shared), -1);
            if (i % 3 != 0) continue;
            EXPECT_EQ(*table.remove(mine.back()), thread);
            EXPECT_EQ(table.find(mine.back()), nullptr);
            mine.pop_back();
        }
        for (const uint64_t handle : mine) EXPECT_EQ(*table.remove(handle), thread);
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back(work, i);
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(*table.remove(shared), -1);
}

TEST(HandleTable, lets_one_of_many_remove_a_handle) {
    for (int round = 0; round < 200; ++round) {
        Table table;
        const uint64_t handle = add(table, 1);
        std::atomic<int> removed = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] { removed += table.remove(handle) != nullptr; });
        }
        for (std::thread &thread : threads) thread.join();
        EXPECT_EQ(removed, 1);
    }
}

}  // namespace
}  // namespace skillet
