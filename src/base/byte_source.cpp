// SPDX-License-Identifier: Apache-2.0
#include "base/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "base/read_ahead.h"

namespace skillet {
namespace {

constexpr size_t chunk_bytes = 128 * 1024;
Error past_the_end(const std::string &name) {
    return make_error(SKL_E_IO, "read past the end", name, "the file was shortened meanwhile");
}

}  // namespace

UniqueFd &UniqueFd::operator=(UniqueFd &&other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

UniqueFd::~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
}

Result<FileSlice> FileSlice::open(const std::string &path) {
    if (path.find('\0') != std::string::npos) {
        return make_error(SKL_E_INVALID_ARGUMENT, "a path cannot contain a NUL byte");
    }
    // O_NONBLOCK: opening a FIFO must not hang; it is refused just below.
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid()) return os_error(errno, "cannot open", path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return os_error(errno, "cannot read", path);
    if (!S_ISREG(status.st_mode)) {
        return make_error(SKL_E_INVALID_ARGUMENT, "not a regular file", path, "name a file");
    }
    return FileSlice(std::make_shared<const UniqueFd>(std::move(fd)), 0,
                     static_cast<uint64_t>(status.st_size), path);
}

FileSlice FileSlice::slice(uint64_t offset, uint64_t size, std::string name) const {
    assert(offset <= size_ && size <= size_ - offset);
    return {file_, offset_ + offset, size, std::move(name)};
}

Result<void> FileSlice::read_at(uint64_t offset, std::span<std::byte> out) const {
    if (offset > size_ || out.size() > size_ - offset) return past_the_end(name_);
    while (!out.empty()) {
        const ssize_t got =
            ::pread(fd(), out.data(), out.size(), static_cast<off_t>(offset_ + offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return os_error(errno, "cannot read", name_);
        if (got == 0) return past_the_end(name_);
        out = out.subspan(static_cast<size_t>(got));
        offset += static_cast<uint64_t>(got);
    }
    return {};
}

Result<void> MemorySource::read_at(uint64_t offset, std::span<std::byte> out) const {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return past_the_end(name_);
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
}

Result<void> read_in_chunks(const ByteSource &source, const TakeChunk &take) {
    if (source.size() >= ReadAhead::worthwhile_bytes) return ReadAhead(source).run(take);
    std::vector<std::byte> buffer(std::min<uint64_t>(chunk_bytes, source.size()));
    for (uint64_t offset = 0; offset < source.size(); offset += buffer.size()) {
        const auto part = std::span(buffer).first(
            static_cast<size_t>(std::min<uint64_t>(buffer.size(), source.size() - offset)));
        SKL_TRY(source.read_at(offset, part));
        SKL_TRY(take(part));
    }
    return {};
}

Result<std::string> read_all(const ByteSource &source, uint64_t max_bytes) {
    if (source.size() > max_bytes) {
        Error error = make_error(
            SKL_E_IO, fmt::format("{} bytes where at most {} are read", source.size(), max_bytes),
            source.name());
        error.required_bytes = source.size();
        error.available_bytes = max_bytes;
        return error;
    }
    std::string text(source.size(), '\0');
    SKL_TRY(source.read_at(0, std::as_writable_bytes(std::span(text))));
    return text;
}

Result<Digest> sha256(const ByteSource &source, Phase &phase) {
    Sha256 hash;
    SKL_TRY(read_in_chunks(source, [&](std::span<const std::byte> chunk) {
        hash.update(chunk);
        return phase.advance(chunk.size());
    }));
    return hash.finish();
}

Result<Digest> sha256(const ByteSource &source) {
    Phase unwatched;
    return sha256(source, unwatched);
}

}  // namespace skillet
