// SPDX-License-Identifier: Apache-2.0
// The part of POSIX ustar that an archive needs: plain files and directories, no extensions.
//
// Strict: the magic, the checksum and every number of a header are checked, and an entry's bytes
// lie inside the file. What a name may be is the caller's business.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/result.h"

namespace skillet {

inline constexpr uint64_t tar_block_bytes = 512;
// Largest size that the 11 octal digits of a header can say.
inline constexpr uint64_t tar_file_bytes_max = (uint64_t{1} << 33) - 1;

using TarBlock = std::array<std::byte, tar_block_bytes>;

struct TarEntry {
    std::string name;  // as written; untrusted
    bool is_directory = false;
    uint64_t offset = 0;  // of the content, a multiple of tar_block_bytes
    uint64_t size = 0;
};

// One pass over the headers. Not thread-safe.
class TarReader {
public:
    // `file` must outlive the reader.
    explicit TarReader(const ByteSource &file) : file_(file) {}

    // The next entry, or nothing after the last one, where it checks the end marker.
    // SKL_E_FORMAT_UNSUPPORTED if the file is no tar or uses an extension, SKL_E_MANIFEST_INVALID
    // if it is damaged.
    [[nodiscard]] Result<std::optional<TarEntry>> next();

private:
    Result<void> check_end() const;

    const ByteSource &file_;
    uint64_t position_ = 0;
};

// Header of a plain file: mode 0444, no owner, no time.
// REQUIRES: name.size() <= 100, size <= tar_file_bytes_max.
[[nodiscard]] TarBlock tar_header(std::string_view name, uint64_t size);

// Zeros that follow a content of `size` bytes up to the next block.
[[nodiscard]] constexpr uint64_t tar_padding(uint64_t size) {
    return (tar_block_bytes - size % tar_block_bytes) % tar_block_bytes;
}

// A name from outside made fit for a message: printable ASCII, not too long.
[[nodiscard]] std::string printable(std::string_view name);

}  // namespace skillet
