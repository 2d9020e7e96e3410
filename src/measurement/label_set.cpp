// SPDX-License-Identifier: Apache-2.0
#include "measurement/label_set.h"

#include <algorithm>
#include <cmath>

namespace skillet {

double label_set_threshold(std::span<const Prediction> cases, double miss) {
    std::vector<double> scores;
    scores.reserve(cases.size());
    for (const Prediction &one : cases) scores.push_back(1 - one.probabilities[one.truth]);
    // Less a rounding error: 0.95 * 20 must be 19, not 20.
    const double rank = std::ceil(static_cast<double>(scores.size() + 1) * (1 - miss) - 1e-9);
    if (rank > static_cast<double>(scores.size())) return 1;
    const auto at = scores.begin() + static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
    std::nth_element(scores.begin(), at, scores.end());
    return *at;
}

bool holds_label(const Prediction &prediction, size_t label, double threshold) {
    return 1 - prediction.probabilities[label] <= threshold;
}

LabelSetQuality label_set_quality(std::span<const Prediction> cases, double threshold) {
    LabelSetQuality quality;
    quality.covered.count = cases.size();
    uint64_t labels = 0;
    for (const Prediction &one : cases) {
        uint64_t size = 0;
        for (size_t label = 0; label < one.probabilities.size(); ++label) {
            size += holds_label(one, label, threshold) ? 1 : 0;
        }
        labels += size;
        quality.single += size == 1 ? 1 : 0;
        quality.empty += size == 0 ? 1 : 0;
        quality.covered.hits += holds_label(one, one.truth, threshold) ? 1 : 0;
    }
    quality.mean_size = static_cast<double>(labels) / static_cast<double>(cases.size());
    return quality;
}

}  // namespace skillet
