// SPDX-License-Identifier: Apache-2.0
// A blob on its way into the store, whose bytes arrive piece by piece and perhaps over several
// attempts: staging/HEX.partial, which outlives the process that wrote it.
//
// One writer at a time has that file; another writer of the same blob gets a file of its own, which
// goes with it. For one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/work.h"
#include "store/oci.h"

namespace skillet {

class PartialBlob {
public:
    // Takes up what an earlier writer left in the folder `staging`; its bytes are hashed again.
    static Result<PartialBlob> open(FileSystem &files, const std::string &staging,
                                    const Descriptor &descriptor, const StopSignal &stop);
    PartialBlob(PartialBlob &&other) noexcept;
    PartialBlob &operator=(PartialBlob &&) = delete;
    ~PartialBlob();

    [[nodiscard]] const Descriptor &descriptor() const { return descriptor_; }
    // Bytes that are there; never more than the descriptor says.
    [[nodiscard]] uint64_t size() const { return size_; }
    [[nodiscard]] bool complete() const { return size_ == descriptor_.size; }

    // SKL_E_DIGEST_MISMATCH, and nothing written, beyond the size that the descriptor says. If the
    // disk refuses, part of them may be written: open it again, or restart().
    [[nodiscard]] Result<void> write(std::span<const std::byte> bytes);
    // Drops all bytes.
    [[nodiscard]] Result<void> restart();
    // Compares the digest of all bytes and syncs them. Drops them if they are wrong
    // (SKL_E_DIGEST_MISMATCH), so that nobody takes them up again. REQUIRES: complete().
    [[nodiscard]] Result<void> finish();
    // Renames it to `path`, which then has its bytes. REQUIRES: finish() succeeded.
    [[nodiscard]] Result<void> rename_to(const std::string &path);

private:
    PartialBlob(FileSystem &files, std::string staging, Descriptor descriptor)
        : files_(&files), staging_(std::move(staging)), descriptor_(std::move(descriptor)) {}

    Result<void> take_file();
    Result<void> hash_again(const StopSignal &stop);

    FileSystem *files_;
    std::string staging_;
    Descriptor descriptor_;
    std::string path_;
    bool own_ = false;  // a file that nobody else can take up
    std::unique_ptr<WritableFile> file_;
    std::unique_ptr<Sha256> hash_;
    uint64_t size_ = 0;
};

// Whether a file of the staging folder is a partial blob that is young enough to be taken up.
[[nodiscard]] bool can_be_taken_up(FileSystem &files, const std::string &path);

}  // namespace skillet
