// SPDX-License-Identifier: Apache-2.0
// The blobs of a root's store under an index that comes from its registry: index.json is for other
// tools and may be stale.
#pragma once

#include <utility>

#include "store/store.h"

namespace skillet {

// The store must outlive it.
class IndexedStore final : public BlobSource {
public:
    IndexedStore(const Store &store, OciIndex index) : store_(store), index_(std::move(index)) {}

    [[nodiscard]] Result<OciIndex> index() const override { return index_; }
    [[nodiscard]] Result<FileSlice> open(const Digest &digest) const override {
        return store_.open(digest);
    }

private:
    const Store &store_;
    OciIndex index_;
};

}  // namespace skillet
