// SPDX-License-Identifier: Apache-2.0
#include "author/verification_document.h"

#include <fmt/format.h>

#include "json/error_json.h"

namespace skillet {
namespace {

json::Value checks_of(const Report &report) {
    json::Array checks;
    for (const Check &check : report.checks) {
        checks.push_back(json::Object{{"group", name_of(check.group)},
                                      {"check", check.name},
                                      {"subject", check.subject},
                                      {"result", name_of(check.result)},
                                      {"basis", name_of(check.basis)},
                                      {"finding", check.finding},
                                      {"hint", check.error ? check.error->hint : ""}});
    }
    return checks;
}

json::Value counts_of(const Report &report) {
    json::Object counts;
    for (const CheckResult result :
         {CheckResult::pass, CheckResult::fail, CheckResult::not_checked, CheckResult::note}) {
        int64_t count = 0;
        for (const Check &check : report.checks) count += check.result == result;
        counts.append(name_of(result), count);
    }
    return counts;
}

json::Value failure_of(const Report &report) {
    const Error *failure = report.first_failure();
    return failure != nullptr ? json::error_members(*failure) : json::Value();
}

// Which exact artifact, revision, backend and environment were reviewed.
json::Value reviewed(const Report &report, const Circumstances &circumstances) {
    json::Value artifact;
    json::Value source;
    if (report.package) {
        artifact =
            json::Object{{"digest", report.package->artifact.digest.to_string()},
                         {"bytes", report.package->artifact.size},
                         {"contract", report.package->skill.contract.core_digest().to_string()}};
        source = *json::resolve(report.package->skill.json, "/source");
    }
    return json::Object{{"artifact", std::move(artifact)},     {"source", std::move(source)},
                        {"backend", circumstances.engine},     {"library", circumstances.library},
                        {"environment", circumstances.system}, {"at", circumstances.at}};
}

// Which assumptions could change the result: what this verification has to take for granted.
class Assumptions {
public:
    Assumptions(const Report &report, const Circumstances &circumstances) {
        add("origin",
            "Nothing is signed. That the package comes from whom it names rests on the "
            "way it took to you.");
        // Of an adapter every value is looked at, asked or not.
        const bool is_adapter = report.package && report.package->skill.adapter;
        if (!circumstances.deep && !is_adapter) {
            add("values",
                "No tensor value was looked at. One that is not a number would make every "
                "answer worthless; --deep looks.");
        }
        add("backend", fmt::format("Answers are those of {}: another build, or another kind of "
                                   "processor, may round differently.",
                                   circumstances.engine));
        if (report.package) add_package(*report.package);
    }
    json::Array list;

private:
    void add(const char *about, std::string text) {
        list.push_back(json::Object{{"about", about}, {"assumption", std::move(text)}});
    }

    void add_package(const Package &package) {
        add("license", fmt::format("{} is what the package states; no byte of the model shows it.",
                                   package.skill.license));
        add("source",
            "That the model is what its source published is reported; verification saw "
            "the bytes in the package.");
        if (package.calibration) {
            add("confidence",
                "Confidence holds for inputs like the cases it was fitted on, and for "
                "no others.");
        }
        if (!package.evidence.empty()) {
            add("evidence",
                "Its figures are reported by those who measured them. Nothing was "
                "measured here.");
        }
        add("memory",
            "What it will need in memory is estimated by a formula; the runtime measures "
            "when it loads.");
        if (const json::Value *domain =
                json::resolve(package.skill.json, "/contract/domain/unsupported")) {
            add("domain", fmt::format("It is not for: {}", *domain->string()));
        }
    }
};

// What to keep so that another person can reproduce the conclusion.
json::Value retained(const Report &report, const Circumstances &circumstances) {
    json::Array list;
    const auto add = [&](std::string what, std::string identity) {
        list.push_back(json::Object{{"what", std::move(what)}, {"identity", std::move(identity)}});
    };
    add("package manifest", report.descriptor.digest.to_string());
    if (report.package) {
        for (const Descriptor &blob : report.package->blobs()) {
            if (blob.digest == report.descriptor.digest) continue;
            add(blob_name(blob), blob.digest.to_string());
        }
    }
    add("library", circumstances.library);
    add("engine", circumstances.engine);
    return list;
}

}  // namespace

json::Value verification_document(const Report &report, const Circumstances &circumstances) {
    json::Value id;
    json::Value version;
    if (report.package) {
        id = report.package->skill.id;
        version = report.package->skill.version.text();
    }
    json::Value state;
    if (!circumstances.state.empty()) state = circumstances.state;
    return json::Object{{"schema", "skillet.verification/2"},
                        {"id", std::move(id)},
                        {"version", std::move(version)},
                        {"digest", report.descriptor.digest.to_string()},
                        {"verified", report.holds()},
                        {"state", std::move(state)},
                        {"signed", false},
                        {"deep", circumstances.deep},
                        {"evidence_status", name_of(report.evidence_status())},
                        {"counts", counts_of(report)},
                        {"error", failure_of(report)},
                        {"checks", checks_of(report)},
                        {"reviewed", reviewed(report, circumstances)},
                        {"assumptions", Assumptions(report, circumstances).list},
                        {"retain", retained(report, circumstances)}};
}

}  // namespace skillet
