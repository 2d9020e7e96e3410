// SPDX-License-Identifier: Apache-2.0
#include "assembly/root.h"

namespace skillet {
namespace {

// The time before which something is old; empty: everything is.
std::string end_of_grace(const CollectOptions &options) {
    if (options.grace.count() == 0) return "";
    return utc_text(std::chrono::system_clock::now() - options.grace);
}

}  // namespace

Result<std::set<Digest>> Root::remove_retired(const std::vector<PackageRow> &packages,
                                              bool dry_run) {
    std::set<Digest> doomed;
    for (const PackageRow &row : packages) doomed.insert(row.digest);
    std::set<Digest> unneeded;
    for (const PackageRow &row : packages) {
        SKL_TRY_ASSIGN(blobs, registry_.blobs_of(row.digest));
        for (const Digest &blob : blobs) {
            SKL_TRY_ASSIGN(users, registry_.packages_with(blob));
            const bool is_needed = std::any_of(users.begin(), users.end(), [&](const Digest &user) {
                return !doomed.contains(user);
            });
            if (!is_needed) unneeded.insert(blob);
        }
    }
    if (dry_run) return unneeded;
    for (const PackageRow &row : packages) {
        SKL_TRY(registry_.remove(row.digest, "collected: it was retired"));
        log_.write(SKL_LOG_INFO, "package.removed", "a retired package was removed",
                   identity_of(row));
    }
    return unneeded;
}

Result<Collected> Root::collect(const CollectOptions &options, const Work &work) {
    const auto held = lock(work.stop);
    if (!held) return held.error();
    Collected collected;
    if (options.retired) {
        SKL_TRY_ASSIGN(packages, registry_.retired(end_of_grace(options)));
        collected.packages = std::move(packages);
    }
    SKL_TRY_ASSIGN(unneeded, remove_retired(collected.packages, options.dry_run));
    // Also where an earlier removal came no further than the database.
    if (!options.dry_run) SKL_TRY(refresh_index());
    SKL_TRY_ASSIGN(needed, registry_.needed_blobs());
    SKL_TRY_ASSIGN(names, store_.names());
    const FileTime now = std::chrono::system_clock::now();
    std::vector<Digest> victims;
    for (const StoredName &name : names) {
        if (!name.digest || !name.facts.is_file) continue;
        const bool is_freed = unneeded.contains(*name.digest);
        if (needed.contains(*name.digest) && !is_freed) {
            ++collected.kept;
            continue;
        }
        // A time in the future is no age; only a grace of nothing asks for none.
        const bool is_old =
            is_freed || options.grace.count() == 0 || now - name.facts.modified >= options.grace;
        auto &list = is_old ? collected.removed : collected.spared;
        (is_old ? collected.removed_bytes : collected.spared_bytes) += name.facts.bytes;
        list.push_back({*name.digest, name.facts.bytes});
        if (is_old) victims.push_back(*name.digest);
    }
    if (!options.dry_run) SKL_TRY(store_.remove(victims));
    return collected;
}

}  // namespace skillet
