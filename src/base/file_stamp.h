// SPDX-License-Identifier: Apache-2.0
// What changes whenever an open file's bytes do: cheap to compare, and no proof by itself.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace skillet {

struct FileStamp {
    uint64_t device = 0;
    uint64_t inode = 0;
    uint64_t bytes = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;  // moves with every write, also if the other was set back
    // Whether a change from now on would show: file times have the grain of the kernel's clock, so
    // that two changes in quick succession may leave the same one.
    bool settled = false;

    // SKL_E_IO naming the file.
    static Result<FileStamp> of(int fd, const std::string &name);

    [[nodiscard]] bool same_as(const FileStamp &other) const {
        return device == other.device && inode == other.inode && bytes == other.bytes &&
               modified_ns == other.modified_ns && changed_ns == other.changed_ns;
    }
};

}  // namespace skillet
