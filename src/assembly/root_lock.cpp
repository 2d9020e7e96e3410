// SPDX-License-Identifier: Apache-2.0
#include "assembly/root_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace skillet {

Result<RootLock> RootLock::take(const std::string &root, const StopSignal &stop) {
    // A lock belongs to an opening of the file, so two threads of one process exclude each other.
    const std::string path = root + "/lock";
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.valid()) return os_error(errno, "cannot open", path);
    // A blocking flock() could not be cancelled.
    constexpr auto look = std::chrono::milliseconds(10);
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return os_error(errno, "cannot lock", path);
        SKL_TRY(stop.check());
        std::this_thread::sleep_for(look);
    }
    return RootLock(std::move(file));
}

}  // namespace skillet
