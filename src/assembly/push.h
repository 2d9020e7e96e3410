// SPDX-License-Identifier: Apache-2.0
// From a root or a .skill file to somebody's registry: blobs, then the package's manifest, then the
// documents that are about it.
#pragma once

#include <string>

#include "base/work.h"
#include "package/package.h"
#include "remote/session.h"

namespace skillet {

struct Pushed {
    std::string reference;        // with the digest that names it for ever
    std::string tag;              // empty if it was pushed by its digest alone
    uint64_t uploaded_bytes = 0;  // of blobs; what was there already is not sent
    size_t documents = 0;         // attached ones
};

// Pushes under the reference's tag; without one, under the package's version. Each blob is hashed
// before it is sent: SKL_E_DIGEST_MISMATCH if our own copy is damaged.
[[nodiscard]] Result<Pushed> push(const BlobSource &source, const Package &package,
                                  const RemoteReference &reference, const RemoteOptions &options,
                                  const Work &work);

}  // namespace skillet
