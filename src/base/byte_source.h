// SPDX-License-Identifier: Apache-2.0
// Random access to immutable bytes: a whole file, a slice of one, or memory.
//
// Reading never maps the file, so a file that is truncated meanwhile gives an error, not SIGBUS.
// All functions may be called from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/digest.h"
#include "base/result.h"
#include "base/work.h"

namespace skillet {

// Owns a POSIX file descriptor.
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd &operator=(UniqueFd &&other) noexcept;
    ~UniqueFd();

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool valid() const { return fd_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

class ByteSource {
public:
    virtual ~ByteSource() = default;

    [[nodiscard]] virtual uint64_t size() const = 0;
    // What to call these bytes in an error: a path or a digest.
    [[nodiscard]] virtual const std::string &name() const = 0;
    // Fills all of `out` from `offset`, or fails (SKL_E_IO, also past the end).
    [[nodiscard]] virtual Result<void> read_at(uint64_t offset, std::span<std::byte> out) const = 0;
};

// A byte range of an open file. Copies share the descriptor.
class FileSlice final : public ByteSource {
public:
    FileSlice(std::shared_ptr<const UniqueFd> file, uint64_t offset, uint64_t size,
              std::string name)
        : file_(std::move(file)), offset_(offset), size_(size), name_(std::move(name)) {}

    // The whole of an existing regular file. Refuses directories, devices and FIFOs.
    static Result<FileSlice> open(const std::string &path);

    // REQUIRES: offset + size <= this->size().
    [[nodiscard]] FileSlice slice(uint64_t offset, uint64_t size, std::string name) const;

    [[nodiscard]] uint64_t size() const override { return size_; }
    [[nodiscard]] const std::string &name() const override { return name_; }
    [[nodiscard]] Result<void> read_at(uint64_t offset, std::span<std::byte> out) const override;

    [[nodiscard]] int fd() const { return file_->get(); }
    [[nodiscard]] uint64_t offset() const { return offset_; }

private:
    std::shared_ptr<const UniqueFd> file_;
    uint64_t offset_;
    uint64_t size_;
    std::string name_;
};

class MemorySource final : public ByteSource {
public:
    MemorySource(std::string bytes, std::string name)
        : bytes_(std::move(bytes)), name_(std::move(name)) {}

    [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
    [[nodiscard]] const std::string &name() const override { return name_; }
    [[nodiscard]] Result<void> read_at(uint64_t offset, std::span<std::byte> out) const override;

private:
    std::string bytes_;
    std::string name_;
};

using TakeChunk = std::function<Result<void>(std::span<const std::byte>)>;

// Hands all bytes to `take`, in order and in chunks of bounded size, until it fails. `take` runs on
// the calling thread; a large source is read ahead by another.
[[nodiscard]] Result<void> read_in_chunks(const ByteSource &source, const TakeChunk &take);

// All bytes as text. Fails with SKL_E_IO beyond `max_bytes`, before reading.
[[nodiscard]] Result<std::string> read_all(const ByteSource &source, uint64_t max_bytes);

// SHA-256 of all bytes. The phase counts them, and may end the reading.
[[nodiscard]] Result<Digest> sha256(const ByteSource &source, Phase &phase);
[[nodiscard]] Result<Digest> sha256(const ByteSource &source);

}  // namespace skillet
