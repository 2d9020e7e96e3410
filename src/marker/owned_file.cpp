// SPDX-License-Identifier: Apache-2.0
#include "marker/owned_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file_system.h"

namespace skillet {
namespace {

// A new file that this process has locked; another may have taken it for a dead one's before.
Result<UniqueFd> create_locked(const std::string &path) {
    for (;;) {
        UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file.valid()) return os_error(errno, "cannot create", path);
        if (::flock(file.get(), LOCK_EX) != 0) {
            const int cause = errno;
            ::unlink(path.c_str());
            return os_error(cause, "cannot lock", path);
        }
        struct stat status {};
        if (::fstat(file.get(), &status) == 0 && status.st_nlink > 0) return file;
    }
}

Result<void *> map_image(const UniqueFd &file, const std::string &path, size_t bytes) {
    // Blocks for all of it now: storing into a hole of a full disk is a signal.
    const int cause = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
    if (cause != 0) return os_error(cause, "cannot reserve space for", path);
    void *const mapping = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapping == MAP_FAILED) return os_error(errno, "cannot map", path);
    return mapping;
}

}  // namespace

OwnedFile::OwnedFile(UniqueFd file, std::string path, void *image, size_t bytes)
    : file_(std::move(file)),
      path_(std::move(path)),
      image_(image),
      bytes_(bytes),
      owner_(::getpid()) {}

OwnedFile::OwnedFile(OwnedFile &&other) noexcept
    : file_(std::move(other.file_)),
      path_(std::move(other.path_)),
      image_(std::exchange(other.image_, nullptr)),
      bytes_(other.bytes_),
      owner_(other.owner_) {}

Result<OwnedFile> OwnedFile::create(const std::string &directory, size_t bytes) {
    std::string path = directory + "/" + unique_name();
    SKL_TRY_ASSIGN(file, create_locked(path));
    auto image = map_image(file, path, bytes);
    if (!image) {
        ::unlink(path.c_str());
        return std::move(image).error();
    }
    return OwnedFile(std::move(file), std::move(path), *image, bytes);
}

OwnedFile::~OwnedFile() {
    if (image_ == nullptr) return;
    if (::getpid() == owner_) ::unlink(path_.c_str());
    ::munmap(image_, bytes_);
}

UniqueFd lock_if_dead(const std::string &path) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file.valid() || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return {};
    struct stat status {};
    // Without a name, somebody else has just taken it.
    if (::fstat(file.get(), &status) != 0 || status.st_nlink == 0) return {};
    return S_ISREG(status.st_mode) ? std::move(file) : UniqueFd();
}

std::string read_bytes(const UniqueFd &file, size_t most) {
    std::string bytes(most, '\0');
    size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::pread(file.get(), bytes.data() + filled, bytes.size() - filled,
                                    static_cast<off_t>(filled));
        if (got <= 0) break;
        filled += static_cast<size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

}  // namespace skillet
