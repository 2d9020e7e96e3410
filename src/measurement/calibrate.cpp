// SPDX-License-Identifier: Apache-2.0
#include "measurement/calibrate.h"

#include <fmt/format.h>

#include "measurement/abstention.h"
#include "measurement/figures.h"
#include "measurement/label_set.h"
#include "measurement/temperature.h"

namespace skillet {
namespace {

std::string split_text(const SplitRule &rule) {
    if (!rule.fit_on.empty()) {
        return fmt::format("fitted on the split \"{}\", seed {}", rule.fit_on, rule.seed);
    }
    return fmt::format("by each input's digest, seed {}", rule.seed);
}

json::Value cases_json(const CaseFile &file, const SplitRule &rule) {
    return json::Object{{"name", file.name},
                        {"digest", file.digest.to_string()},
                        {"count", uint64_t{file.cases.size()}},
                        {"split", split_text(rule)}};
}

json::Value abstention_json(const Abstention &chosen, size_t cases) {
    return json::Object{
        {"target_error", chosen.target_error},
        {"confidence", abstention_confidence},
        {"method", "fixed-sequence"},
        {"chosen_on", uint64_t{cases}},
        {"abstain_below",
         chosen.abstain_below ? json::Value(*chosen.abstain_below) : json::Value()},
        {"answered", chosen.answered},
        {"wrong", chosen.wrong},
        {"error_bound", chosen.error_bound},
        {"obstacle", chosen.obstacle.empty() ? json::Value() : json::Value(chosen.obstacle)}};
}

json::Value label_set_json(const LabelSetQuality &quality) {
    return json::Object{{"covered", share_json(quality.covered)},
                        {"mean_size", quality.mean_size},
                        {"single", quality.single},
                        {"empty", quality.empty}};
}

json::Value quality_of(const std::vector<Prediction> &calibrated,
                       const std::vector<Prediction> &raw, const Abstention &chosen,
                       double set_threshold, uint64_t seed) {
    const std::vector<Judged> cases = judged(calibrated);
    json::Object quality = quality_json(calibrated, seed);
    quality.append("measured_on", uint64_t{cases.size()});
    quality.append("risk_coverage", risk_json(risk_table(cases), cases.size()));
    json::Value answered;
    if (chosen.abstain_below) {
        const std::vector<RiskPoint> point{risk_at(cases, *chosen.abstain_below)};
        answered = risk_json(point, cases.size()).array()->front();
    }
    quality.append("abstention", std::move(answered));
    quality.append("label_set", label_set_json(label_set_quality(calibrated, set_threshold)));
    quality.append("uncalibrated", json::Object{{"ece", calibration_error(judged(raw))},
                                                {"brier", brier_score(raw)},
                                                {"log_loss", log_loss(raw)}});
    return quality;
}

}  // namespace

Result<json::Value> calibration_document(const Package &package, const CaseFile &file,
                                         const Measured &measured, const CalibrateRules &rules) {
    SKL_TRY_ASSIGN(parts, split_cases(file.cases, rules.split));
    const auto &[to_fit, to_choose, to_measure] = parts;
    SKL_TRY_ASSIGN(temperature, fit_temperature(scored_of(measured, to_fit)));
    const auto choosing = predictions_at(measured, to_choose, temperature);
    const Abstention chosen =
        choose_abstention(judged(predictions_at(measured, to_fit, temperature)), judged(choosing),
                          rules.target_error);
    const double set_threshold = label_set_threshold(choosing, label_set_miss);
    return json::Value(
        json::Object{{"schema", "skillet.calibration/2"},
                     {"subject", subject_json(package)},
                     {"method", "temperature"},
                     {"temperature", temperature},
                     {"fitted_on", uint64_t{to_fit.size()}},
                     {"cases", cases_json(file, rules.split)},
                     {"abstention", abstention_json(chosen, to_choose.size())},
                     {"label_set", json::Object{{"miss", label_set_miss},
                                                {"threshold", set_threshold},
                                                {"chosen_on", uint64_t{to_choose.size()}}}},
                     {"quality", quality_of(predictions_at(measured, to_measure, temperature),
                                            predictions_at(measured, to_measure, 1.0), chosen,
                                            set_threshold, rules.split.seed)}});
}

}  // namespace skillet
