// SPDX-License-Identifier: Apache-2.0
// The content-addressed store of a root: an OCI image layout that other tools can read.
//
//     ROOT/store/oci-layout, index.json, blobs/sha256/HEX    immutable blobs, nobody may write them
//     ROOT/store/staging/                                    bytes not yet checked, or not all here
//
// A blob appears under its digest only after its bytes were written, hashed, compared and synced.
// index.json is derived from the registry and rewritten by it. Whoever may read ROOT may read all
// of it. Thread-safe; several processes may use one root.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "base/work.h"
#include "store/blob_source.h"
#include "store/partial_blob.h"

namespace skillet {

// A name under blobs/sha256.
struct StoredName {
    std::string name;
    std::optional<Digest> digest;  // none: not a blob's name
    FileFacts facts;
};

class Store final : public BlobSource {
public:
    // Creates the layout if it is not there, and removes what writers that died left in staging,
    // but for what can be taken up.
    // `files` must outlive the store.
    static Result<Store> open(FileSystem &files, const std::string &root);
    // The layout must be there; nothing is changed.
    static Result<Store> open_to_read(FileSystem &files, const std::string &root);

    // Stages the bytes, checks size and SHA-256 against the descriptor, syncs and promotes them.
    // A blob that is already there is hashed again: kept if intact, replaced if damaged.
    // On failure nothing unchecked is left behind; `bytes` is read once only.
    [[nodiscard]] Result<void> put(const Descriptor &descriptor, const ByteSource &bytes,
                                   Phase &phase);
    [[nodiscard]] Result<void> put(const Descriptor &descriptor, const ByteSource &bytes);

    // Begins or takes up a blob whose bytes arrive piece by piece. They are nobody's until
    // promoted, so this needs no right to change the store.
    [[nodiscard]] Result<PartialBlob> partial(const Descriptor &descriptor,
                                              const StopSignal &stop) const;
    // Gives the blob its name. REQUIRES: blob.finish() succeeded.
    [[nodiscard]] Result<void> promote(PartialBlob &blob);
    // Whether the blob is there, whole and right; one that cannot be read is not.
    [[nodiscard]] Result<bool> is_intact(const Descriptor &descriptor, Phase &phase) const;

    // Removes the blobs; a missing one is not an error.
    [[nodiscard]] Result<void> remove(std::span<const Digest> digests);
    [[nodiscard]] Result<void> remove(const Digest &digest) { return remove({&digest, 1}); }
    // Takes everybody's right to write to the blob.
    [[nodiscard]] Result<void> protect(const Digest &digest);

    // Replaces index.json atomically. Refuses an index that index() would not read back.
    [[nodiscard]] Result<void> write_index(const OciIndex &index);

    [[nodiscard]] Result<OciIndex> index() const override;
    [[nodiscard]] Result<FileSlice> open(const Digest &digest) const override;
    [[nodiscard]] bool contains(const Digest &digest) const;
    // Digests of all blobs, sorted.
    [[nodiscard]] Result<std::vector<Digest>> blobs() const;
    // Everything that lies where blobs are, sorted by name.
    [[nodiscard]] Result<std::vector<StoredName>> names() const;
    [[nodiscard]] std::string blob_path(const Digest &digest) const;

private:
    using Fill = std::function<Result<void>(WritableFile &)>;

    Store(FileSystem &files, std::string directory)
        : files_(&files), directory_(std::move(directory)) {}

    [[nodiscard]] std::string blobs_path() const;
    [[nodiscard]] std::string staging_path() const;
    [[nodiscard]] std::string index_path() const;
    [[nodiscard]] std::string layout_path() const;
    Result<void> create_layout(const std::string &root);
    [[nodiscard]] Result<void> check_layout() const;
    void clean_staging();
    // Writes to a staging file, then gives it its name.
    Result<void> stage(const std::string &path, const Fill &fill);

    FileSystem *files_;
    std::string directory_;  // ROOT/store
};

}  // namespace skillet
