// SPDX-License-Identifier: Apache-2.0
#include "measurement/scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "measurement/seeded_draws.h"

namespace skillet {
namespace {

constexpr double probability_min = 1e-15;
constexpr size_t bootstrap_samples = 1000;
constexpr std::array table_thresholds{0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999};

size_t bin_of(double confidence, size_t bins) {
    const auto bin = static_cast<size_t>(confidence * static_cast<double>(bins));
    return std::min(bin, bins - 1);
}

// Right or not, less what was expected: a bin's share in the error is the sum of these.
double gap_of(const Judged &judged) { return (judged.right ? 1.0 : 0.0) - judged.confidence; }

double error_of(std::span<const double> gaps, size_t count) {
    double sum = 0;
    for (const double gap : gaps) sum += std::abs(gap);
    return sum / static_cast<double>(count);
}

// Between two values where `share` falls between them, as most libraries do it.
double quantile(std::span<const double> sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<size_t>(place);
    const size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

size_t best_of(const Prediction &prediction) {
    const auto &all = prediction.probabilities;
    return static_cast<size_t>(std::max_element(all.begin(), all.end()) - all.begin());
}

std::vector<Judged> judged(std::span<const Prediction> predictions) {
    std::vector<Judged> list;
    list.reserve(predictions.size());
    for (const Prediction &prediction : predictions) {
        const size_t best = best_of(prediction);
        list.push_back({prediction.probabilities[best], best == prediction.truth});
    }
    return list;
}

double Accuracy::value() const { return static_cast<double>(hits) / static_cast<double>(count); }

Accuracy accuracy_of(std::span<const Judged> cases) {
    const auto hits =
        std::count_if(cases.begin(), cases.end(), [](const Judged &one) { return one.right; });
    return {static_cast<uint64_t>(hits), cases.size()};
}

Majority majority_of(std::span<const Prediction> predictions, size_t labels) {
    std::vector<uint64_t> counts(labels, 0);
    for (const Prediction &prediction : predictions) ++counts[prediction.truth];
    const auto most = std::max_element(counts.begin(), counts.end());
    return {static_cast<size_t>(most - counts.begin()), {*most, predictions.size()}};
}

double log_loss(std::span<const Prediction> predictions) {
    double sum = 0;
    for (const Prediction &prediction : predictions) {
        sum -= std::log(std::max(prediction.probabilities[prediction.truth], probability_min));
    }
    return sum / static_cast<double>(predictions.size());
}

double brier_score(std::span<const Prediction> predictions) {
    double sum = 0;
    for (const Prediction &prediction : predictions) {
        for (size_t i = 0; i < prediction.probabilities.size(); ++i) {
            const double miss = prediction.probabilities[i] - (i == prediction.truth ? 1 : 0);
            sum += miss * miss;
        }
    }
    return sum / static_cast<double>(predictions.size());
}

std::vector<ReliabilityBin> reliability(std::span<const Judged> cases, size_t bins) {
    std::vector<ReliabilityBin> list(bins);
    for (const Judged &one : cases) {
        ReliabilityBin &bin = list[bin_of(one.confidence, bins)];
        ++bin.count;
        bin.confidence += one.confidence;
        bin.accuracy += one.right ? 1 : 0;
    }
    for (ReliabilityBin &bin : list) {
        if (bin.count == 0) continue;
        bin.confidence /= static_cast<double>(bin.count);
        bin.accuracy /= static_cast<double>(bin.count);
    }
    return list;
}

double calibration_error(std::span<const Judged> cases, size_t bins) {
    std::vector<double> gaps(bins, 0);
    for (const Judged &one : cases) gaps[bin_of(one.confidence, bins)] += gap_of(one);
    return error_of(gaps, cases.size());
}

Interval calibration_error_interval(std::span<const Judged> cases, uint64_t seed) {
    SeededDraws draws(seed);
    std::vector<double> errors;
    std::array<double, reliability_bins> gaps{};
    for (size_t sample = 0; sample < bootstrap_samples; ++sample) {
        gaps.fill(0);
        for (size_t i = 0; i < cases.size(); ++i) {
            const Judged &one = cases[draws.below(cases.size())];
            gaps[bin_of(one.confidence, gaps.size())] += gap_of(one);
        }
        errors.push_back(error_of(gaps, cases.size()));
    }
    const double mean = std::accumulate(errors.begin(), errors.end(), 0.0) / bootstrap_samples;
    const double bias = mean - calibration_error(cases);
    std::sort(errors.begin(), errors.end());
    const auto bounded = [](double value) { return std::clamp(value, 0.0, 1.0); };
    return {bounded(quantile(errors, 0.025) - bias), bounded(quantile(errors, 0.975) - bias)};
}

RiskPoint risk_at(std::span<const Judged> cases, double threshold) {
    RiskPoint point{threshold, 0, 0};
    for (const Judged &one : cases) {
        if (one.confidence < threshold) continue;
        ++point.answered;
        point.wrong += one.right ? 0 : 1;
    }
    return point;
}

std::vector<RiskPoint> risk_table(std::span<const Judged> cases) {
    std::vector<RiskPoint> table;
    for (const double threshold : table_thresholds) table.push_back(risk_at(cases, threshold));
    return table;
}

std::vector<RiskPoint> risk_curve(std::span<const Judged> cases, size_t points) {
    std::vector<Judged> sorted(cases.begin(), cases.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const Judged &a, const Judged &b) { return a.confidence > b.confidence; });
    std::vector<RiskPoint> curve;
    RiskPoint point;
    for (size_t i = 0; i < sorted.size(); ++i) {
        ++point.answered;
        point.wrong += sorted[i].right ? 0 : 1;
        point.threshold = sorted[i].confidence;
        const bool last = i + 1 == sorted.size();
        // Equal confidences are answered or withheld together.
        if (!last && sorted[i + 1].confidence == sorted[i].confidence) continue;
        const size_t wanted = (curve.size() + 1) * sorted.size() / points;
        if (last || point.answered >= wanted) curve.push_back(point);
    }
    return curve;
}

}  // namespace skillet
