// SPDX-License-Identifier: Apache-2.0
#include "assembly/root_check.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

namespace skillet {
namespace {

struct FaultName {
    RootFault fault;
    const char *name;
    const char *hint;
};

constexpr const char *derived_hint = "`skillet fsck --repair` puts it right";
constexpr const char *bytes_hint =
    "`skillet fsck --repair` takes the packages that need it out of service; install them again";

constexpr auto names = std::to_array<FaultName>({
    {RootFault::database, "database", "restore it from a backup (docs/formats/database.md)"},
    {RootFault::ledger, "ledger", "compare the database with a backup"},
    {RootFault::serving, "serving", derived_hint},
    {RootFault::index, "index", derived_hint},
    {RootFault::layout, "layout", "choose another --root, or restore this one"},
    {RootFault::package, "package", "install it again"},
    {RootFault::rows, "rows", derived_hint},
    {RootFault::blob_missing, "blob_missing", bytes_hint},
    {RootFault::blob_damaged, "blob_damaged", bytes_hint},
    {RootFault::blob_writable, "blob_writable", derived_hint},
    {RootFault::foreign_name, "foreign_name", "it is ignored; move it away if it is nobody's"},
    {RootFault::blob_unneeded, "blob_unneeded", "`skillet gc` removes it"},
});

const FaultName &facts_of(RootFault fault) {
    return *std::find_if(names.begin(), names.end(),
                         [fault](const FaultName &row) { return row.fault == fault; });
}

// One look at a root that can be opened.
class Examination {
public:
    Examination(Root &root, const Work &work) : root_(root), work_(work) {}

    Result<RootCheck> run() {
        SKL_TRY(look_at_database());
        SKL_TRY(look_at_index());
        SKL_TRY(look_at_blobs());
        SKL_TRY(look_at_packages());
        std::stable_sort(check_.findings.begin(), check_.findings.end(),
                         [](const RootFinding &a, const RootFinding &b) {
                             return std::tie(a.fault, a.subject) < std::tie(b.fault, b.subject);
                         });
        return std::move(check_);
    }

private:
    void add(RootFault fault, std::string subject, std::string text) {
        check_.findings.push_back(
            {fault, std::move(subject), std::move(text), facts_of(fault).hint, false});
    }

    Result<void> look_at_database() {
        SKL_TRY_ASSIGN(findings, root_.registry().check_database());
        for (std::string &text : findings) add(RootFault::database, "skillet.db", std::move(text));
        if (const auto chain = root_.registry().verify_ledger(); !chain) {
            if (chain.error().code != SKL_E_STORE_CORRUPT) return chain;
            add(RootFault::ledger, chain.error().subject, chain.error().message);
        }
        SKL_TRY_ASSIGN(wrong, root_.registry().served_wrongly());
        for (std::string &id : wrong) {
            add(RootFault::serving, std::move(id), "another version serves than the states say");
        }
        return {};
    }

    Result<void> look_at_index() {
        SKL_TRY_ASSIGN(current, root_.index_is_current());
        if (!current) add(RootFault::index, "index.json", "it is not what the registry says");
        return {};
    }

    Result<void> look_at_blobs() {
        SKL_TRY_ASSIGN(needed, root_.registry().needed_blobs());
        SKL_TRY_ASSIGN(found, root_.store().names());
        uint64_t total = 0;
        for (const StoredName &name : found) total += name.facts.bytes;
        Phase reading(work_, "check", total);
        for (const StoredName &name : found) {
            if (!name.digest || !name.facts.is_file) {
                add(RootFault::foreign_name, name.name, "not a blob");
                continue;
            }
            SKL_TRY(look_at_blob(name, needed, reading));
            needed.erase(*name.digest);
        }
        for (const auto &[digest, bytes] : needed) {
            add(RootFault::blob_missing, digest.to_string(),
                fmt::format("{} bytes that a package needs are not there", bytes));
        }
        return {};
    }

    Result<void> look_at_blob(const StoredName &name, const std::map<Digest, uint64_t> &needed,
                              Phase &reading) {
        ++check_.blobs;
        check_.bytes += name.facts.bytes;
        const std::string subject = name.digest->to_string();
        if (name.facts.is_writable) {
            add(RootFault::blob_writable, subject, "somebody may change its bytes in place");
        }
        const auto bytes = root_.store().open(*name.digest);
        const auto hash = bytes ? sha256(*bytes, reading) : Result<Digest>(bytes.error());
        SKL_TRY(reading.check());
        if (!hash || *hash != *name.digest) {
            add(RootFault::blob_damaged, subject,
                hash ? fmt::format("its bytes have the digest {}", hash->to_string())
                     : hash.error().message);
        } else if (!needed.contains(*name.digest)) {
            add(RootFault::blob_unneeded, subject,
                fmt::format("no package needs its {} bytes", name.facts.bytes));
        }
        return {};
    }

