// SPDX-License-Identifier: Apache-2.0
#include "manifest/calibration.h"

#include "json/members.h"
#include "json/parse.h"

namespace skillet {
namespace {

constexpr Code invalid = SKL_E_MANIFEST_INVALID;
constexpr int64_t bins_max = 1000;
constexpr double log_loss_max = 1000;  // more than any double that is not 0 gives

Result<Digest> read_digest(json::MemberReader &reader, std::string_view name) {
    SKL_TRY_ASSIGN(text, reader.string(name));
    auto digest = Digest::parse(text);
    if (!digest) return reader.refuse(name, digest.error().message);
    return digest;
}

// Quality figures are reported values: their types are checked, nothing is computed from them.
Result<void> check_first_quality(const json::Value &value) {
    json::MemberReader reader(value, "/quality", invalid);
    SKL_TRY(reader.number("ece", 0, 1));
    SKL_TRY(reader.number("brier", 0, 2));
    SKL_TRY(reader.array("ece_interval"));
    SKL_TRY(reader.array("risk_coverage"));
    SKL_TRY(reader.string("measured_on"));
    SKL_TRY(reader.integer("cases", 1, INT64_MAX));
    return reader.done();
}

Result<void> check_quality(const json::Value &value) {
    json::MemberReader reader(value, "/quality", invalid);
    SKL_TRY(reader.object("accuracy"));
    SKL_TRY(reader.number("ece", 0, 1));
    SKL_TRY(reader.array("ece_interval"));
    SKL_TRY(reader.integer("ece_bins", 1, bins_max));
    SKL_TRY(reader.number("brier", 0, 2));
    SKL_TRY(reader.number("log_loss", 0, log_loss_max));
    SKL_TRY(reader.integer("measured_on", 1, INT64_MAX));
    SKL_TRY(reader.array("risk_coverage"));
    SKL_TRY(reader.any("abstention"));
    SKL_TRY(reader.object("label_set"));
    SKL_TRY(reader.object("uncalibrated"));
    return reader.done();
}

Result<void> check_cases(const json::Value &value) {
    json::MemberReader reader(value, "/cases", invalid);
    SKL_TRY(reader.string("name"));
    SKL_TRY(read_digest(reader, "digest"));
    SKL_TRY(reader.integer("count", 1, INT64_MAX));
    SKL_TRY(reader.string("split"));
    return reader.done();
}

// Recommendations, which the runtime does not follow by itself: abstaining is the contract's.
Result<void> check_abstention(const json::Value &value) {
    json::MemberReader reader(value, "/abstention", invalid);
    SKL_TRY(reader.number("target_error", 0, 1));
    SKL_TRY(reader.number("confidence", 0, 1));
    SKL_TRY(reader.string("method"));
    SKL_TRY(reader.integer("chosen_on", 1, INT64_MAX));
    SKL_TRY_ASSIGN(threshold, reader.any("abstain_below"));
    if (!threshold->is_null()) SKL_TRY(reader.number("abstain_below", 0, 1));
    SKL_TRY(reader.integer("answered", 0, INT64_MAX));
    SKL_TRY(reader.integer("wrong", 0, INT64_MAX));
    SKL_TRY(reader.number("error_bound", 0, 1));
    SKL_TRY_ASSIGN(obstacle, reader.any("obstacle"));
    if (!obstacle->is_null()) SKL_TRY(reader.string("obstacle"));
    return reader.done();
}

Result<void> check_label_set(const json::Value &value) {
    json::MemberReader reader(value, "/label_set", invalid);
    SKL_TRY(reader.number("miss", 0, 1));
    SKL_TRY(reader.number("threshold", 0, 1));
    SKL_TRY(reader.integer("chosen_on", 1, INT64_MAX));
    return reader.done();
}

// What the two versions call differently; gives how many cases the temperature was fitted on.
Result<int64_t> read_first(json::MemberReader &reader) {
    SKL_TRY_ASSIGN(cases, reader.integer("cases", 1, INT64_MAX));
    SKL_TRY(reader.string("fitted_on"));
    SKL_TRY_ASSIGN(quality, reader.any("quality"));
    SKL_TRY(check_first_quality(*quality));
    return cases;
}

Result<int64_t> read_second(json::MemberReader &reader) {
    SKL_TRY_ASSIGN(fitted_on, reader.integer("fitted_on", 1, INT64_MAX));
    SKL_TRY_ASSIGN(cases, reader.any("cases"));
    SKL_TRY(check_cases(*cases));
    SKL_TRY_ASSIGN(abstention, reader.any("abstention"));
    SKL_TRY(check_abstention(*abstention));
    SKL_TRY_ASSIGN(label_set, reader.any("label_set"));
    SKL_TRY(check_label_set(*label_set));
    SKL_TRY_ASSIGN(quality, reader.any("quality"));
    SKL_TRY(check_quality(*quality));
    return fitted_on;
}

}  // namespace

Result<Calibration> Calibration::parse(std::string_view text) {
    SKL_TRY_ASSIGN(value, json::parse(text, invalid, "calibration"));
    json::MemberReader reader(value, "", invalid);
    SKL_TRY_ASSIGN(schema, reader.string("schema"));
    const bool first = schema == "skillet.calibration/1";
    if (!first && schema != "skillet.calibration/2") {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "not a calibration this version reads",
                          "/schema", "expected \"skillet.calibration/2\"");
    }
    SKL_TRY_ASSIGN(subject, reader.any("subject"));
    json::MemberReader subject_reader(*subject, "/subject", invalid);
    SKL_TRY_ASSIGN(artifact, read_digest(subject_reader, "artifact"));
    SKL_TRY_ASSIGN(contract, read_digest(subject_reader, "contract"));
    SKL_TRY(subject_reader.done());

    SKL_TRY_ASSIGN(method, reader.string("method"));
    if (method != "temperature") return reader.refuse("method", "expected \"temperature\"");
    SKL_TRY_ASSIGN(temperature, reader.number("temperature", 1e-3, 1e3));
    SKL_TRY_ASSIGN(fitted_on, first ? read_first(reader) : read_second(reader));
    SKL_TRY(reader.done());
    return Calibration{artifact, contract, temperature, fitted_on, sha256(text), value};
}

}  // namespace skillet
