// SPDX-License-Identifier: Apache-2.0
// The blob files that this process has hashed and made use of: what is loaded again is checked
// again only if its file changed meanwhile. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "base/digest.h"
#include "base/file_stamp.h"

namespace skillet {

class TrustedBlobs {
public:
    // Whether this very file was added, and nobody has touched it since.
    [[nodiscard]] bool has(const Digest &digest, const FileStamp &now) const {
        const std::lock_guard lock(mutex_);
        const auto found = stamps_.find(digest);
        return found != stamps_.end() && found->second.same_as(now);
    }
    // `before`: the file's stamp before its bytes were checked. One that a later change could leave
    // the same is worth nothing, and not kept.
    void add(const Digest &digest, const FileStamp &before) {
        if (!before.settled) return;
        const std::lock_guard lock(mutex_);
        stamps_.insert_or_assign(digest, before);
    }

private:
    mutable std::mutex mutex_;
    std::map<Digest, FileStamp> stamps_;  // guarded by mutex_
};

}  // namespace skillet
