// SPDX-License-Identifier: Apache-2.0
// A file in memory that nobody can change once it is sealed, not even this process.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"

namespace skillet {

class SealedFile {
public:
    // `name` is what errors call it. SKL_E_IO where the system has no such files.
    static Result<SealedFile> create(std::string name);

    // SKL_E_OUT_OF_MEMORY if there is no room.
    [[nodiscard]] Result<void> append(std::span<const std::byte> bytes);
    // The whole file, which stays as it is from now on.
    [[nodiscard]] Result<FileSlice> seal() &&;

private:
    SealedFile(UniqueFd file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

    UniqueFd file_;
    std::string name_;
    uint64_t size_ = 0;
};

}  // namespace skillet
