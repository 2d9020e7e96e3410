// SPDX-License-Identifier: Apache-2.0
// A skill's answers to cases, as they came.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/work.h"
#include "measurement/cases.h"
#include "measurement/scores.h"
#include "measurement/temperature.h"
#include "runner/answer.h"

namespace skillet {

struct Measured {
    std::vector<Answer> answers;       // in the order of the cases
    std::vector<size_t> truths;        // likewise
    uint64_t peak_resident_bytes = 0;  // of the whole process, since it began
};

// Asks the skill one input.
using Ask = std::function<Result<Answer>(const std::string &input)>;

// Asks about each case, one after the other, and about the first once before, which is not
// counted: it finds what the first request of a module prepares. An answer that fails ends it, as
// an error about its line. Phase "measure", in bytes of input.
[[nodiscard]] Result<Measured> measure(const CaseFile &file, const std::string &path,
                                       const Ask &ask, const Work &work);

// As the runtime gave them.
[[nodiscard]] std::vector<Prediction> predictions_of(const Measured &measured);
// By another temperature, of the cases at `indexes`.
[[nodiscard]] std::vector<Prediction> predictions_at(const Measured &measured,
                                                     const std::vector<size_t> &indexes,
                                                     double temperature);
[[nodiscard]] std::vector<Scored> scored_of(const Measured &measured,
                                            const std::vector<size_t> &indexes);

// The value that `share` of the samples do not exceed (nearest rank). REQUIRES: sorted, not empty,
// 0 < share <= 1.
[[nodiscard]] double sample_quantile(const std::vector<double> &sorted, double share);

// The most memory this process has had resident; 0 if the system does not tell.
[[nodiscard]] uint64_t peak_resident_bytes();

}  // namespace skillet
