// SPDX-License-Identifier: Apache-2.0
#include "store/held_blob.h"

#include <utility>

#include <fmt/format.h>

#include "base/sealed_file.h"

namespace skillet {

Result<std::unique_ptr<HeldBlob>> HeldBlob::map(const BlobSource &source,
                                                const Descriptor &descriptor, Phase &phase,
                                                const TrustedBlobs *trusted) {
    SKL_TRY_ASSIGN(blob, source.open(descriptor.digest));
    // Before hashing: what changes meanwhile must show afterwards.
    SKL_TRY_ASSIGN(stamp, FileStamp::of(blob.fd(), blob.name()));
    SKL_TRY(check_size(descriptor, blob.size()));
    const bool is_trusted = trusted != nullptr && trusted->has(descriptor.digest, stamp);
    if (is_trusted) {
        SKL_TRY(phase.advance(blob.size()));
    } else {
        SKL_TRY_ASSIGN(found, sha256(blob, phase));
        SKL_TRY(check_digest(descriptor.digest, found));
    }
    return std::unique_ptr<HeldBlob>(
        new HeldBlob(descriptor, std::move(blob), false, stamp, is_trusted));
}

Result<std::unique_ptr<HeldBlob>> HeldBlob::seal(const BlobSource &source,
                                                 const Descriptor &descriptor, Phase &phase) {
    SKL_TRY_ASSIGN(blob, source.open(descriptor.digest));
    SKL_TRY(check_size(descriptor, blob.size()));
    SKL_TRY_ASSIGN(copy, SealedFile::create(blob.name()));
    Sha256 hash;
    const auto take = [&](std::span<const std::byte> chunk) -> Result<void> {
        SKL_TRY(copy.append(chunk));
        hash.update(chunk);
        return phase.advance(chunk.size());
    };
    SKL_TRY(read_in_chunks(blob, take));
    SKL_TRY(check_digest(descriptor.digest, hash.finish()));
    SKL_TRY_ASSIGN(bytes, std::move(copy).seal());
    return std::unique_ptr<HeldBlob>(new HeldBlob(descriptor, std::move(bytes), true, {}));
}

Result<void> HeldBlob::check(const StopSignal &stop) {
    if (sealed_) return {};
    if (spoiled_.load(std::memory_order_acquire)) return changed("was changed");
    SKL_TRY_ASSIGN(now, FileStamp::of(bytes_.fd(), bytes_.name()));
    if (is_trusted(now)) return {};
    const std::lock_guard lock(mutex_);
    return look_again(stop);
}

void HeldBlob::trust(const FileStamp &stamp) {
    size_ = stamp.bytes;
    modified_ns_ = stamp.modified_ns;
    changed_ns_ = stamp.settled ? stamp.changed_ns : never;
}

bool HeldBlob::is_trusted(const FileStamp &stamp) const {
    // Of the descriptor that is open, so that it is the same file.
    return stamp.same_as({.device = stamp.device,
                          .inode = stamp.inode,
                          .bytes = size_,
                          .modified_ns = modified_ns_,
                          .changed_ns = changed_ns_});
}

// By reading, never through the mapping: a file that was shortened is an error there, not a signal.
Result<void> HeldBlob::look_again(const StopSignal &stop) {
    SKL_TRY_ASSIGN(stamp, FileStamp::of(bytes_.fd(), bytes_.name()));
    if (is_trusted(stamp)) return {};
    if (spoiled_) return changed("was changed");
    Phase phase({stop, {}}, "load", bytes_.size());
    auto found = sha256(bytes_, phase);
    SKL_TRY(phase.check());
    if (!found || *found != descriptor_.digest) {
        spoiled_.store(true, std::memory_order_release);
        if (stamp.bytes < bytes_.offset() + bytes_.size()) return changed("was shortened");
        return changed(found ? "was changed" : "can no longer be read");
    }
    trust(stamp);
    return {};
}

Error HeldBlob::changed(const char *how) const {
    return make_error(SKL_E_DIGEST_MISMATCH,
                      fmt::format("the model's file {} while the skill was in memory", how),
                      descriptor_.digest.to_string(),
                      "install the package again; files of a store are never written in place");
}

}  // namespace skillet
