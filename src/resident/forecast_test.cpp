// SPDX-License-Identifier: Apache-2.0
// What loads teach the prediction of the next one, and how the heap is measured.
#include "resident/forecast.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "resident/heap_meter.h"

namespace skillet {
namespace {

constexpr MemoryPlan estimate{.weights = 1000, .skeleton = 100, .context = 50};

TEST(Forecast, is_the_estimate_until_something_was_measured) {
    const Forecast forecast;
    EXPECT_EQ(forecast.plan("bert", estimate).bytes(), estimate.bytes());
}

TEST(Forecast, scales_each_component_by_what_it_turned_out_to_be) {
    Forecast forecast;
    forecast.learn("bert", estimate, {.skeleton = 200, .context = 25});
    const MemoryPlan twice{.weights = 10, .skeleton = 1000, .context = 1000};
    const MemoryPlan plan = forecast.plan("bert", twice);
    EXPECT_EQ(plan.weights, 10u);
    EXPECT_EQ(plan.skeleton, 2000u);
    EXPECT_EQ(plan.context, 500u);
    EXPECT_EQ(forecast.plan("llama", twice).skeleton, 1000u) << "another architecture";
}

TEST(Forecast, follows_what_it_measures_again_and_again) {
    Forecast forecast;
    forecast.learn("bert", estimate, {.skeleton = 100, .context = {}});
    for (int i = 0; i < 30; ++i) forecast.learn("bert", estimate, {.skeleton = 300, .context = {}});
    EXPECT_NEAR(static_cast<double>(forecast.plan("bert", estimate).skeleton), 300, 3);
}

TEST(Forecast, does_not_believe_other_peoples_allocations) {
    Forecast forecast;
    forecast.learn("bert", estimate, {.skeleton = 100'000, .context = 1});
    EXPECT_EQ(forecast.plan("bert", estimate).bytes(), estimate.bytes());
}

TEST(MemoryPlan, saturates_where_its_sum_has_no_number) {
    const MemoryPlan vast{.weights = UINT64_MAX, .skeleton = 1, .context = 1};
    EXPECT_EQ(vast.bytes(), UINT64_MAX);
    const MemoryPlan many{.weights = 0, .skeleton = 0, .context = UINT64_MAX / 2};
    EXPECT_EQ(many.bytes(3), UINT64_MAX);
}

TEST(HeapMeter, measures_what_stays_allocated_or_says_nothing) {
    HeapMeter meter;
    std::optional<uint64_t> bytes;
    constexpr size_t size = 5u << 20;
    const auto kept = meter.measure(bytes, [] { return std::vector<char>(size); });
    ASSERT_EQ(kept.size(), size);
    if (!bytes) return;  // an allocator that keeps no count
    EXPECT_GE(*bytes, size);
    EXPECT_LE(*bytes, size + size / 50);
}

TEST(HeapMeter, says_nothing_when_another_thread_was_busy) {
    HeapMeter meter;
    std::optional<uint64_t> bytes = 1;
    (void)meter.measure(bytes, [&] {
        std::thread([&] { const HeapMeter::Busy busy(meter); }).join();
        return std::vector<char>(1u << 20);
    });
    EXPECT_FALSE(bytes);
    const HeapMeter::Busy outer(meter);
    std::thread([&] {
        (void)meter.measure(bytes, [] { return std::vector<char>(1u << 20); });
        EXPECT_FALSE(bytes) << "the other one was busy before";
    }).join();
}

}  // namespace
}  // namespace skillet
