// SPDX-License-Identifier: Apache-2.0
#include "assembly/root.h"

namespace skillet {

Result<Collected> Root::collect(const CollectOptions &options, const Work &work) {
    const auto held = lock(work.stop);
    if (!held) return held.error();
    SKL_TRY_ASSIGN(needed, registry_.needed_blobs());
    SKL_TRY_ASSIGN(names, store_.names());
    const FileTime now = std::chrono::system_clock::now();
    Collected collected;
    std::vector<Digest> victims;
    for (const StoredName &name : names) {
        if (!name.digest || !name.facts.is_file) continue;
        if (needed.contains(*name.digest)) {
            ++collected.kept;
            continue;
        }
        // A time in the future is no age; only a grace of nothing asks for none.
        const bool is_old =
            options.grace.count() == 0 || now - name.facts.modified >= options.grace;
        auto &list = is_old ? collected.removed : collected.spared;
        (is_old ? collected.removed_bytes : collected.spared_bytes) += name.facts.bytes;
        list.push_back({*name.digest, name.facts.bytes});
        if (is_old) victims.push_back(*name.digest);
    }
    if (!options.dry_run) SKL_TRY(store_.remove(victims));
    return collected;
}

}  // namespace skillet
