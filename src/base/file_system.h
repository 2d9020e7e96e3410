// SPDX-License-Identifier: Apache-2.0
// The changes the store makes to a disk, as an interface, so that tests can make each one fail.
//
// Everything durable goes through here: the store never calls the operating system itself.
// Thread-safe. Paths are UTF-8 without NUL bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"

namespace skillet {

// A file being written. Closing without sync() promises nothing about the disk.
class WritableFile {
public:
    virtual ~WritableFile() = default;
    [[nodiscard]] virtual Result<void> write(std::span<const std::byte> bytes) = 0;
    // Returns once the bytes are on stable storage.
    [[nodiscard]] virtual Result<void> sync() = 0;
};

// Who may read a new file.
enum class Readers : uint8_t {
    as_umask,    // whom the process's umask admits
    like_folder  // those who may read the folder it is in, whatever the umask
};

using FileTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// What a name stands for. Links are not followed.
struct FileFacts {
    bool is_file = false;
    bool is_writable = false;  // by anybody
    uint64_t bytes = 0;
    FileTime modified;
};

class FileSystem {
public:
    virtual ~FileSystem() = default;

    // Creates a file that must not exist yet, which nobody may write to (mode 0444 at most).
    // It counts as in use, for remove_abandoned(), until the writer is destroyed or its process
    // ends.
    [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> create(const std::string &path,
                                                                       Readers readers) = 0;
    // Opens such a file, with readers like its folder's, to be written on from its end, or creates
    // it. It counts as in use likewise. Null if a writer in any process has it already.
    [[nodiscard]] virtual Result<std::unique_ptr<WritableFile>> resume(const std::string &path) = 0;
    [[nodiscard]] virtual Result<FileSlice> open(const std::string &path) = 0;
    // Atomic replacement of `to`.
    [[nodiscard]] virtual Result<void> rename(const std::string &from, const std::string &to) = 0;
    // A missing file is not an error.
    [[nodiscard]] virtual Result<void> remove(const std::string &path) = 0;
    // Removes a file from create() unless a writer in any process still has it open. Neither a
    // missing file nor one in use is an error.
    [[nodiscard]] virtual Result<void> remove_abandoned(const std::string &path) = 0;
    // Creates the directory and its parents durably, with mode 0700 for those it creates.
    [[nodiscard]] virtual Result<void> make_directories(const std::string &path) = 0;
    // Creates the directory durably inside one that is there; those who may read that one may read
    // the new one.
    [[nodiscard]] virtual Result<void> make_directory_inside(const std::string &path) = 0;
    // Takes everybody's right to write from a file.
    [[nodiscard]] virtual Result<void> protect(const std::string &path) = 0;
    // Makes creations, renames and removals inside the directory durable.
    [[nodiscard]] virtual Result<void> sync_directory(const std::string &path) = 0;
    // Names (not paths) of the entries, sorted.
    [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string &path) = 0;
    [[nodiscard]] virtual bool exists(const std::string &path) = 0;
    // Whether this process may change what is at the path: its rights, and the medium's.
    [[nodiscard]] virtual bool can_write(const std::string &path) = 0;
    [[nodiscard]] virtual Result<FileFacts> facts(const std::string &path) = 0;
};

// The real one.
[[nodiscard]] std::unique_ptr<FileSystem> posix_file_system();

// Part of a file name that no other call in any process gets.
[[nodiscard]] std::string unique_name();

// Creates `temporary`, lets `fill` write it, syncs it and renames it to `path`, so that `path`
// holds the old bytes or all the new ones. Both must be on one file system. `temporary` is removed
// on failure. If only the last step fails, making the renaming durable, `path` holds the new bytes.
[[nodiscard]] Result<void> replace_file(FileSystem &files, const std::string &temporary,
                                        const std::string &path, Readers readers,
                                        const std::function<Result<void>(WritableFile &)> &fill);

// replace_file() with these bytes and a temporary name beside `path`.
[[nodiscard]] Result<void> write_atomically(FileSystem &files, const std::string &path,
                                            std::string_view bytes);

}  // namespace skillet
