// SPDX-License-Identifier: Apache-2.0
// Sets of labels that hold the right one with a stated probability: split conformal prediction
// (Vovk, Gammerman and Shafer, 2005; with these scores Sadinle, Lei and Wasserman, 2019).
//
// A case's score is 1 - P(right label). The set of a new case holds each label whose own score is
// at most the threshold: the ceil((n + 1) * (1 - miss))-th smallest of n scores. If the n cases and
// the new one could have come in any order, the set misses the right label at most `miss` of the
// time, whatever the model is worth. It promises nothing for a single label or for other data.
#pragma once

#include <span>

#include "measurement/scores.h"

namespace skillet {

// 1, which admits every label, if there are too few cases for less.
// REQUIRES: cases not empty, 0 < miss < 1.
[[nodiscard]] double label_set_threshold(std::span<const Prediction> cases, double miss);

[[nodiscard]] bool holds_label(const Prediction &prediction, size_t label, double threshold);

// How the sets turn out on other cases.
struct LabelSetQuality {
    Accuracy covered;  // sets that hold the right label
    double mean_size = 0;
    uint64_t single = 0;  // sets with exactly one label
    uint64_t empty = 0;
};
[[nodiscard]] LabelSetQuality label_set_quality(std::span<const Prediction> cases,
                                                double threshold);

}  // namespace skillet
