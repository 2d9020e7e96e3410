// SPDX-License-Identifier: Apache-2.0
#include "package/verification.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "gguf/file.h"
#include "gguf/tensor_values.h"
#include "package/blob_hashing.h"
#include "package/model_config.h"

namespace skillet {
namespace {

using enum CheckGroup;

// Which part of the report a member of skill.json belongs to.
CheckGroup group_of_member(std::string_view pointer) {
    for (const auto &[prefix, group] : {std::pair{"/engine", compatibility},
                                        {"/resources", resources},
                                        {"/contract", contract}}) {
        if (pointer.starts_with(prefix)) return group;
    }
    return facts;
}

// What to say of a license that the lists allow: also whether SPDX would call it otherwise today.
std::string license_finding(const LicenseExpression &license) {
    std::string finding = "the licence lists allow it";
    for (const LicenseExpression::Step &step : license.steps()) {
        if (step.term.deprecated) finding += fmt::format("; {} is deprecated", step.term.text());
    }
    return finding;
}

class Examination {
public:
    Examination(const BlobSource &source, const Descriptor &descriptor,
                const VerifyOptions &options, const Work &work)
        : source_(source), options_(options), work_(work) {
        report_.descriptor = descriptor;
    }

    Result<Report> run() {
        auto package = read_package(source_, report_.descriptor);
        if (!package) {
            SKL_TRY(unreadable(std::move(package).error()));
            return std::move(report_);
        }
        report_.package = *std::move(package);
        SKL_TRY(check_integrity());
        check_documents();
        SKL_TRY(check_model());
        check_promises();
        check_evidence();
        check_policy();
        report_.sort();
        return std::move(report_);
    }

private:
    [[nodiscard]] const Package &package() const { return *report_.package; }
    [[nodiscard]] const Skill &skill() const { return package().skill; }

    // Nothing else can be asked of a package whose documents cannot be read.
    Result<void> unreadable(Error error) {
        if (!blames_package(error.code)) return error;
        const bool damaged = error.code == SKL_E_DIGEST_MISMATCH || error.code == SKL_E_NOT_FOUND;
        const CheckGroup failed = damaged ? integrity : structure;
        for (int i = 0; i < check_groups; ++i) {
            const auto group = static_cast<CheckGroup>(i);
            if (group == failed) {
                report_.fail(group, "documents", error);
            } else {
                report_.not_checked(group, "everything", "the package's documents cannot be read");
            }
        }
        return {};
    }

    Result<void> check_integrity() {
        std::vector<Descriptor> blobs = package().blobs();
        const auto unread = std::stable_partition(
            blobs.begin(), blobs.end(), [&](const Descriptor &blob) { return is_hashed(blob); });
        const std::span to_read(unread, blobs.end());
        std::vector<Result<void>> outcomes = check_blobs(source_, to_read, work_);
        outcomes.insert(outcomes.begin(), blobs.size() - to_read.size(), Result<void>());
        for (size_t i = 0; i < blobs.size(); ++i) {
            const Descriptor &blob = blobs[i];
            Result<void> &outcome = outcomes[i];
            if (!outcome && !blames_package(outcome.error().code)) return outcome;
            if (blob.digest == package().artifact.digest) artifact_intact_ = outcome.has_value();
            report_.add(integrity, blob_name(blob), blob.digest.to_string(),
                        fmt::format("{} bytes, SHA-256 matches", blob.size), std::move(outcome));
        }
        return {};
    }

    [[nodiscard]] bool is_hashed(const Descriptor &blob) const {
        const auto known = options_.hashed.find(blob.digest);
        if (known == options_.hashed.end()) return false;
        const auto bytes = source_.open(blob.digest);
        if (!bytes || bytes->size() != blob.size) return false;
        const auto stamp = FileStamp::of(bytes->fd(), bytes->name());
        return stamp && stamp->same_as(known->second);
    }

