// SPDX-License-Identifier: Apache-2.0
// The rows of the blobs that packages need. Part of Registry, which holds its lock meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "journal/database.h"

namespace skillet {

// A blob a package needs, so that removal knows what becomes unreachable.
struct PackageBlob {
    Digest digest;
    uint64_t bytes = 0;
    std::string artifact_type =
        {};  // of a manifest that index.json lists; empty for all other blobs
};

[[nodiscard]] Result<void> insert_blobs(const Database &database, const Digest &package,
                                        const std::vector<PackageBlob> &blobs);
// The package's blobs grow by those that it lacks, and its size with them.
[[nodiscard]] Result<void> add_blobs(const Database &database, const Digest &package,
                                     const std::vector<PackageBlob> &blobs);
// What no other package needs, sorted.
[[nodiscard]] Result<std::vector<Digest>> blobs_only_of(const Database &database,
                                                        const Digest &package);

}  // namespace skillet
