// SPDX-License-Identifier: Apache-2.0
#include "measurement/label_set.h"

#include <gtest/gtest.h>

#include "measurement/seeded_draws.h"

namespace skillet {
namespace {

// A truth with probability (i + 1) / 100 for each i.
std::vector<Prediction> ladder(size_t count) {
    std::vector<Prediction> cases;
    for (size_t i = 0; i < count; ++i) {
        const double truth = static_cast<double>(i + 1) / 100;
        cases.push_back({{truth, 1 - truth}, 0});
    }
    return cases;
}

// Three labels with probabilities that are wrong more often than they say.
std::vector<Prediction> drawn(size_t count, uint64_t seed) {
    SeededDraws draws(seed);
    std::vector<Prediction> cases;
    for (size_t i = 0; i < count; ++i) {
        const double first = 0.4 + static_cast<double>(draws.below(600)) / 1000;
        const double second = (1 - first) * 0.7;
        const bool right = static_cast<double>(draws.below(1000)) / 1000 < first * 0.9;
        cases.push_back({{first, second, 1 - first - second}, right ? 0 : 1 + draws.below(2)});
    }
    return cases;
}

TEST(LabelSetThreshold, is_the_score_of_the_corrected_rank) {
    // ceil((n + 1) * 0.95): of 19 cases the 19th, of 39 the 38th score; the least likely truth
    // has the highest score.
    EXPECT_NEAR(label_set_threshold(ladder(19), 0.05), 0.99, 1e-12);
    EXPECT_NEAR(label_set_threshold(ladder(39), 0.05), 0.98, 1e-12);
    EXPECT_NEAR(label_set_threshold(ladder(9), 0.5), 0.95, 1e-12);
}

TEST(LabelSetThreshold, admits_every_label_where_cases_are_too_few) {
    EXPECT_EQ(label_set_threshold(ladder(18), 0.05), 1);
    EXPECT_TRUE(holds_label({{1, 0}, 0}, 1, 1));
}

TEST(LabelSet, holds_the_truth_of_new_cases_as_often_as_it_says) {
    constexpr size_t repeats = 200;
    constexpr size_t count = 200;
    uint64_t covered = 0;
    for (uint64_t seed = 0; seed < repeats; ++seed) {
        const double threshold = label_set_threshold(drawn(count, 2 * seed), 0.05);
        covered += label_set_quality(drawn(count, 2 * seed + 1), threshold).covered.hits;
    }
    const double share = static_cast<double>(covered) / (repeats * count);
    EXPECT_GT(share, 0.95 - 0.005);
    EXPECT_LT(share, 0.95 + 1.0 / (count + 1) + 0.005) << "nor more often: sets stay small";
}

TEST(LabelSetQuality, counts_sets_by_size) {
    const std::vector<Prediction> cases{{{0.9, 0.1}, 0}, {{0.55, 0.45}, 1}, {{0.3, 0.7}, 0}};
    const LabelSetQuality quality = label_set_quality(cases, 0.6);
    EXPECT_EQ(quality.covered.hits, 2u);
    EXPECT_EQ(quality.covered.count, 3u);
    EXPECT_EQ(quality.single, 2u);
    EXPECT_EQ(quality.empty, 0u);
    EXPECT_NEAR(quality.mean_size, 4.0 / 3, 1e-12);
    EXPECT_EQ(label_set_quality(cases, 0.05).empty, 3u);
}

}  // namespace
}  // namespace skillet