    // read_package() has held them against each other; only the config is for others to read.
    void check_documents() {
        report_.pass(structure, "skill.json", skill().id, "strict, canonical, complete");
        report_.pass(
            structure, "manifest", package().descriptor.digest.to_string(),
            fmt::format("{} layers; says what skill.json says", package().manifest.layers.size()));
        const auto compare = [&]() -> Result<void> {
            SKL_TRY_ASSIGN(text, read_document(source_, package().manifest.config));
            return check_model_config(text, skill());
        };
        report_.add(structure, "config", package().manifest.config.digest.to_string(),
                    "says what skill.json says", compare());
    }

    Result<void> check_model() {
        if (!artifact_intact_) {
            for (const CheckGroup group : {structure, facts, compatibility, resources}) {
                report_.not_checked(group, "model", "its bytes are not those that were packed");
            }
            return {};
        }
        SKL_TRY_ASSIGN(artifact, source_.open(package().artifact.digest));
        auto file = gguf::read(artifact);
        auto observed = file ? gguf::derive_facts(artifact, *file) : std::move(file).error();
        if (!observed) {
            if (!blames_package(observed.error().code)) return std::move(observed).error();
            report_.fail(structure, "model", std::move(observed).error());
            return {};
        }
        report_.pass(structure, "model", "GGUF",
                     fmt::format("version {}; {} keys and {} tensors are well-formed, every tensor "
                                 "inside the file",
                                 file->version, file->entries.size(), file->tensors.size()));
        report_.facts = *std::move(observed);
        if (gguf::is_adapter(*file)) return check_adapter(artifact, *std::move(file));
        SKL_TRY(check_values(artifact, *file));
        check_facts(artifact, *file, *report_.facts);
        return {};
    }

    void check_facts(const FileSlice &artifact, const gguf::File &file,
                     const gguf::Facts &observed) {
        add_claims(
            skill().compare_with(observed, package().artifact.digest, package().artifact.size));
        report_.add(compatibility, "engine", observed.architecture,
                    "this build runs it: every key and tensor it needs is there, and fits",
                    gguf::check_runnable(artifact, file, observed));
    }

    Result<void> check_adapter(const FileSlice &artifact, gguf::File file) {
        if (!skill().adapter) {
            report_.fail(
                facts, "/artifact/role",
                make_error(SKL_E_MANIFEST_INVALID, "claims a model, but the file is an adapter",
                           "/artifact/role", "pack it for its base: --base BASE"));
            return {};
        }
        Phase phase(work_, "scan", gguf::bytes_to_scan(file));
        auto adapter =
            AdapterFile::read(artifact, std::move(file), package().artifact.digest, phase);
        if (!adapter) {
            if (!blames_package(adapter.error().code)) return std::move(adapter).error();
            report_.fail(structure, "adapter", std::move(adapter).error());
            return {};
        }
        auto base = options_.find_base
                        ? options_.find_base(*skill().adapter)
                        : base_missing(*skill().adapter, "it is neither installed nor given");
        if (!base) {
            if (base.error().code != SKL_E_DEPENDENCY_UNSATISFIED) return std::move(base).error();
            report_.fail(compatibility, "base", std::move(base).error());
            for (const CheckGroup group : {facts, contract, resources}) {
                report_.not_checked(group, "adapter", "the base is not at hand");
            }
            return {};
        }
        check_attachment(*std::move(adapter), *base);
        return {};
    }

    void check_attachment(AdapterFile adapter, const BaseModel &base) {
        report_.add(compatibility, "engine", base.facts.architecture,
                    "this build runs the base: every key and tensor it needs is there, and fits",
                    base.runnable);
        for (Component &one : compare_adapter(adapter, claim_of(skill()), base)) {
            if (one.error) {
                report_.fail(compatibility, one.name, *std::move(one.error));
            } else {
                // What the base has no say in, or says in the same words, is said once.
                const bool once = one.base == no_say || one.base == one.adapter;
                report_.pass(compatibility, one.name, "",
                             once ? one.adapter : fmt::format("{}; {}", one.adapter, one.base));
            }
        }
        const AdapterMember &member = *skill().adapter;
        const AdapterBasis basis{std::move(adapter.adapter), base.facts, base.digest,
                                 member.base_id, member.base_version.text()};
        add_claims(skill().compare_with(adapter.facts, package().artifact.digest,
                                        package().artifact.size, &basis));
    }

