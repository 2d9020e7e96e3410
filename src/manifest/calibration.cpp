// SPDX-License-Identifier: Apache-2.0
#include "manifest/calibration.h"

#include "json/members.h"
#include "json/parse.h"

namespace skillet {
namespace {

constexpr Code invalid = SKL_E_MANIFEST_INVALID;

Result<Digest> read_digest(json::MemberReader &reader, std::string_view name) {
    SKL_TRY_ASSIGN(text, reader.string(name));
    auto digest = Digest::parse(text);
    if (!digest) return reader.refuse(name, digest.error().message);
    return digest;
}

// Quality figures are reported values: their types are checked, nothing is computed from them.
Result<void> check_quality(const json::Value &value, std::string pointer) {
    json::MemberReader reader(value, std::move(pointer), invalid);
    SKL_TRY(reader.number("ece", 0, 1));
    SKL_TRY(reader.number("brier", 0, 2));
    SKL_TRY(reader.array("ece_interval"));
    SKL_TRY(reader.array("risk_coverage"));
    SKL_TRY(reader.string("measured_on"));
    SKL_TRY(reader.integer("cases", 1, INT64_MAX));
    return reader.done();
}

}  // namespace

Result<Calibration> Calibration::parse(std::string_view text) {
    SKL_TRY_ASSIGN(value, json::parse(text, invalid, "calibration"));
    json::MemberReader reader(value, "", invalid);
    SKL_TRY_ASSIGN(schema, reader.string("schema"));
    if (schema != "skillet.calibration/1") {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "not a calibration this version reads",
                          "/schema", "expected \"skillet.calibration/1\"");
    }
    SKL_TRY_ASSIGN(subject, reader.any("subject"));
    json::MemberReader subject_reader(*subject, "/subject", invalid);
    SKL_TRY_ASSIGN(artifact, read_digest(subject_reader, "artifact"));
    SKL_TRY_ASSIGN(contract, read_digest(subject_reader, "contract"));
    SKL_TRY(subject_reader.done());

    SKL_TRY_ASSIGN(method, reader.string("method"));
    if (method != "temperature") return reader.refuse("method", "expected \"temperature\"");
    SKL_TRY_ASSIGN(temperature, reader.number("temperature", 1e-3, 1e3));
    SKL_TRY_ASSIGN(cases, reader.integer("cases", 1, INT64_MAX));
    SKL_TRY(reader.string("fitted_on"));
    SKL_TRY_ASSIGN(quality, reader.any("quality"));
    SKL_TRY(check_quality(*quality, "/quality"));
    SKL_TRY(reader.done());
    return Calibration{artifact, contract, temperature, cases, sha256(text), value};
}

}  // namespace skillet
