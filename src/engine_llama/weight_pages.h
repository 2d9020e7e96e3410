// SPDX-License-Identifier: Apache-2.0
// The pages of a mapped file, as far as they take memory: found, given back, looked at.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace skillet {

// A file by what the kernel's list of mappings names it with.
struct MappedFile {
    dev_t device = 0;
    ino_t inode = 0;
};

// The file behind an open descriptor; inode 0 if it cannot be told.
[[nodiscard]] MappedFile mapped_file(int descriptor);

// Gives back the pages of every mapping of the file in this process, all of which must be read-only
// (madvise, MADV_DONTNEED): they are read from the file again when they are next needed. False if
// no mapping was found, one of them can be written to, or pages are still there afterwards; what
// was given back comes again.
[[nodiscard]] bool release_pages(const MappedFile &file);

// Bytes of the file's mappings that are in memory of this process now.
[[nodiscard]] uint64_t resident_bytes(const MappedFile &file);

}  // namespace skillet
