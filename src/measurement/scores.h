// SPDX-License-Identifier: Apache-2.0
// How good probabilities are, given the truth. Pure functions of what they are given; the same
// figures on every machine, the bootstrap's too. Formulas: docs/formats/measurement.md.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "measurement/binomial.h"

namespace skillet {

// One case's answer: a probability for each label, and which label is right.
struct Prediction {
    std::vector<double> probabilities;
    size_t truth = 0;
};

// What remains of it where only the most probable label counts.
struct Judged {
    double confidence = 0;  // that label's probability
    bool right = false;
};
[[nodiscard]] size_t best_of(const Prediction &prediction);
[[nodiscard]] std::vector<Judged> judged(std::span<const Prediction> predictions);

struct Accuracy {
    uint64_t hits = 0;
    uint64_t count = 0;

    [[nodiscard]] double value() const;
    [[nodiscard]] Interval interval() const { return wilson_interval(hits, count); }
};
[[nodiscard]] Accuracy accuracy_of(std::span<const Judged> cases);
// Of always giving the label that is right most often, and which one that is (the first of
// several). REQUIRES: each truth < labels.
struct Majority {
    size_t label = 0;
    Accuracy accuracy;
};
[[nodiscard]] Majority majority_of(std::span<const Prediction> predictions, size_t labels);

// Mean of -ln P(truth), natural logarithm; a probability below 1e-15 counts as that. >= 0.
[[nodiscard]] double log_loss(std::span<const Prediction> predictions);
// Brier (1950): mean over cases of the sum over all labels of (P(label) - [label is right])^2.
// 0 to 2; for two labels twice what is often given as the binary score.
[[nodiscard]] double brier_score(std::span<const Prediction> predictions);

inline constexpr size_t reliability_bins = 15;

// The cases whose confidence is in [index / 15, (index + 1) / 15); 1 belongs to the last one.
struct ReliabilityBin {
    uint64_t count = 0;
    double confidence = 0;  // mean
    double accuracy = 0;
};
[[nodiscard]] std::vector<ReliabilityBin> reliability(std::span<const Judged> cases,
                                                      size_t bins = reliability_bins);
// Expected calibration error (Naeini et al., 2015; Guo et al., 2017): the bins' distances between
// confidence and accuracy, weighted by how many cases they hold. 0 to 1.
[[nodiscard]] double calibration_error(std::span<const Judged> cases,
                                       size_t bins = reliability_bins);
// Its 95 % interval: quantiles over 1000 bootstrap samples, shifted by the bootstrap's own bias.
// (Drawing again adds noise, which raises a calibration error: the plain quantiles of a good one
// would lie above it.)
[[nodiscard]] Interval calibration_error_interval(std::span<const Judged> cases, uint64_t seed);

// What is answered, and how often wrongly, if answers below a confidence are withheld.
struct RiskPoint {
    double threshold = 0;
    uint64_t answered = 0;
    uint64_t wrong = 0;
};
[[nodiscard]] RiskPoint risk_at(std::span<const Judged> cases, double threshold);
// The table of documents: at these thresholds.
[[nodiscard]] std::vector<RiskPoint> risk_table(std::span<const Judged> cases);
// The curve: at most `points` thresholds that occur, from answering least to answering all.
[[nodiscard]] std::vector<RiskPoint> risk_curve(std::span<const Judged> cases, size_t points);

}  // namespace skillet
