// SPDX-License-Identifier: Apache-2.0
// The bytes of a blob for as long as an engine maps them: checked once, and known to be the same
// whenever check() says so.
//
// A sealed blob is a copy in memory that nobody can change, not even this process. A mapped one is
// the file itself, which whoever has our rights may overwrite or shorten at any time: check() looks
// at the file's times and size, and hashes again only if they moved. Thread-safe.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <mutex>

#include "base/file_stamp.h"
#include "base/result.h"
#include "base/work.h"
#include "store/blob_source.h"
#include "store/trusted_blobs.h"

namespace skillet {

class HeldBlob {
public:
    // Opens the blob and checks its size and SHA-256; SKL_E_DIGEST_MISMATCH naming it. A file
    // that is `trusted` is not read.
    static Result<std::unique_ptr<HeldBlob>> map(const BlobSource &source,
                                                 const Descriptor &descriptor, Phase &phase,
                                                 const TrustedBlobs *trusted = nullptr);
    // The same, of a copy that is made while hashing. SKL_E_OUT_OF_MEMORY or SKL_E_IO if this
    // system has no room for it or no such files.
    static Result<std::unique_ptr<HeldBlob>> seal(const BlobSource &source,
                                                  const Descriptor &descriptor, Phase &phase);

    [[nodiscard]] const FileSlice &bytes() const { return bytes_; }
    [[nodiscard]] bool sealed() const { return sealed_; }
    // Whether nothing was read, and the file's stamp before anything was.
    [[nodiscard]] bool was_trusted() const { return was_trusted_; }
    [[nodiscard]] const FileStamp &opened_as() const { return opened_as_; }

    // Whether the bytes are still those that were checked. Costs one system call while nobody
    // touches the file. Once it has said SKL_E_DIGEST_MISMATCH it always does: what the engine
    // computed since the check before is worth nothing.
    [[nodiscard]] Result<void> check(const StopSignal &stop);

private:
    HeldBlob(Descriptor descriptor, FileSlice bytes, bool sealed, const FileStamp &stamp,
             bool was_trusted = false)
        : descriptor_(std::move(descriptor)),
          bytes_(std::move(bytes)),
          sealed_(sealed),
          was_trusted_(was_trusted),
          opened_as_(stamp) {
        trust(stamp);
    }
    void trust(const FileStamp &stamp);
    [[nodiscard]] bool is_trusted(const FileStamp &stamp) const;
    Result<void> look_again(const StopSignal &stop);
    [[nodiscard]] Error changed(const char *how) const;

    const Descriptor descriptor_;
    const FileSlice bytes_;
    const bool sealed_;
    const bool was_trusted_;
    const FileStamp opened_as_;
    std::atomic<bool> spoiled_{false};
    std::mutex mutex_;  // one thread hashes again, the others wait for what it finds
    // Of the bytes that were hashed last: written under mutex_, compared without it, since every
    // request does. Mixed from two stamps they fit nothing, as no two have the same time of change.
    std::atomic<uint64_t> size_{0};
    std::atomic<int64_t> modified_ns_{0};
    std::atomic<int64_t> changed_ns_{never};  // never, if the stamp was not settled

    static constexpr int64_t never = std::numeric_limits<int64_t>::min();
};

}  // namespace skillet
