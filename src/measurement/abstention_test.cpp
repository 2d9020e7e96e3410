// SPDX-License-Identifier: Apache-2.0
#include "measurement/abstention.h"

#include <gtest/gtest.h>

#include "measurement/seeded_draws.h"

namespace skillet {
namespace {

// Confidences even in [0.5, 1), each true: of the answers above t a share of (1 - t) / 2 is wrong.
std::vector<Judged> drawn(size_t count, uint64_t seed) {
    SeededDraws draws(seed);
    std::vector<Judged> cases;
    for (size_t i = 0; i < count; ++i) {
        const double confidence = 0.5 + static_cast<double>(draws.below(500'000)) / 1e6;
        cases.push_back(
            {confidence, static_cast<double>(draws.below(1'000'000)) < confidence * 1e6});
    }
    return cases;
}

TEST(ChooseAbstention, keeps_its_promise_as_often_as_it_says) {
    constexpr size_t repeats = 400;
    size_t broken = 0;
    size_t chosen = 0;
    for (uint64_t seed = 0; seed < repeats; ++seed) {
        const Abstention found =
            choose_abstention(drawn(2500, 2 * seed), drawn(2500, 2 * seed + 1), 0.05);
        if (!found.abstain_below) continue;
        ++chosen;
        broken += (1 - *found.abstain_below) / 2 > 0.05 + 1e-9 ? 1 : 0;
        EXPECT_LE(found.error_bound, 0.05);
    }
    EXPECT_GT(chosen, repeats / 2) << "a rule that never chooses keeps every promise";
    // 5 % of 400 are 20; 31 and more would be seen once in a hundred times.
    EXPECT_LT(broken, 31u);
}

TEST(ChooseAbstention, answers_everything_where_nothing_is_wrong) {
    const std::vector<Judged> right(400, {0.6, true});
    const Abstention found = choose_abstention(right, right, 0.01);
    ASSERT_TRUE(found.abstain_below);
    EXPECT_EQ(*found.abstain_below, 0);
    EXPECT_EQ(found.answered, 400u);
    EXPECT_EQ(found.wrong, 0u);
    EXPECT_TRUE(found.obstacle.empty());
}

TEST(ChooseAbstention, says_how_many_cases_it_takes) {
    const std::vector<Judged> few(298, {0.9, true});
    const Abstention found = choose_abstention(few, few, 0.01);
    EXPECT_FALSE(found.abstain_below);
    EXPECT_NE(found.obstacle.find("takes 299 answers"), std::string::npos) << found.obstacle;
    EXPECT_NE(found.obstacle.find("298 cases"), std::string::npos) << found.obstacle;
    EXPECT_EQ(found.error_bound, 1);
}

TEST(ChooseAbstention, chooses_nothing_where_the_confident_answers_are_wrong_too) {
    std::vector<Judged> cases(2000, {0.99995, true});
    for (size_t i = 0; i < cases.size(); i += 10) cases[i].right = false;
    const Abstention found = choose_abstention(cases, cases, 0.01);
    EXPECT_FALSE(found.abstain_below);
    EXPECT_NE(found.obstacle.find("200 of 2000 answers are wrong"), std::string::npos)
        << found.obstacle;
}

TEST(ChooseAbstention, withholds_the_answers_that_are_often_wrong) {
    std::vector<Judged> cases(600, {0.97, true});
    for (size_t i = 0; i < 200; ++i) cases.push_back({0.6, i % 2 == 0});
    const Abstention found = choose_abstention(cases, cases, 0.01);
    ASSERT_TRUE(found.abstain_below) << found.obstacle;
    EXPECT_GT(*found.abstain_below, 0.6);
    EXPECT_LE(*found.abstain_below, 0.97);
    EXPECT_EQ(found.answered, 600u);
}

TEST(AbstentionGrid, ascends_from_answering_everything) {
    const auto grid = abstention_grid();
    EXPECT_EQ(grid.front(), 0);
    for (size_t i = 1; i < grid.size(); ++i) EXPECT_LT(grid[i - 1], grid[i]);
    EXPECT_LT(grid.back(), 1);
}

}  // namespace
}  // namespace skillet
