// SPDX-License-Identifier: Apache-2.0
#include "base/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <random>

#include <fmt/format.h>

namespace skillet {
namespace {

struct CloseDirectory {
    void operator()(DIR *directory) const { ::closedir(directory); }
};

// The directory that holds `path`.
std::string parent_of(const std::string &path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// flock(), which the kernel releases however the process ends. False with errno set.
bool lock(const UniqueFd &fd, int operation) {
    int outcome = 0;
    do {
        outcome = ::flock(fd.get(), operation);
    } while (outcome != 0 && errno == EINTR);
    return outcome == 0;
}

// Whether the name still stands for the open file.
bool is_named(const UniqueFd &fd, const std::string &path) {
    struct stat open {};
    struct stat named {};
    return ::fstat(fd.get(), &open) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

// A second opening of a file that is locked, to write at its end. Only opening asks for the right
// to write, so its mode need not stay changed.
UniqueFd open_to_append(const UniqueFd &locked, const std::string &path) {
    if (::fchmod(locked.get(), 0600) != 0) return {};
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    const int failure = errno;
    const bool closed = ::fchmod(locked.get(), 0444) == 0;
    if (!fd.valid()) errno = failure;
    return closed ? std::move(fd) : UniqueFd();
}

class PosixWritableFile final : public WritableFile {
public:
    PosixWritableFile(UniqueFd fd, std::string path, UniqueFd lock = {})
        : fd_(std::move(fd)), lock_(std::move(lock)), path_(std::move(path)) {}

    Result<void> write(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return os_error(errno, "cannot write", path_);
            bytes = bytes.subspan(static_cast<size_t>(put));
            begin_writeback(static_cast<uint64_t>(put));
        }
        return {};
    }

    Result<void> sync() override {
        if (::fsync(fd_.get()) != 0) return os_error(errno, "cannot sync", path_);
        return {};
    }

private:
    // The disk begins while the rest is still coming, so that sync() has less to wait for. A hint:
    // it promises nothing and may fail.
    void begin_writeback(uint64_t written) {
        constexpr uint64_t piece = 8u << 20;
        written_ += written;
        if (written_ - begun_ < piece) return;
        (void)::sync_file_range(fd_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
        begun_ = written_;
    }

    UniqueFd fd_;
    uint64_t written_ = 0;
    uint64_t begun_ = 0;  // of them handed to the disk
    UniqueFd lock_;       // where another opening of the file holds it
    std::string path_;
};

class PosixFileSystem final : public FileSystem {
public:
    Result<std::unique_ptr<WritableFile>> create(const std::string &path,
                                                 Readers readers) override {
        for (;;) {
            UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
            if (!fd.valid()) return os_error(errno, "cannot create", path);
            // A file system without locks has no remove_abandoned() either: nothing to guard.
            (void)lock(fd, LOCK_EX);
            // remove_abandoned() may have come between creating and locking.
            struct stat status {};
            if (::fstat(fd.get(), &status) == 0 && status.st_nlink == 0) continue;
            if (readers == Readers::like_folder) SKL_TRY(read_like_folder(fd, path));
            return std::unique_ptr<WritableFile>(
                std::make_unique<PosixWritableFile>(std::move(fd), path));
        }
    }

    Result<std::unique_ptr<WritableFile>> resume(const std::string &path) override {
        for (;;) {
            constexpr int how = O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
            UniqueFd locked(::open(path.c_str(), how, 0444));
            if (!locked.valid()) return os_error(errno, "cannot open", path);
            // Without locks nobody can tell whose file it is.
            if (!lock(locked, LOCK_EX | LOCK_NB)) return std::unique_ptr<WritableFile>();
            // Its writer may have given it its final name meanwhile, or removed it.
            if (!is_named(locked, path)) continue;
            UniqueFd fd = open_to_append(locked, path);
            if (!fd.valid()) return os_error(errno, "cannot open to write", path);
            SKL_TRY(read_like_folder(fd, path));
            return std::unique_ptr<WritableFile>(
                std::make_unique<PosixWritableFile>(std::move(fd), path, std::move(locked)));
        }
    }

    Result<FileSlice> open(const std::string &path) override { return FileSlice::open(path); }

    Result<void> rename(const std::string &from, const std::string &to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return os_error(errno, "cannot rename", to);
        return {};
    }

    Result<void> remove(const std::string &path) override {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
            return os_error(errno, "cannot remove", path);
        }
        return {};
    }

    Result<void> remove_abandoned(const std::string &path) override {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (!fd.valid()) {
            if (errno == ENOENT) return {};
            return os_error(errno, "cannot open", path);
        }
        if (!lock(fd, LOCK_EX | LOCK_NB)) {
            if (errno == EWOULDBLOCK) return {};
            return os_error(errno, "cannot lock", path);
        }
        return remove(path);
    }

    Result<void> make_directories(const std::string &path) override {
        // From the root down, so that each missing parent gets mode 0700.
        for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
            const std::string part = path.substr(0, slash);
            if (!part.empty()) SKL_TRY(make_directory(part));
            if (slash == std::string::npos) break;
        }
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) return os_error(errno, "cannot read", path);
        if (!S_ISDIR(status.st_mode)) return os_error(ENOTDIR, "cannot create directory", path);
        return {};
    }

