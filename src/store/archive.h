// SPDX-License-Identifier: Apache-2.0
// NAME.skill: a package as one file, an OCI image layout inside an uncompressed POSIX tar (ustar).
//
// Reading never extracts. Entry names come from a fixed list: `oci-layout`, `index.json`,
// `blobs/sha256/HEX` and the directories above them; anything else, and every entry that is not a
// plain file or one of those directories, is refused. Blobs start on multiples of 512 bytes, so the
// engine can map a model from inside the archive.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "store/blob_source.h"

namespace skillet {

class Archive final : public BlobSource {
public:
    // Reads the tar headers and index.json. SKL_E_FORMAT_UNSUPPORTED if it is no such archive,
    // SKL_E_MANIFEST_INVALID if it is a damaged or hostile one.
    static Result<Archive> open(const FileSlice &file);

    [[nodiscard]] Result<OciIndex> index() const override { return index_; }
    [[nodiscard]] Result<FileSlice> open(const Digest &digest) const override;

private:
    Archive() = default;
    OciIndex index_;
    std::map<Digest, FileSlice> blobs_;
    std::string name_;
};

// Most entries an archive may have.
inline constexpr size_t archive_entries_max = 4096;

// A blob to be written into an archive.
struct ArchiveBlob {
    Digest digest;
    const ByteSource *bytes = nullptr;
};

// Writes a complete archive: blobs sorted by digest, no times, no owners, so that equal content
// gives equal bytes. `path` is replaced atomically.
[[nodiscard]] Result<void> write_archive(FileSystem &files, const std::string &path,
                                         const OciIndex &index,
                                         const std::vector<ArchiveBlob> &blobs);

}  // namespace skillet
