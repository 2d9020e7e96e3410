// SPDX-License-Identifier: Apache-2.0
// What a collection is asked to do, and what it did.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/digest.h"
#include "registry/package_table.h"

namespace skillet {

struct CollectOptions {
    // What was written later than so long ago stays: somebody may be about to need it.
    std::chrono::seconds grace = std::chrono::hours(24);
    bool dry_run = false;  // only say what would go
    bool retired = false;  // packages, too, that were retired so long ago
};

struct Collected {
    struct Blob {
        Digest digest;
        uint64_t bytes = 0;
    };
    std::vector<PackageRow> packages;  // retired ones, whose blobs are among those removed
    std::vector<Blob> removed;
    uint64_t removed_bytes = 0;
    std::vector<Blob> spared;  // nobody needs them, but they are young
    uint64_t spared_bytes = 0;
    size_t kept = 0;  // needed
};

}  // namespace skillet
