// SPDX-License-Identifier: Apache-2.0
// Hashes the blobs of a package on as many threads as the machine has and the blobs can use.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "base/work.h"
#include "store/blob_source.h"

namespace skillet {

// What size and SHA-256 of each blob say about its descriptor, in the same order: each is empty or
// the error that open_verified() gives. Progress is heard on the calling thread, which waits.
// `threads_max` is 0 for as many as help.
[[nodiscard]] std::vector<Result<void>> check_blobs(const BlobSource &source,
                                                    std::span<const Descriptor> blobs,
                                                    const Work &work, unsigned threads_max = 0);

}  // namespace skillet
