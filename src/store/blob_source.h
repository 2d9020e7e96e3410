// SPDX-License-Identifier: Apache-2.0
// Where a package's bytes come from: a .skill archive or the store of a root.
#pragma once

#include "base/byte_source.h"
#include "base/result.h"
#include "store/oci.h"

namespace skillet {

// Thread-safe for reading.
class BlobSource {
public:
    virtual ~BlobSource() = default;

    // The index: its package manifests, then their referrers.
    [[nodiscard]] virtual Result<OciIndex> index() const = 0;
    // The blob's bytes, not yet hashed. SKL_E_NOT_FOUND naming the digest if it is not here.
    [[nodiscard]] virtual Result<FileSlice> open(const Digest &digest) const = 0;
};

// SKL_E_DIGEST_MISMATCH naming the blob, unless these are its size and its digest.
[[nodiscard]] Result<void> check_size(const Descriptor &expected, uint64_t found);
[[nodiscard]] Result<void> check_digest(const Digest &expected, const Digest &found);

// The text of a small blob whose size and digest were checked against the descriptor
// (SKL_E_DIGEST_MISMATCH naming the blob). Refuses more than document_bytes_max.
[[nodiscard]] Result<std::string> read_document(const BlobSource &source,
                                                const Descriptor &descriptor);

// Opens a blob and checks size and SHA-256 of what was opened against the descriptor.
[[nodiscard]] Result<FileSlice> open_verified(const BlobSource &source,
                                              const Descriptor &descriptor, Phase &phase);
[[nodiscard]] Result<FileSlice> open_verified(const BlobSource &source,
                                              const Descriptor &descriptor);

}  // namespace skillet
