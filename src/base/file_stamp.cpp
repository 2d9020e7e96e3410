// SPDX-License-Identifier: Apache-2.0
#include "base/file_stamp.h"

#include <sys/stat.h>

#include <cerrno>
#include <ctime>

namespace skillet {
namespace {

// Longer than a tick of any kernel, and than the grain of common file systems' times.
constexpr int64_t grain_ns = 20'000'000;

int64_t nanoseconds(const timespec &time) {
    return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Result<FileStamp> FileStamp::of(int fd, const std::string &name) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return os_error(errno, "cannot read", name);
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);  // the clock that file times come from
    const int64_t changed = nanoseconds(status.st_ctim);
    const int64_t age = nanoseconds(now) - changed;
    // With a time in the future (the clock was set back) the next change has another one, too.
    return FileStamp{.device = status.st_dev,
                     .inode = status.st_ino,
                     .bytes = static_cast<uint64_t>(status.st_size),
                     .modified_ns = nanoseconds(status.st_mtim),
                     .changed_ns = changed,
                     .settled = age > grain_ns || age < -grain_ns};
}

}  // namespace skillet
