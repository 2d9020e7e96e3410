// SPDX-License-Identifier: Apache-2.0
#include "measurement/figures.h"

#include <algorithm>
#include <numeric>

namespace skillet {

json::Value interval_json(const Interval &interval) {
    return json::Array{interval.low, interval.high};
}

json::Value share_json(const Accuracy &share) {
    return json::Object{{"value", share.value()},
                        {"hits", share.hits},
                        {"n", share.count},
                        {"interval", interval_json(share.interval())}};
}

json::Value risk_json(std::span<const RiskPoint> points, uint64_t cases) {
    json::Array rows;
    for (const RiskPoint &point : points) {
        const auto answered = static_cast<double>(point.answered);
        rows.push_back(
            json::Object{{"threshold", point.threshold},
                         {"coverage", answered / static_cast<double>(cases)},
                         {"answered", point.answered},
                         {"wrong", point.wrong},
                         {"risk", point.answered == 0
                                      ? json::Value()
                                      : json::Value(static_cast<double>(point.wrong) / answered)}});
    }
    return rows;
}

json::Object quality_json(std::span<const Prediction> predictions, uint64_t seed) {
    const std::vector<Judged> cases = judged(predictions);
    return {{"accuracy", share_json(accuracy_of(cases))},
            {"ece", calibration_error(cases)},
            {"ece_interval", interval_json(calibration_error_interval(cases, seed))},
            {"ece_bins", uint64_t{reliability_bins}},
            {"brier", brier_score(predictions)},
            {"log_loss", log_loss(predictions)}};
}

json::Value subject_json(const Package &package) {
    return json::Object{{"artifact", package.skill.artifact_digest.to_string()},
                        {"contract", package.skill.contract.core_digest().to_string()}};
}

json::Object times_json(std::vector<double> samples_ms) {
    std::sort(samples_ms.begin(), samples_ms.end());
    const double sum = std::accumulate(samples_ms.begin(), samples_ms.end(), 0.0);
    return {{"p50_ms", sample_quantile(samples_ms, 0.5)},
            {"p90_ms", sample_quantile(samples_ms, 0.9)},
            {"p99_ms", sample_quantile(samples_ms, 0.99)},
            {"mean_ms", sum / static_cast<double>(samples_ms.size())},
            {"min_ms", samples_ms.front()},
            {"max_ms", samples_ms.back()}};
}

}  // namespace skillet
