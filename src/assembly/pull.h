// SPDX-License-Identifier: Apache-2.0
// From somebody's registry into a root: documents first, then what the store lacks, each byte
// against its digest; then the package is installed as one from a file is.
#pragma once

#include <string>

#include "assembly/root.h"
#include "base/work.h"
#include "remote/session.h"

namespace skillet {

struct Pulled {
    PackageRow row;
    std::string reference;          // with the digest that was found
    uint64_t downloaded_bytes = 0;  // of blobs; what was here already is not asked for
};

// The root is not locked while bytes arrive. What arrived before a failure is kept for the next
// attempt, where nothing reads it.
[[nodiscard]] Result<Pulled> pull(Root &root, const RemoteReference &reference,
                                  const RemoteOptions &options, const Work &work);

}  // namespace skillet