    void add_claims(std::vector<DerivedClaim> claims) {
        for (DerivedClaim &claim : claims) {
            const CheckGroup group = group_of_member(claim.pointer);
            if (claim.error) {
                report_.fail(group, claim.pointer, *std::move(claim.error));
                continue;
            }
            report_.pass(group, claim.pointer, "", claim.observed);
            if (group == resources) report_.checks.back().basis = FindingBasis::estimated;
            if (claim.pointer == "/adapter/base/id" || claim.pointer == "/adapter/base/version") {
                report_.checks.back().basis = FindingBasis::reported;
            }
        }
    }

    Result<void> check_values(const FileSlice &artifact, const gguf::File &file) {
        constexpr const char *name = "tensor values";
        if (!options_.deep) {
            report_.not_checked(structure, name, "not asked for (--deep)");
            return {};
        }
        Phase phase(work_, "scan", gguf::bytes_to_scan(file));
        SKL_TRY_ASSIGN(scan, gguf::scan_values(artifact, file, phase));
        if (scan.finite()) {
            report_.pass(structure, name, "",
                         fmt::format("{} values and scales of blocks, all finite", scan.values));
            return {};
        }
        report_.fail(structure, name,
                     make_error(SKL_E_MALFORMED_ARTIFACT,
                                fmt::format("{} NaN and {} infinite values in {} tensors", scan.nan,
                                            scan.infinite, scan.faulty_tensors),
                                scan.faults.front().tensor,
                                "its answers are worthless: convert or train the model anew"));
        return {};
    }

    // What parsing has enforced, said aloud.
    void check_promises() {
        const RequestLimits &limits = skill().contract.limits();
        report_.pass(contract, "/contract/input", "", "every keyword of the schema is enforced");
        report_.pass(contract, "/contract/output", "",
                     "every keyword of the schema is enforced, and it admits every label");
        report_.pass(
            contract, "/contract/limits", "",
            fmt::format("{} bytes and {} tokens in, {} bytes out, {} ms", limits.input_bytes,
                        limits.input_tokens, limits.output_bytes, limits.deadline_ms));
        if (package().calibration) {
            report_.note(contract, "/contract/confidence", FindingBasis::reported,
                         fmt::format("calibrated on {} cases", package().calibration->cases));
        } else {
            report_.note(contract, "/contract/confidence", FindingBasis::observed,
                         "no calibration of this model under this contract: answers carry no "
                         "confidence");
        }
        for (const char *member : {"reads", "emits", "requests"}) {
            const std::string pointer = fmt::format("/authority/{}", member);
            const json::Array &classes = *json::resolve(skill().json, pointer)->array();
            std::vector<std::string> names;
            for (const json::Value &one : classes) names.push_back(*one.string());
            report_.pass(authority, pointer, "",
                         names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", ")));
        }
    }

    void check_evidence() {
        for (const Evidence &document : package().evidence) {
            report_.note(evidence, name_of(document.kind), FindingBasis::reported,
                         document.method.empty() ? std::string("by a method that is not recorded")
                                                 : fmt::format("{}, {}: {}", document.by,
                                                               document.at, document.method));
            report_.checks.back().subject = document.digest.to_string();
        }
        for (const AttachedDocument &document : package().documents) {
            if (document.bound) continue;
            report_.note(evidence, blob_name(document.content), FindingBasis::observed,
                         "is about another model or contract: it counts for nothing");
            report_.checks.back().subject = document.content.digest.to_string();
        }
        if (package().evidence.empty()) {
            report_.note(evidence, "status", FindingBasis::observed,
                         "nobody has measured this model under this contract");
        }
    }

