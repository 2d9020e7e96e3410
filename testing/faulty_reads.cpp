// SPDX-License-Identifier: Apache-2.0
#include "testing/faulty_reads.h"

#include <dlfcn.h>
#include <sys/types.h>

#include <atomic>
#include <cerrno>
#include <limits>

namespace {

constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

std::atomic<bool> is_short{false};
std::atomic<uint64_t> fails_at{never};
std::atomic<uint64_t> reads{0};

using Pread = ssize_t (*)(int, void *, size_t, off_t);

Pread system_pread() {
    static const auto found = reinterpret_cast<Pread>(::dlsym(RTLD_NEXT, "pread"));
    return found;
}

}  // namespace

// Takes the place of the C library's for all of the program.
extern "C" ssize_t pread(int fd, void *buffer, size_t bytes, off_t offset) {
    const uint64_t number = reads.fetch_add(1);
    if (number == fails_at) {
        errno = EIO;
        return -1;
    }
    if (is_short && number % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    if (is_short && bytes > 1) bytes = bytes / 2;
    return system_pread()(fd, buffer, bytes, offset);
}

namespace skillet::testing {

void FaultyReads::be_short() { is_short = true; }

void FaultyReads::fail_at(uint64_t read) {
    reads = 0;
    fails_at = read;
}

bool FaultyReads::heal() {
    is_short = false;
    return reads > fails_at.exchange(never);
}

}  // namespace skillet::testing
