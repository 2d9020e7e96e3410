// SPDX-License-Identifier: Apache-2.0
#include "measurement/evaluate.h"

#include <algorithm>
#include <array>
#include <map>

#include "measurement/figures.h"

namespace skillet {
namespace {

// For the bootstrap alone: nothing is split here.
constexpr uint64_t seed = 0;
constexpr size_t curve_points = 100;

// Upper ends of the histogram's columns, in ms; the last column has none.
constexpr std::array time_columns{0.1,  0.2,   0.5,   1.0,   2.0,    5.0,    10.0,  20.0,
                                  50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0};

const json::Value *number_at(const json::Value &value, std::string_view pointer) {
    const json::Value *found = json::resolve(value, pointer);
    return found != nullptr && found->is_number() ? found : nullptr;
}

json::Value copy_of(const json::Value *value) { return value != nullptr ? *value : json::Value(); }

// A document of version 1 has no accuracy, but its risk where everything is answered.
json::Value claimed_accuracy(const json::Value &calibration) {
    if (const auto *value = number_at(calibration, "/quality/accuracy/value")) return *value;
    const json::Value *table = json::resolve(calibration, "/quality/risk_coverage");
    if (table == nullptr || table->array() == nullptr) return {};
    for (const json::Value &row : *table->array()) {
        const json::Value *coverage = number_at(row, "/coverage");
        const json::Value *risk = number_at(row, "/risk");
        if (coverage != nullptr && risk != nullptr && coverage->number() >= 1) {
            return 1 - risk->number();
        }
    }
    return {};
}

json::Value calibration_claim(const Calibration &calibration) {
    const json::Value &json = calibration.json;
    const bool first = *json::resolve(json, "/schema") == json::Value("skillet.calibration/1");
    return json::Object{
        {"document", calibration.digest.to_string()},
        {"kind", "calibration"},
        {"accuracy", claimed_accuracy(json)},
        {"ece", copy_of(number_at(json, "/quality/ece"))},
        {"brier", copy_of(number_at(json, "/quality/brier"))},
        {"n", copy_of(number_at(json, first ? "/quality/cases" : "/quality/measured_on"))},
        // Version 1 leaves bins and form of the score to its author.
        {"same_formulas", !first}};
}

// Only evidence that this program wrote has its figures where we know them.
json::Value evidence_claim(const Evidence &evidence) {
    const json::Value *schema = json::resolve(evidence.json, "/results/schema");
    if (schema == nullptr || *schema != json::Value("skillet.evaluation/1")) return {};
    const json::Value &results = *json::resolve(evidence.json, "/results");
    return json::Object{{"document", evidence.digest.to_string()},
                        {"kind", "evidence"},
                        {"accuracy", copy_of(number_at(results, "/quality/accuracy/value"))},
                        {"ece", copy_of(number_at(results, "/quality/ece"))},
                        {"brier", copy_of(number_at(results, "/quality/brier"))},
                        {"n", copy_of(number_at(results, "/cases/count"))},
                        {"same_formulas", true}};
}

json::Value claims_of(const Package &package) {
    json::Array claims;
    if (package.calibration) claims.push_back(calibration_claim(*package.calibration));
    for (const Evidence &evidence : package.evidence) {
        json::Value claim = evidence_claim(evidence);
        if (!claim.is_null()) claims.push_back(std::move(claim));
    }
    return claims;
}

json::Value reliability_json(std::span<const Judged> cases) {
    json::Array rows;
    for (const ReliabilityBin &bin : reliability(cases)) {
        rows.push_back(json::Object{
            {"n", bin.count}, {"confidence", bin.confidence}, {"accuracy", bin.accuracy}});
    }
    return rows;
}

// What the contract's threshold does here. Without a calibration a skill never abstains.
json::Value abstention_json(const Package &package, std::span<const Judged> cases) {
    const bool calibrated = package.calibration.has_value();
    const double threshold = package.skill.contract.confidence().abstain_below;
    const RiskPoint point = risk_at(cases, calibrated ? threshold : 0);
    const Accuracy wrong{point.wrong, point.answered};
    return json::Object{
        {"abstain_below", calibrated ? json::Value(threshold) : json::Value()},
        {"answered", point.answered},
        {"wrong", point.wrong},
        {"coverage", static_cast<double>(point.answered) / static_cast<double>(cases.size())},
        {"error", point.answered == 0 ? json::Value() : share_json(wrong)},
        {"risk_coverage", risk_json(risk_table(cases), cases.size())},
        {"curve", risk_json(risk_curve(cases, curve_points), cases.size())}};
}

// The pairs that occur: of many labels, nearly all cells of a matrix are empty.
json::Value confusion_json(std::span<const Prediction> predictions,
                           const std::vector<std::string> &labels) {
    std::map<std::pair<size_t, size_t>, uint64_t> counts;
    for (const Prediction &one : predictions) ++counts[{one.truth, best_of(one)}];
    json::Array cells;
    for (const auto &[pair, count] : counts) {
        cells.push_back(json::Object{
            {"truth", labels[pair.first]}, {"answer", labels[pair.second]}, {"n", count}});
    }
    return cells;
}

json::Value latency_json(const Measured &measured) {
    std::vector<double> samples;
    std::array<uint64_t, time_columns.size() + 1> counts{};
    for (const Answer &answer : measured.answers) {
        const double ms = answer.stats.total_ms;
        samples.push_back(ms);
        const auto *column = std::lower_bound(time_columns.begin(), time_columns.end(), ms);
        ++counts[static_cast<size_t>(column - time_columns.begin())];
    }
    json::Array histogram;
    for (size_t i = 0; i < counts.size(); ++i) {
        const bool last = i == time_columns.size();
        histogram.push_back(json::Object{
            {"up_to_ms", last ? json::Value() : json::Value(time_columns[i])}, {"n", counts[i]}});
    }
    json::Object latency = times_json(std::move(samples));
    latency.append("histogram", std::move(histogram));
    return latency;
}

json::Value labels_json(const std::vector<std::string> &labels) {
    return json::Array(labels.begin(), labels.end());
}

}  // namespace

json::Value evaluation_document(const Package &package, const CaseFile &file,
                                const Measured &measured, const Environment &environment) {
    const Skill &skill = package.skill;
    const std::vector<std::string> &labels = skill.contract.labels();
    const std::vector<Prediction> predictions = predictions_of(measured);
    const std::vector<Judged> cases = judged(predictions);
    const Majority majority = majority_of(predictions, labels.size());
    json::Object quality = quality_json(predictions, seed);
    quality.append("reliability", reliability_json(cases));
    return json::Object{
        {"schema", "skillet.evaluation/1"},
        {"skill", json::Object{{"id", skill.id}, {"version", skill.version.text()}}},
        {"package", package.descriptor.digest.to_string()},
        {"subject", subject_json(package)},
        {"calibration", package.calibration ? json::Value(package.calibration->digest.to_string())
                                            : json::Value()},
        {"cases", json::Object{{"name", file.name},
                               {"digest", file.digest.to_string()},
                               {"count", uint64_t{file.cases.size()}}}},
        {"labels", labels_json(labels)},
        {"quality", std::move(quality)},
        {"baseline", json::Object{{"method", "majority"},
                                  {"label", labels[majority.label]},
                                  {"accuracy", share_json(majority.accuracy)}}},
        {"claims", claims_of(package)},
        {"abstention", abstention_json(package, cases)},
        {"confusion", confusion_json(predictions, labels)},
        {"latency", latency_json(measured)},
        {"memory", json::Object{{"peak_resident_bytes", measured.peak_resident_bytes}}},
        {"environment", environment_json(environment)}};
}

json::Value evaluation_evidence(const json::Value &evaluation, const std::string &by,
                                const std::string &at) {
    const auto member = [&](const char *pointer) { return *json::resolve(evaluation, pointer); };
    return json::Object{{"schema", "skillet.evidence/2"},
                        {"subject", member("/subject")},
                        {"kind", "evaluated"},
                        {"method", "skillet eval: every case once, one after the other"},
                        {"by", by},
                        {"at", at},
                        {"environment", member("/environment")},
                        {"cases", member("/cases")},
                        {"results", evaluation}};
}

}  // namespace skillet