    // The default policy asks for nothing that a package can lack; what it lacks is said.
    void check_policy() {
        report_.note(policy, "signature", FindingBasis::observed,
                     "unsigned: who packed it is not known; none is asked for");
        report_.note(policy, "evidence", FindingBasis::observed,
                     fmt::format("{}; none is asked for", name_of(package().evidence_status())));
        const LicenseExpression &license = skill().license_expression;
        report_.add(policy, "license", license.text(), license_finding(license),
                    check_license(options_.licenses, license));
        report_.checks.back().basis = FindingBasis::reported;
    }

    const BlobSource &source_;
    const VerifyOptions &options_;
    const Work &work_;
    Report report_;
    bool artifact_intact_ = false;
};

}  // namespace

const char *name_of(CheckGroup group) {
    switch (group) {
        case integrity: return "integrity";
        case structure: return "structure";
        case facts: return "facts";
        case compatibility: return "compatibility";
        case contract: return "contract";
        case authority: return "authority";
        case resources: return "resources";
        case evidence: return "evidence";
        case policy: return "policy";
    }
    return "unknown";
}

const char *name_of(CheckResult result) {
    switch (result) {
        case CheckResult::pass: return "pass";
        case CheckResult::fail: return "fail";
        case CheckResult::not_checked: return "not-checked";
        case CheckResult::note: return "note";
    }
    return "unknown";
}

const char *name_of(FindingBasis basis) {
    switch (basis) {
        case FindingBasis::observed: return "observed";
        case FindingBasis::estimated: return "estimated";
        case FindingBasis::reported: return "reported";
    }
    return "unknown";
}

void Report::pass(CheckGroup group, std::string name, std::string subject, std::string finding) {
    checks.push_back({group,
                      std::move(name),
                      std::move(subject),
                      CheckResult::pass,
                      FindingBasis::observed,
                      std::move(finding),
                      {}});
}

void Report::note(CheckGroup group, std::string name, FindingBasis basis, std::string finding) {
    checks.push_back(
        {group, std::move(name), "", CheckResult::note, basis, std::move(finding), {}});
}

void Report::not_checked(CheckGroup group, std::string name, std::string why) {
    checks.push_back({group,
                      std::move(name),
                      "",
                      CheckResult::not_checked,
                      FindingBasis::observed,
                      std::move(why),
                      {}});
}

void Report::fail(CheckGroup group, std::string name, Error error) {
    checks.push_back({group, std::move(name), error.subject, CheckResult::fail,
                      FindingBasis::observed, error.message, error});
}

void Report::add(CheckGroup group, std::string name, std::string subject, std::string finding,
                 Result<void> outcome) {
    if (!outcome) return fail(group, std::move(name), std::move(outcome).error());
    pass(group, std::move(name), std::move(subject), std::move(finding));
}

void Report::sort() {
    std::stable_sort(checks.begin(), checks.end(),
                     [](const Check &a, const Check &b) { return a.group < b.group; });
}

const Error *Report::first_failure() const {
    const auto failed = std::find_if(checks.begin(), checks.end(),
                                     [](const Check &check) { return check.error.has_value(); });
    return failed != checks.end() ? &*failed->error : nullptr;
}

EvidenceStatus Report::evidence_status() const {
    return holds() ? package->evidence_status() : EvidenceStatus::none;
}

bool blames_package(skl_status code) {
    return (code >= SKL_E_MANIFEST_INVALID && code < SKL_E_BUDGET_NEVER_FITS) ||
           code == SKL_E_NOT_FOUND;
}

Result<Report> examine_package(const BlobSource &source, const Descriptor &descriptor,
                               const VerifyOptions &options, const Work &work) {
    return Examination(source, descriptor, options, work).run();
}

Result<Report> verify_package(const BlobSource &source, const Descriptor &descriptor,
                              const VerifyOptions &options, const Work &work) {
    SKL_TRY_ASSIGN(report, examine_package(source, descriptor, options, work));
    if (const Error *failure = report.first_failure()) return *failure;
    return std::move(report);
}

}  // namespace skillet
