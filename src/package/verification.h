// SPDX-License-Identifier: Apache-2.0
// Every claim of a package held against its bytes, as a list of checks: what was asked, what was
// found, and on what the finding rests.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_stamp.h"
#include "base/work.h"
#include "compat/attachment.h"
#include "gguf/facts.h"
#include "manifest/license_policy.h"
#include "package/package.h"

namespace skillet {

// In the order of the report.
enum class CheckGroup : uint8_t {
    integrity,
    structure,
    facts,
    compatibility,
    contract,
    authority,
    resources,
    evidence,
    policy
};
inline constexpr int check_groups = 9;
[[nodiscard]] const char *name_of(CheckGroup group);

enum class CheckResult : uint8_t {
    pass,
    fail,
    not_checked,  // something before it failed, or nobody asked
    note          // nothing to hold: it is said so that the reader knows
};
[[nodiscard]] const char *name_of(CheckResult result);

// The three kinds of value that are never mixed.
enum class FindingBasis : uint8_t { observed, estimated, reported };
[[nodiscard]] const char *name_of(FindingBasis basis);

struct Check {
    CheckGroup group = CheckGroup::integrity;
    std::string name;     // a file, a member's JSON pointer, a rule
    std::string subject;  // a digest, an id; may be empty
    CheckResult result = CheckResult::pass;
    FindingBasis basis = FindingBasis::observed;
    std::string finding;         // for people
    std::optional<Error> error;  // of a check that failed
};

// What verification found. A plain value; REQUIRES of the functions that add are in their names.
struct Report {
    Descriptor descriptor;           // the package's manifest
    std::optional<Package> package;  // absent if its documents cannot be read
    std::optional<gguf::Facts> facts;
    std::vector<Check> checks;

    void pass(CheckGroup group, std::string name, std::string subject, std::string finding);
    void note(CheckGroup group, std::string name, FindingBasis basis, std::string finding);
    void not_checked(CheckGroup group, std::string name, std::string why);
    void fail(CheckGroup group, std::string name, Error error);
    // Passes with `finding` or fails with the outcome's error.
    void add(CheckGroup group, std::string name, std::string subject, std::string finding,
             Result<void> outcome);

    [[nodiscard]] bool holds() const { return first_failure() == nullptr; }
    // Puts the checks in the order of their groups; those of a group stay as they were added.
    void sort();
    // The error of the first check that failed, or null.
    [[nodiscard]] const Error *first_failure() const;
    // "none" if a check failed; else what the package's evidence holds.
    [[nodiscard]] EvidenceStatus evidence_status() const;
};

// Where the base of an adapter is found, by the digest of its file: what it gives has that digest.
// SKL_E_DEPENDENCY_UNSATISFIED if it is not at hand.
using FindBase = std::function<Result<BaseModel>(const AdapterMember &adapter)>;

struct VerifyOptions {
    bool deep = false;  // look at every value of every tensor
    LicensePolicy licenses = {};
    FindBase find_base = {};  // none: no base is at hand
    // Blobs that the caller has hashed just now, and their stamps then: one that still has its
    // stamp is not read again.
    std::map<Digest, FileStamp> hashed = {};
};

// Reads the package and checks all it claims. Fails only with what is not about the package: the
// caller stopped it, the machine cannot read or has no memory. Everything else is in the report.
[[nodiscard]] Result<Report> examine_package(const BlobSource &source, const Descriptor &descriptor,
                                             const VerifyOptions &options = {},
                                             const Work &work = {});

// The report of a package whose every check holds, or the error of the first that does not.
[[nodiscard]] Result<Report> verify_package(const BlobSource &source, const Descriptor &descriptor,
                                            const VerifyOptions &options = {},
                                            const Work &work = {});

// Whether an error is about the package's bytes or claims, and not about the machine or the call.
[[nodiscard]] bool blames_package(skl_status code);

// SKL_E_DEPENDENCY_UNSATISFIED: `why` the base of an adapter cannot be had.
[[nodiscard]] Error base_missing(const AdapterMember &adapter, std::string_view why);
// Looks a base up among the blobs of a store, and hashes it again.
[[nodiscard]] FindBase find_base_in(const BlobSource &store);
// Takes the base from a GGUF or .skill file, if it is the one that is needed.
[[nodiscard]] FindBase base_from_file(std::string path);

}  // namespace skillet
