// SPDX-License-Identifier: Apache-2.0
#include "registry/blob_table.h"

#include "registry/package_table.h"

namespace skillet {

Result<void> insert_blobs(const Database &database, const Digest &package,
                          const std::vector<PackageBlob> &blobs) {
    // A package may name one blob twice.
    SKL_TRY_ASSIGN(insert, database.prepare("INSERT INTO package_blob VALUES (?, ?, ?, ?) "
                                            "ON CONFLICT DO NOTHING"));
    insert.bind(0, package.to_string());
    for (const PackageBlob &blob : blobs) {
        SKL_TRY(insert.bind(1, blob.digest.to_string())
                    .bind(2, static_cast<int64_t>(blob.bytes))
                    .bind(3, blob.artifact_type)
                    .run());
    }
    return {};
}

Result<void> add_blobs(const Database &database, const Digest &package,
                       const std::vector<PackageBlob> &blobs) {
    const auto total = [&]() -> Result<int64_t> {
        SKL_TRY_ASSIGN(select, database.prepare("SELECT ifnull(sum(bytes), 0) FROM package_blob "
                                                "WHERE package = ?"));
        SKL_TRY(select.bind(0, package.to_string()).step());
        return select.integer(0);
    };
    SKL_TRY_ASSIGN(before, total());
    SKL_TRY(insert_blobs(database, package, blobs));
    SKL_TRY_ASSIGN(after, total());
    if (after == before) return {};
    SKL_TRY_ASSIGN(update,
                   database.prepare("UPDATE package SET bytes = bytes + ? WHERE digest = ?"));
    return update.bind(0, after - before).bind(1, package.to_string()).run();
}

Result<std::vector<Digest>> blobs_only_of(const Database &database, const Digest &package) {
    SKL_TRY_ASSIGN(
        select, database.prepare("SELECT blob FROM package_blob AS own WHERE package = ?1 AND "
                                 "NOT EXISTS (SELECT 1 FROM package_blob AS other WHERE "
                                 "other.blob = own.blob AND other.package <> ?1) ORDER BY blob"));
    return read_digests(select.bind(0, package.to_string()));
}

}  // namespace skillet
