// SPDX-License-Identifier: Apache-2.0
#include "measurement/scores.h"

#include <cmath>

#include <gtest/gtest.h>

#include "measurement/seeded_draws.h"

namespace skillet {
namespace {

// The example of scikit-learn's log_loss; labels are ham and spam.
const std::vector<Prediction> mails{
    {{0.1, 0.9}, 1}, {{0.9, 0.1}, 0}, {{0.8, 0.2}, 0}, {{0.35, 0.65}, 1}};

// The example of torchmetrics' MulticlassCalibrationError.
const std::vector<Prediction> three_labels{{{0.25, 0.20, 0.55}, 0},
                                           {{0.55, 0.05, 0.40}, 1},
                                           {{0.10, 0.30, 0.60}, 2},
                                           {{0.90, 0.05, 0.05}, 0}};

std::vector<Judged> drawn(size_t count, uint64_t seed, double overconfidence) {
    SeededDraws draws(seed);
    std::vector<Judged> cases;
    for (size_t i = 0; i < count; ++i) {
        const double confidence = 0.5 + static_cast<double>(draws.below(500)) / 1000;
        const double chance = confidence - overconfidence;
        cases.push_back({confidence, static_cast<double>(draws.below(100'000)) / 1e5 < chance});
    }
    return cases;
}

TEST(LogLoss, is_what_scikit_learn_documents) { EXPECT_NEAR(log_loss(mails), 0.21616, 5e-6); }

TEST(LogLoss, of_an_impossible_truth_is_high_and_finite) {
    const std::vector<Prediction> wrong{{{1, 0}, 1}};
    EXPECT_NEAR(log_loss(wrong), -std::log(1e-15), 1e-9);
}

TEST(BrierScore, sums_over_all_labels) {
    // scikit-learn's brier_score_loss documents 0.0375 for the score of one of two labels.
    const std::vector<Prediction> binary{
        {{0.9, 0.1}, 0}, {{0.1, 0.9}, 1}, {{0.2, 0.8}, 1}, {{0.7, 0.3}, 0}};
    EXPECT_NEAR(brier_score(binary), 2 * 0.0375, 1e-12);
    const std::vector<Prediction> eggs{
        {{0.8, 0.1, 0.1}, 0}, {{0.2, 0.7, 0.1}, 1}, {{0.2, 0.2, 0.6}, 2}};
    EXPECT_NEAR(brier_score(eggs), 0.44 / 3, 1e-12);
    EXPECT_EQ(brier_score(std::vector<Prediction>{{{1, 0}, 1}}), 2) << "the worst there is";
}

TEST(CalibrationError, is_what_torchmetrics_documents) {
    EXPECT_NEAR(calibration_error(judged(three_labels), 3), 0.2, 1e-12);
}

TEST(CalibrationError, of_fifteen_bins_is_their_weighted_gap) {
    // Two cases in [14/15, 1], one right: |0.5 - 0.975|; one in [8/15, 9/15): |1 - 0.55|.
    const std::vector<Judged> cases{{0.95, true}, {1, false}, {0.55, true}};
    EXPECT_NEAR(calibration_error(cases), 2.0 / 3 * 0.475 + 1.0 / 3 * 0.45, 1e-12);
    const std::vector<ReliabilityBin> bins = reliability(cases);
    ASSERT_EQ(bins.size(), 15u);
    EXPECT_EQ(bins[14].count, 2u);
    EXPECT_NEAR(bins[14].confidence, 0.975, 1e-12);
    EXPECT_NEAR(bins[14].accuracy, 0.5, 1e-12);
    EXPECT_EQ(bins[8].count, 1u);
    EXPECT_EQ(bins[0].count, 0u);
}

TEST(CalibrationErrorInterval, holds_the_value_and_is_the_same_each_time) {
    const std::vector<Judged> cases = drawn(2000, 1, 0.1);
    const Interval interval = calibration_error_interval(cases, 7);
    EXPECT_LT(interval.low, calibration_error(cases));
    EXPECT_GT(interval.high, calibration_error(cases));
    EXPECT_LT(interval.high - interval.low, 0.06);
    EXPECT_EQ(calibration_error_interval(cases, 7).low, interval.low);
    EXPECT_NE(calibration_error_interval(cases, 8).low, interval.low);
}

TEST(CalibrationErrorInterval, holds_an_error_that_is_known) {
    // Every confidence is 0.1 too high.
    size_t held = 0;
    for (uint64_t seed = 0; seed < 40; ++seed) {
        const Interval interval = calibration_error_interval(drawn(1000, seed, 0.1), seed);
        held += interval.low <= 0.1 && interval.high >= 0.1 ? 1 : 0;
    }
    EXPECT_GE(held, 36u);
}

TEST(Accuracy, counts_the_most_probable_label) {
    const Accuracy accuracy = accuracy_of(judged(three_labels));
    EXPECT_EQ(accuracy.hits, 2u);
    EXPECT_EQ(accuracy.value(), 0.5);
}

TEST(Majority, is_the_most_frequent_label) {
    const Majority majority = majority_of(three_labels, 3);
    EXPECT_EQ(majority.label, 0u);
    EXPECT_EQ(majority.accuracy.hits, 2u);
    EXPECT_EQ(majority.accuracy.count, 4u);
}

TEST(RiskTable, counts_what_is_answered_at_each_threshold) {
    const std::vector<Judged> cases{{0.5, false}, {0.9, true}, {0.95, false}, {1, true}};
    const RiskPoint point = risk_at(cases, 0.9);
    EXPECT_EQ(point.answered, 3u);
    EXPECT_EQ(point.wrong, 1u);
    const auto table = risk_table(cases);
    EXPECT_EQ(table.front().threshold, 0);
    EXPECT_EQ(table.front().answered, 4u);
    EXPECT_EQ(table.back().answered, 1u);
}

TEST(RiskCurve, ends_where_everything_is_answered_and_keeps_ties_together) {
    const std::vector<Judged> cases{{0.9, true}, {0.9, false}, {0.8, true}, {0.7, false}};
    const auto curve = risk_curve(cases, 100);
    ASSERT_EQ(curve.size(), 3u);
    EXPECT_EQ(curve[0].answered, 2u);
    EXPECT_EQ(curve[0].wrong, 1u);
    EXPECT_EQ(curve[2].answered, 4u);
    EXPECT_EQ(curve[2].wrong, 2u);
    EXPECT_LE(risk_curve(drawn(5000, 3, 0), 100).size(), 100u);
    EXPECT_EQ(risk_curve(drawn(5000, 3, 0), 100).back().answered, 5000u);
}

}  // namespace
}  // namespace skillet
