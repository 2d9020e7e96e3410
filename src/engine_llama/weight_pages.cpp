// SPDX-License-Identifier: Apache-2.0
#include "engine_llama/weight_pages.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_source.h"

namespace skillet {
namespace {

struct Mapping {
    uintptr_t begin = 0;
    uintptr_t end = 0;
    bool writable = false;
};

struct CloseFile {
    void operator()(FILE *file) const { std::fclose(file); }
};

uintptr_t page_bytes() {
    static const auto bytes = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
    return bytes;
}

// Every mapping of the file, from /proc/self/maps (proc_pid_maps(5)); empty if that cannot be read.
std::vector<Mapping> mappings_of(const MappedFile &file) {
    const std::unique_ptr<FILE, CloseFile> maps(std::fopen("/proc/self/maps", "re"));
    std::vector<Mapping> found;
    if (!maps || file.inode == 0) return found;
    std::array<char, 512> line{};
    bool whole = true;  // the last piece ended its line: the next one begins another
    while (std::fgets(line.data(), line.size(), maps.get()) != nullptr) {
        const bool begins = whole;
        whole = std::string_view(line.data()).ends_with('\n');
        uintptr_t begin = 0;
        uintptr_t end = 0;
        std::array<char, 5> rights{};
        unsigned major = 0;
        unsigned minor = 0;
        uint64_t inode = 0;
        if (!begins || std::sscanf(line.data(), "%" SCNxPTR "-%" SCNxPTR " %4s %*x %x:%x %" SCNu64,
                                   &begin, &end, rights.data(), &major, &minor, &inode) != 6) {
            continue;
        }
        if (inode == file.inode && makedev(major, minor) == file.device) {
            found.push_back({begin, end, rights[1] == 'w'});
        }
    }
    return found;
}

// Pages of the mapping that this process has in memory, from /proc/self/pagemap: bit 63 of each
// page's word. Nothing if it cannot be read.
std::optional<uint64_t> present_pages(const UniqueFd &pagemap, const Mapping &mapping) {
    const uintptr_t page = page_bytes();
    std::array<uint64_t, 4096> words{};
    uint64_t present = 0;
    for (uintptr_t at = mapping.begin; at < mapping.end; at += words.size() * page) {
        const size_t count = std::min(words.size(), (mapping.end - at) / page);
        const auto bytes = static_cast<ssize_t>(count * sizeof(uint64_t));
        const auto offset = static_cast<off_t>(at / page * sizeof(uint64_t));
        if (::pread(pagemap.get(), words.data(), static_cast<size_t>(bytes), offset) != bytes) {
            return std::nullopt;
        }
        for (size_t i = 0; i < count; ++i) present += words[i] >> 63;
    }
    return present;
}

UniqueFd open_pagemap() { return UniqueFd(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)); }

}  // namespace

MappedFile mapped_file(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return {};
    return {status.st_dev, status.st_ino};
}

bool release_pages(const MappedFile &file) {
    const std::vector<Mapping> mappings = mappings_of(file);
    const UniqueFd pagemap = open_pagemap();
    if (mappings.empty() || !pagemap.valid()) return false;
    for (const Mapping &mapping : mappings) {
        // Of a private mapping that somebody wrote to, the changes would be lost.
        if (mapping.writable) return false;
    }
    for (const Mapping &mapping : mappings) {
        // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the kernel writes addresses
        void *const begin = reinterpret_cast<void *>(mapping.begin);
        if (::madvise(begin, mapping.end - mapping.begin, MADV_DONTNEED) != 0) return false;
        // Where the kernel keeps them all the same (locked memory), nothing was gained. A few may
        // be back already: another model of the same file is computing.
        const uint64_t pages = (mapping.end - mapping.begin) / page_bytes();
        const auto present = present_pages(pagemap, mapping);
        if (!present || *present > pages / 2) return false;
    }
    return true;
}

uint64_t resident_bytes(const MappedFile &file) {
    const UniqueFd pagemap = open_pagemap();
    uint64_t pages = 0;
    for (const Mapping &mapping : mappings_of(file)) {
        pages += present_pages(pagemap, mapping).value_or(0);
    }
    return pages * page_bytes();
}

}  // namespace skillet
