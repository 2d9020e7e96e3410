// SPDX-License-Identifier: Apache-2.0
// A file that says something about a process: mapped and shared by that process, so that saying it
// costs a few stores and the kernel keeps them however the process ends; and locked (flock) as long
// as it lives, so that who can lock it knows that its owner is dead. Process ids would repeat.
//
// A forked child shares the lock: until it ends or executes another program, its parent counts as
// alive.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"

namespace skillet {

class OwnedFile {
public:
    // Makes a file of so many zeros in the directory, which exists; nobody else's has its name.
    // SKL_E_IO where that cannot be, or without locks.
    static Result<OwnedFile> create(const std::string &directory, size_t bytes);
    // Removes the file, unless this is a forked child's copy.
    ~OwnedFile();
    OwnedFile(OwnedFile &&other) noexcept;
    OwnedFile &operator=(OwnedFile &&) = delete;

    [[nodiscard]] const std::string &path() const { return path_; }
    [[nodiscard]] void *image() const { return image_; }

private:
    OwnedFile(UniqueFd file, std::string path, void *image, size_t bytes);

    UniqueFd file_;  // holds the lock
    std::string path_;
    void *image_;
    size_t bytes_;
    pid_t owner_;
};

// Opens the file and locks it if its owner is dead; else, or if it is no such file or gone,
// nothing.
[[nodiscard]] UniqueFd lock_if_dead(const std::string &path);

// The file's bytes, at most so many.
[[nodiscard]] std::string read_bytes(const UniqueFd &file, size_t most);

}  // namespace skillet
