// SPDX-License-Identifier: Apache-2.0
#include "resident/eviction.h"

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace skillet {
namespace {

constexpr uint64_t mib = 1 << 20;

Digest key_of(size_t module) {
    Digest::Bytes bytes{};
    for (size_t i = 0; i < sizeof module; ++i) bytes[i] = static_cast<uint8_t>(module >> (8 * i));
    return Digest(bytes);
}

// Uses and loads modules by number.
class Policy {
public:
    explicit Policy(EvictionRule rule) : policy_(make_eviction_policy(rule)) {}

    void use(size_t module) { policy_->note_use(key_of(module)); }
    void use(std::initializer_list<size_t> modules) {
        for (const size_t module : modules) use(module);
    }
    void loaded(size_t module, double reload_ms = 10, uint64_t bytes = mib) {
        policy_->note_cost(key_of(module), {bytes, reload_ms});
    }
    void evicted(size_t module) { policy_->note_eviction(key_of(module)); }
    [[nodiscard]] Worth worth(size_t module) const { return policy_->worth(key_of(module)); }
    [[nodiscard]] bool goes_before(size_t one, size_t other) const {
        return skillet::goes_before(worth(one), worth(other));
    }

private:
    std::unique_ptr<EvictionPolicy> policy_;
};

// How often a set with room for `room` modules of equal cost loads, to serve `requests`.
size_t loads_of(EvictionRule rule, size_t room, const std::vector<size_t> &requests) {
    Policy policy(rule);
    std::set<size_t> resident;
    size_t loads = 0;
    for (const size_t module : requests) {
        policy.use(module);
        if (resident.contains(module)) continue;
        if (resident.size() == room) {
            const size_t victim = *std::min_element(
                resident.begin(), resident.end(),
                [&](size_t one, size_t other) { return policy.goes_before(one, other); });
            resident.erase(victim);
            policy.evicted(victim);
        }
        resident.insert(module);
        policy.loaded(module);
        ++loads;
    }
    return loads;
}

constexpr size_t modules = 64;

// Zipf 1.0 over the modules; `most_wanted` says which of them has rank 0 at a request.
std::vector<size_t> zipf(size_t requests, const std::function<size_t(size_t)> &most_wanted) {
    std::vector<double> weights;
    for (size_t rank = 0; rank < modules; ++rank) {
        weights.push_back(1.0 / static_cast<double>(rank + 1));
    }
    std::mt19937_64 random(7);
    std::discrete_distribution<size_t> rank(weights.begin(), weights.end());
    std::vector<size_t> trace;
    for (size_t i = 0; i < requests; ++i) {
        trace.push_back((rank(random) + most_wanted(i)) % modules);
    }
    return trace;
}

TEST(EvictionRules, are_parsed_by_their_names_and_no_others) {
    for (const auto rule : {EvictionRule::lru, EvictionRule::lfu, EvictionRule::cost_aware}) {
        EXPECT_EQ(parse_eviction_rule(name_of(rule)), rule);
    }
    EXPECT_FALSE(parse_eviction_rule("").has_value());
    EXPECT_FALSE(parse_eviction_rule("LRU").has_value());
}

TEST(Eviction, lru_lets_go_what_was_used_longest_ago) {
    Policy policy(EvictionRule::lru);
    policy.use({1, 1, 1, 2, 3});
    EXPECT_TRUE(policy.goes_before(1, 2));
    EXPECT_TRUE(policy.goes_before(2, 3));
    EXPECT_FALSE(policy.goes_before(3, 1));
    EXPECT_EQ(policy.worth(1).idle_for, 2);
}

TEST(Eviction, lfu_lets_go_what_was_used_least_often_and_of_those_the_idlest) {
    Policy policy(EvictionRule::lfu);
    policy.use({1, 1, 2, 3});
    EXPECT_TRUE(policy.goes_before(2, 3));
    EXPECT_TRUE(policy.goes_before(3, 1));
}

TEST(Eviction, a_module_that_nobody_wanted_is_worth_nothing) {
    for (const auto rule : {EvictionRule::lru, EvictionRule::lfu, EvictionRule::cost_aware}) {
        Policy policy(rule);
        EXPECT_EQ(policy.worth(1).value, 0);
        policy.use({1, 2});
        policy.loaded(3);
        EXPECT_TRUE(policy.goes_before(3, 1));
    }
}

TEST(CostAwareEviction, keeps_what_takes_longer_to_load) {
    Policy policy(EvictionRule::cost_aware);
    policy.use({1, 2, 1, 2});
    policy.loaded(1, 80);
    policy.loaded(2, 10);
    EXPECT_TRUE(policy.goes_before(2, 1));
}

TEST(CostAwareEviction, keeps_what_needs_fewer_bytes) {
    Policy policy(EvictionRule::cost_aware);
    policy.use({1, 2, 1, 2});
    policy.loaded(1, 10, mib);
    policy.loaded(2, 10, 16 * mib);
    EXPECT_TRUE(policy.goes_before(2, 1));
}

TEST(CostAwareEviction, says_how_many_milliseconds_each_mebibyte_saves) {
    Policy policy(EvictionRule::cost_aware);
    policy.use({1, 2, 1, 3});
    policy.loaded(1, 30, 4 * mib);
    const Worth worth = policy.worth(1);
    EXPECT_GT(worth.chance, 0.3);
    EXPECT_LT(worth.chance, 0.7);
    EXPECT_DOUBLE_EQ(worth.value, worth.chance * 30 / 4);
    EXPECT_EQ(worth.uses, 2);
    EXPECT_EQ(worth.idle_for, 1);
    EXPECT_EQ(worth.cost.bytes, 4 * mib);
}

TEST(CostAwareEviction, chances_of_all_modules_add_up_to_one) {
    Policy policy(EvictionRule::cost_aware);
    for (const size_t module : zipf(500, [](size_t) { return 0; })) policy.use(module);
    double sum = 0;
    for (size_t module = 0; module < modules; ++module) sum += policy.worth(module).chance;
    EXPECT_NEAR(sum, 1, 1e-9);
}

TEST(CostAwareEviction, without_costs_the_idlest_goes_first) {
    Policy policy(EvictionRule::cost_aware);
    policy.use({2, 1, 2, 1, 3});
    EXPECT_TRUE(policy.goes_before(2, 1));
    EXPECT_TRUE(policy.goes_before(1, 3));
}

TEST(CostAwareEviction, one_request_after_another_for_the_same_counts_once) {
    Policy once(EvictionRule::cost_aware);
    Policy often(EvictionRule::cost_aware);
    once.use({1, 2, 1});
    often.use({1, 1, 1, 2, 2, 2, 1, 1});
    EXPECT_DOUBLE_EQ(once.worth(2).chance, often.worth(2).chance);
    EXPECT_EQ(often.worth(2).uses, 3);
}

TEST(CostAwareEviction, remembers_how_often_an_evicted_module_was_wanted) {
    Policy policy(EvictionRule::cost_aware);
    for (size_t i = 0; i < 50; ++i) policy.use({1, 2, 1, 3});
    policy.loaded(1);
    policy.evicted(1);
    for (size_t module = 10; module < 30; ++module) policy.use(module);
    policy.loaded(1);
    policy.loaded(29);
    policy.use({1, 29});
    EXPECT_TRUE(policy.goes_before(29, 1));
}

TEST(Eviction, forgets_the_idlest_of_many_but_nothing_that_is_in_memory) {
    for (const auto rule : {EvictionRule::lru, EvictionRule::lfu, EvictionRule::cost_aware}) {
        Policy policy(rule);
        policy.use({1, 2, 1});
        policy.loaded(1);
        constexpr size_t last = 100 + 3 * remembered_modules_max;
        for (size_t module = 100; module <= last; ++module) policy.use(module);
        EXPECT_EQ(policy.worth(1).uses, 2);
        EXPECT_EQ(policy.worth(2).uses, 0);
        EXPECT_EQ(policy.worth(last - remembered_modules_max / 2).uses, 1);
    }
}

TEST(CostAwareEviction, of_equal_costs_loads_a_fifth_less_than_lru_under_steady_demand) {
    const auto requests = zipf(10000, [](size_t) { return 0; });
    EXPECT_LT(loads_of(EvictionRule::cost_aware, 16, requests) * 5,
              loads_of(EvictionRule::lru, 16, requests) * 4);
}

TEST(CostAwareEviction, of_equal_costs_loads_less_than_lru_where_all_are_read_now_and_then) {
    auto requests = zipf(10000, [](size_t) { return 0; });
    for (size_t i = 300; i + modules < requests.size(); i += 300) {
        for (size_t module = 0; module < modules; ++module) requests[i + module] = module;
    }
    EXPECT_LT(loads_of(EvictionRule::cost_aware, 16, requests) * 10,
              loads_of(EvictionRule::lru, 16, requests) * 9);
}

TEST(CostAwareEviction,
     of_equal_costs_stays_within_4_percent_of_lru_when_others_are_wanted_all_the_time) {
    for (const size_t period : {64, 256, 1024}) {
        const auto requests = zipf(10000, [&](size_t i) { return i / period * 23; });
        EXPECT_LT(loads_of(EvictionRule::cost_aware, 16, requests) * 100,
                  loads_of(EvictionRule::lru, 16, requests) * 104)
            << "another one is the most wanted after " << period << " requests";
    }
}

}  // namespace
}  // namespace skillet