    Result<void> make_directory_inside(const std::string &path) override {
        struct stat folder {};
        const std::string parent = parent_of(path);
        if (::stat(parent.c_str(), &folder) != 0) return os_error(errno, "cannot read", parent);
        if (::mkdir(path.c_str(), 0700) != 0) {
            struct stat status {};
            if (errno == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
                return {};
            }
            return os_error(errno, "cannot create directory", path);
        }
        // Not by mkdir(), which would ask the umask.
        if (::chmod(path.c_str(), 0700 | (folder.st_mode & readers_of_folder)) != 0) {
            return os_error(errno, "cannot open to its readers", path);
        }
        return sync_directory(parent);
    }

    Result<void> protect(const std::string &path) override {
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) return os_error(errno, "cannot read", path);
        if (!S_ISREG(status.st_mode)) return os_error(EINVAL, "cannot protect", path);
        if (::chmod(path.c_str(), status.st_mode & 0555) != 0) {
            return os_error(errno, "cannot protect", path);
        }
        return {};
    }

    Result<void> sync_directory(const std::string &path) override {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd.valid()) return os_error(errno, "cannot open directory", path);
        if (::fsync(fd.get()) != 0) return os_error(errno, "cannot sync directory", path);
        return {};
    }

    Result<std::vector<std::string>> list(const std::string &path) override {
        // Not std::filesystem: its iterators end the process when memory is short.
        const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
        if (!directory) return os_error(errno, "cannot list", path);
        std::vector<std::string> names;
        for (;;) {
            errno = 0;
            const dirent *entry = ::readdir(directory.get());
            if (entry == nullptr) break;
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
        if (errno != 0) return os_error(errno, "cannot list", path);
        std::sort(names.begin(), names.end());
        return names;
    }

    bool exists(const std::string &path) override { return ::access(path.c_str(), F_OK) == 0; }

    bool can_write(const std::string &path) override {
        return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
    }

    Result<FileFacts> facts(const std::string &path) override {
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) return os_error(errno, "cannot read", path);
        const auto since_epoch = std::chrono::seconds(status.st_mtim.tv_sec) +
                                 std::chrono::nanoseconds(status.st_mtim.tv_nsec);
        return FileFacts{S_ISREG(status.st_mode), (status.st_mode & 0222) != 0,
                         static_cast<uint64_t>(status.st_size), FileTime(since_epoch)};
    }

private:
    // Group and others, to read and to enter.
    static constexpr mode_t readers_of_folder = 0055;

    static Result<void> read_like_folder(const UniqueFd &fd, const std::string &path) {
        struct stat folder {};
        const std::string parent = parent_of(path);
        if (::stat(parent.c_str(), &folder) != 0) return os_error(errno, "cannot read", parent);
        if (::fchmod(fd.get(), 0400 | (folder.st_mode & 0044)) != 0) {
            return os_error(errno, "cannot open to its readers", path);
        }
        return {};
    }

    Result<void> make_directory(const std::string &path) {
        if (::mkdir(path.c_str(), 0700) == 0) return sync_directory(parent_of(path));
        if (errno != EEXIST) return os_error(errno, "cannot create directory", path);
        return {};
    }
};

}  // namespace

std::unique_ptr<FileSystem> posix_file_system() { return std::make_unique<PosixFileSystem>(); }

std::string unique_name() {
    // Process ids repeat: after a crash, and across containers that share a folder. Hence the
    // random number; the process id tells forked children apart.
    static const uint64_t token = [] {
        std::random_device random;
        return uint64_t{random()} << 32 | random();
    }();
    static std::atomic<uint64_t> counter{0};
    return fmt::format("{}-{:016x}-{}", ::getpid(), token, counter++);
}

Result<void> replace_file(FileSystem &files, const std::string &temporary, const std::string &path,
                          Readers readers,
                          const std::function<Result<void>(WritableFile &)> &fill) {
    SKL_TRY_ASSIGN(file, files.create(temporary, readers));
    const auto put = [&]() -> Result<void> {
        SKL_TRY(fill(*file));
        SKL_TRY(file->sync());
        // Still open, and so in use, until it has its final name.
        SKL_TRY(files.rename(temporary, path));
        return files.sync_directory(parent_of(path));
    };
    auto done = put();
    if (!done) (void)files.remove(temporary);
    return done;
}

Result<void> write_atomically(FileSystem &files, const std::string &path, std::string_view bytes) {
    return replace_file(
        files, fmt::format("{}.{}.tmp", path, unique_name()), path, Readers::as_umask,
        [bytes](WritableFile &file) { return file.write(std::as_bytes(std::span(bytes))); });
}

}  // namespace skillet
