// SPDX-License-Identifier: Apache-2.0
#include "runner/answer.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace skillet {
namespace {

json::Value stats_json(const RequestStats &stats) {
    return json::Object{{"input_ms", stats.input_ms},
                        {"tokenize_ms", stats.tokenize_ms},
                        {"wait_ms", stats.wait_ms},
                        {"compute_ms", stats.compute_ms},
                        {"total_ms", stats.total_ms},
                        {"tokens", uint64_t{stats.tokens}},
                        {"tokens_dropped", uint64_t{stats.tokens_dropped}},
                        {"windows", uint64_t{stats.windows}}};
}

json::Value digests_json(const Package &package) {
    const Skill &skill = package.skill;
    const json::Value *tokenizer = json::resolve(skill.json, "/tokenizer/digest");
    return json::Object{
        {"package", package.descriptor.digest.to_string()},
        {"artifact", skill.artifact_digest.to_string()},
        {"tokenizer", tokenizer != nullptr ? *tokenizer : json::Value()},
        {"contract", skill.contract.core_digest().to_string()},
        {"calibration", package.calibration ? json::Value(package.calibration->digest.to_string())
                                            : json::Value()}};
}

// Null if there is one.
json::Value confidence_absent_json(const Package &package) {
    if (package.calibration) return {};
    const auto absent = [](const char *reason, std::string message) -> json::Value {
        return json::Object{{"reason", reason}, {"message", std::move(message)}};
    };
    if (!package.foreign_calibration) {
        return absent("uncalibrated", "no calibration is attached to the package");
    }
    const Calibration &other = *package.foreign_calibration;
    if (other.artifact != package.skill.artifact_digest) {
        return absent(
            "other_artifact",
            fmt::format("the calibration that is attached is of the artifact {}, this one "
                        "is {}",
                        other.artifact.to_string(), package.skill.artifact_digest.to_string()));
    }
    return absent(
        "other_contract",
        fmt::format("the calibration that is attached is of the contract {}, this one is "
                    "{}",
                    other.contract.to_string(), package.skill.contract.core_digest().to_string()));
}

}  // namespace

double entropy_of(const Answer &answer) {
    double entropy = 0;
    for (const double share : answer.probabilities)
        if (share > 0) entropy -= share * std::log(share);
    return std::max(entropy, 0.0);
}

const std::string *label_of(const Answer &answer, const Package &package) {
    return answer.abstained ? nullptr : &package.skill.contract.labels()[answer.best];
}

json::Value result_document(const Answer &answer, const Package &package,
                            const std::string &engine_build, bool with_stats) {
    const Skill &skill = package.skill;
    json::Object probabilities;
    json::Array logits;
    for (size_t i = 0; i < answer.probabilities.size(); ++i) {
        probabilities.append(skill.contract.labels()[i], answer.probabilities[i]);
        logits.emplace_back(double{answer.logits[i]});
    }
    json::Object document{
        {"schema", "skillet.result/1"},
        {"skill", json::Object{{"id", skill.id}, {"version", skill.version.text()}}},
        {"output", answer.abstained ? json::Value()
                                    : skill.contract.output_for(answer.best, answer.probabilities)},
        {"abstained", answer.abstained},
        {"confidence", answer.confidence ? json::Value(*answer.confidence) : json::Value()},
        {"confidence_absent", confidence_absent_json(package)},
        {"probabilities", std::move(probabilities)},
        {"option_mass", answer.option_mass},
        {"entropy", entropy_of(answer)},
        {"logits", std::move(logits)},
        {"digests", digests_json(package)},
        {"engine", engine_build}};
    if (with_stats) document.append("stats", stats_json(answer.stats));
    return document;
}

}  // namespace skillet
