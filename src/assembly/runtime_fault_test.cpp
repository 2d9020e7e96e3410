// SPDX-License-Identifier: Apache-2.0
// What fails while skills are loaded and asked: every other one goes on serving, and a skill that
// fails again and again is taken out of service with what it said.
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "assembly/runtime.h"
#include "testing/installed_root.h"
#include "testing/scripted_runtime.h"

namespace skillet {
namespace {

constexpr const char *input = R"({"text":"a b"})";

Error fault() { return make_error(SKL_E_ENGINE_FAULT, "as the script says"); }

class RuntimeFaults : public ::testing::Test, protected testing::OpenRuntime {};

TEST_F(RuntimeFaults, quarantines_a_skill_that_faults_three_times_in_a_row) {
    const PackageRow bad = install(pack("1.0.0"));
    install(pack("1.0.0", "org.other"));
    const auto skill = open_skill("org.a.b");
    const auto other = open_skill("org.other");
    ASSERT_EQ(ask(*other), SKL_OK);
    script_->classify = [](auto) -> Result<std::vector<float>> { return fault(); };
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(row_of(bad).state, State::verified) << i;
        EXPECT_EQ(ask(*skill), SKL_E_ENGINE_FAULT);
    }
    EXPECT_EQ(row_of(bad).state, State::quarantined);
    EXPECT_NE(row_of(bad).state_reason.find("3 times in a row: as the script says"),
              std::string::npos)
        << row_of(bad).state_reason;
    EXPECT_EQ(ask(*skill), SKL_E_QUARANTINED);
    script_->classify = [](auto) -> Result<std::vector<float>> { return std::vector<float>{0, 1}; };
    EXPECT_EQ(ask(*other), SKL_OK);
}

TEST_F(RuntimeFaults, forgives_faults_with_an_answer_in_between) {
    const PackageRow row = install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    int asked = 0;
    script_->classify = [&asked](auto) -> Result<std::vector<float>> {
        if (asked++ % 3 != 2) return fault();
        return std::vector<float>{0, 1};
    };
    for (int i = 0; i < 12; ++i) (void)ask(*skill);
    EXPECT_EQ(row_of(row).state, State::verified);
}

TEST_F(RuntimeFaults, blames_no_skill_for_errors_of_its_callers) {
    const PackageRow row = install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(skill->invoke("{", {}).error().code, SKL_E_INPUT_SYNTAX);
        EXPECT_EQ(skill->invoke(input, {nullptr, SteadyClock::now()}).error().code,
                  SKL_E_DEADLINE_EXCEEDED);
    }
    EXPECT_EQ(row_of(row).state, State::verified);
}

// A failed load of a new version leaves the one before serving.
TEST_F(RuntimeFaults, serves_the_version_before_one_that_the_engine_refuses) {
    const PackageRow good = install(pack("1.0.0"));
    const auto before = open_skill("org.a.b");
    ASSERT_EQ(ask(*before), SKL_OK);
    const PackageRow bad = install(pack("2.0.0"));
    const auto after = open_skill("org.a.b");
    script_->on_load = []() -> Result<void> {
        return make_error(SKL_E_LOAD_FAILED, "the engine refused the model");
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ask(*after), SKL_E_LOAD_FAILED);
        EXPECT_EQ(ask(*before), SKL_OK) << "it is in memory, and needs no load";
    }
    EXPECT_EQ(row_of(bad).state, State::quarantined);
    EXPECT_EQ(open_skill("org.a.b")->package().descriptor.digest, good.digest);
}

TEST_F(RuntimeFaults, keeps_its_count_of_memory_when_an_engine_throws) {
    install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    script_->on_load = []() -> Result<void> { throw std::bad_alloc(); };
    EXPECT_THROW((void)skill->invoke(input, {}), std::bad_alloc);
    EXPECT_EQ(runtime_->resident().reserved_bytes(), 0u);
    script_->on_load = [] { return Result<void>(); };
    script_->on_create_context = []() -> Result<void> { throw std::bad_alloc(); };
    EXPECT_THROW((void)skill->invoke(input, {}), std::bad_alloc);
    EXPECT_EQ(runtime_->resident().reserved_bytes(), 0u);
    script_->on_create_context = [] { return Result<void>(); };
    EXPECT_EQ(ask(*skill), SKL_OK);
    EXPECT_EQ(runtime_->turns().waiting(), 0u);
}

TEST_F(RuntimeFaults, serves_other_skills_when_the_file_of_one_vanishes_before_its_load) {
    const PackageRow gone = install(pack("1.0.0"));
    install(pack("1.0.0", "org.other"));
    const auto skill = open_skill("org.a.b");
    const auto other = open_skill("org.other");
    // Both have the same model, so it is loaded for the other one first.
    ASSERT_EQ(ask(*other), SKL_OK);
    std::filesystem::remove(root().store().blob_path(skill->package().artifact.digest));
    EXPECT_NE(ask(*skill), SKL_OK);
    EXPECT_NE(row_of(gone).state, State::retired);
    EXPECT_EQ(runtime_->resident().report().modules.size(), 1u);
}

TEST_F(RuntimeFaults, shows_others_what_it_has_in_memory) {
    install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    ASSERT_EQ(ask(*skill), SKL_OK);
    const auto boards = read_boards(runtime_->boards_directory());
    ASSERT_TRUE(boards);
    ASSERT_EQ(boards->size(), 1u);
    ASSERT_EQ(boards->front().report.modules.size(), 1u);
    EXPECT_EQ(boards->front().report.modules[0].id, "org.a.b");
    EXPECT_EQ(boards->front().report.modules[0].residency, Residency::resident);
}

TEST_F(RuntimeFaults, computes_few_requests_at_once_and_fewer_of_one_skill) {
    const uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
    install(pack("1.0.0"));
    install(pack("1.0.0", "org.other"));
    const auto first = open_skill("org.a.b");
    const auto second = open_skill("org.other");
    std::atomic<uint32_t> computing = 0;
    std::atomic<uint32_t> most = 0;
    script_->classify = [&](auto) -> Result<std::vector<float>> {
        const uint32_t now = ++computing;
        uint32_t before = most;
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        for (int i = 0; i < 100; ++i) std::this_thread::yield();
        --computing;
        return std::vector<float>{0, 1};
    };
    const auto most_at_once = [&](const std::vector<SkillHandle *> &skills) {
        most = 0;
        std::vector<std::thread> threads;
        for (size_t i = 0; i < 4 * cores; ++i) {
            threads.emplace_back([&, skill = skills[i % skills.size()]] {
                for (int k = 0; k < 50; ++k) EXPECT_EQ(ask(*skill), SKL_OK);
            });
        }
        for (std::thread &thread : threads) thread.join();
        return most.load();
    };
    EXPECT_LE(most_at_once({first.get(), second.get()}), 3 * cores);
    EXPECT_LE(most_at_once({first.get()}), cores + 1);
}

}  // namespace
}  // namespace skillet
