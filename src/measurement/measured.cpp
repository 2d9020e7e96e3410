// SPDX-License-Identifier: Apache-2.0
#include "measurement/measured.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "runner/runner.h"

namespace skillet {

Result<Measured> measure(const CaseFile &file, const std::string &path, const Ask &ask,
                         const Work &work) {
    uint64_t bytes = 0;
    for (const Case &one : file.cases) bytes += one.input.size();
    Phase phase(work, "measure", bytes);
    Measured measured;
    // Its failure is found again, and told, when it is asked about in earnest.
    (void)ask(file.cases.front().input);
    for (const Case &one : file.cases) {
        SKL_TRY(phase.check());
        auto answer = ask(one.input);
        if (!answer) return in_line(std::move(answer).error(), path, one.line);
        measured.answers.push_back(*std::move(answer));
        measured.truths.push_back(one.label);
        SKL_TRY(phase.advance(one.input.size()));
    }
    measured.peak_resident_bytes = peak_resident_bytes();
    return measured;
}

std::vector<Prediction> predictions_of(const Measured &measured) {
    std::vector<Prediction> list;
    for (size_t i = 0; i < measured.answers.size(); ++i) {
        list.push_back({measured.answers[i].probabilities, measured.truths[i]});
    }
    return list;
}

std::vector<Prediction> predictions_at(const Measured &measured, const std::vector<size_t> &indexes,
                                       double temperature) {
    std::vector<Prediction> list;
    for (const size_t i : indexes) {
        list.push_back({softmax(measured.answers[i].logits, temperature), measured.truths[i]});
    }
    return list;
}

std::vector<Scored> scored_of(const Measured &measured, const std::vector<size_t> &indexes) {
    std::vector<Scored> list;
    for (const size_t i : indexes) {
        list.push_back({measured.answers[i].logits, measured.truths[i]});
    }
    return list;
}

double sample_quantile(const std::vector<double> &sorted, double share) {
    const double rank = std::ceil(share * static_cast<double>(sorted.size()) - 1e-9);
    return sorted[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

uint64_t peak_resident_bytes() {
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) != 0 || usage.ru_maxrss < 0) return 0;
    return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace skillet