    Result<void> look_at_packages() {
        SKL_TRY_ASSIGN(installation, root_.registry().installation());
        SKL_TRY_ASSIGN(rows, root_.registry().list());
        check_.packages = rows.size();
        for (const PackageRow &row : rows) {
            const auto package = root_.read(row);
            if (!package) {
                add(RootFault::package, reference_to(row), package.error().message);
                continue;
            }
            SKL_TRY_ASSIGN(blobs, root_.registry().blobs_of(row.digest));
            const InstalledPackage *known = installation.find(row.digest);
            const bool fits = blobs == digests_of(package->blobs()) && known != nullptr &&
                              texts_of(known->relations) == texts_of(package->skill.relations);
            if (!fits) add(RootFault::rows, reference_to(row), "not what its documents say");
        }
        return {};
    }

    static std::vector<std::string> texts_of(const Relations &relations) {
        std::vector<std::string> texts;
        const auto add = [&](const char *kind, const Relation &relation) {
            texts.push_back(fmt::format("{} {} {}", kind, relation.text(),
                                        relation.digest ? relation.digest->to_string() : ""));
        };
        for (const Relation &relation : relations.depends) add("depends", relation);
        for (const Relation &relation : relations.conflicts) add("conflicts", relation);
        if (relations.replaces) add("replaces", *relations.replaces);
        return texts;
    }

    static std::vector<Digest> digests_of(const std::vector<Descriptor> &blobs) {
        std::vector<Digest> digests;
        digests.reserve(blobs.size());
        for (const Descriptor &blob : blobs) digests.push_back(blob.digest);
        std::sort(digests.begin(), digests.end());
        return digests;
    }

    Root &root_;
    const Work &work_;
    RootCheck check_;
};

// Takes the packages that need the blob out of service.
Result<void> quarantine_users(Root &root, const RootFinding &finding) {
    SKL_TRY_ASSIGN(blob, Digest::parse(finding.subject));
    SKL_TRY_ASSIGN(users, root.registry().packages_with(blob));
    if (users.empty()) return {};
    const Code code =
        finding.fault == RootFault::blob_missing ? SKL_E_NOT_FOUND : SKL_E_DIGEST_MISMATCH;
    root.quarantine(users.front(), make_error(code, finding.text, finding.subject));
    return {};
}

Result<void> rewrite_rows(Root &root, const RootFinding &finding) {
    SKL_TRY_ASSIGN(rows, root.registry().list());
    for (const PackageRow &row : rows) {
        if (reference_to(row) != finding.subject) continue;
        SKL_TRY_ASSIGN(package, root.read(row));
        return root.registry().rewrite_rows(row.digest, blob_rows(package),
                                            package.skill.relations);
    }
    return {};
}

Result<void> repair(Root &root, RootFinding &finding) {
    switch (finding.fault) {
        case RootFault::serving: SKL_TRY(root.registry().mend_serving()); break;
        case RootFault::index: SKL_TRY(root.mend_index()); break;
        case RootFault::rows: SKL_TRY(rewrite_rows(root, finding)); break;
        case RootFault::blob_writable: {
            SKL_TRY_ASSIGN(blob, Digest::parse(finding.subject));
            SKL_TRY(root.protect(blob));
            break;
        }
        case RootFault::blob_missing:
        case RootFault::blob_damaged: return quarantine_users(root, finding);
        default: return {};
    }
    finding.repaired = true;
    return {};
}

}  // namespace

const char *name_of(RootFault fault) { return facts_of(fault).name; }

bool RootFinding::is_harmless() const {
    return fault == RootFault::foreign_name || fault == RootFault::blob_unneeded;
}

bool RootCheck::is_sound() const {
    return std::all_of(findings.begin(), findings.end(), [](const RootFinding &finding) {
        return finding.repaired || finding.is_harmless();
    });
}

Result<RootCheck> check_root(FileSystem &files, const std::string &path, const Work &work) {
    const auto root = Root::open_to_read(files, path);
    if (root) return Examination(**root, work).run();
    if (root.error().code != SKL_E_STORE_CORRUPT) return root.error();
    RootCheck check;
    const bool is_layout = root.error().subject.ends_with("oci-layout");
    const RootFault fault = is_layout ? RootFault::layout : RootFault::database;
    check.findings.push_back(
        {fault, root.error().subject, root.error().message, facts_of(fault).hint, false});
    return check;
}

Result<void> repair_root(FileSystem &files, const std::string &path, const std::string &actor,
                         const Log &log, RootCheck &check) {
    // A root that does not open has nothing that could be derived from it.
    if (!Root::open_to_read(files, path)) return {};
    SKL_TRY_ASSIGN(root, Root::open(files, path, actor, log));
    for (RootFinding &finding : check.findings) SKL_TRY(repair(*root, finding));
    return {};
}

}  // namespace skillet
