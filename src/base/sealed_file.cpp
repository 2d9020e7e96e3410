// SPDX-License-Identifier: Apache-2.0
#include "base/sealed_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace skillet {
namespace {

#ifndef MFD_NOEXEC_SEAL
constexpr unsigned no_exec = 0x0008;  // Linux 6.3; some systems then demand it
#else
constexpr unsigned no_exec = MFD_NOEXEC_SEAL;
#endif

UniqueFd create_memory_file() {
    constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    UniqueFd file(::memfd_create("skillet", flags | no_exec));
    if (!file.valid() && errno == EINVAL) file = UniqueFd(::memfd_create("skillet", flags));
    return file;
}

}  // namespace

Result<SealedFile> SealedFile::create(std::string name) {
    UniqueFd file = create_memory_file();
    if (!file.valid()) return os_error(errno, "cannot make a file in memory for", name);
    return SealedFile(std::move(file), std::move(name));
}

Result<void> SealedFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(file_.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            Error error = os_error(errno, "cannot write to the file in memory of", name_);
            if (errno == ENOSPC || errno == ENOMEM) error.code = SKL_E_OUT_OF_MEMORY;
            return error;
        }
        bytes = bytes.subspan(static_cast<size_t>(put));
        size_ += static_cast<uint64_t>(put);
    }
    return {};
}

Result<FileSlice> SealedFile::seal() && {
    constexpr int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (::fcntl(file_.get(), F_ADD_SEALS, seals) != 0) {
        return os_error(errno, "cannot seal the file in memory of", name_);
    }
    return FileSlice(std::make_shared<const UniqueFd>(std::move(file_)), 0, size_,
                     std::move(name_));
}

}  // namespace skillet
