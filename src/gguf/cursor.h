// SPDX-License-Identifier: Apache-2.0
// Reads the front of a file piece by piece through one buffer, and never past an end it was given.
//
// One thread at a time. The source must outlive the cursor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"

namespace skillet::gguf {

class Cursor {
public:
    // Reading past `bytes_max` is SKL_E_FORMAT_UNSUPPORTED; past the file,
    // SKL_E_MALFORMED_ARTIFACT.
    Cursor(const ByteSource &source, uint64_t bytes_max);

    [[nodiscard]] uint64_t position() const { return position_; }
    // Bytes left in the file: nothing larger than this can be true.
    [[nodiscard]] uint64_t remaining() const { return source_.size() - position_; }

    // Little-endian, of 1 to 8 bytes.
    [[nodiscard]] Result<uint64_t> number(size_t bytes);
    [[nodiscard]] Result<uint32_t> number32();
    // Exactly that many bytes. Allocates them only once they are known to be there.
    [[nodiscard]] Result<std::string> bytes(uint64_t count);
    // Passes over bytes without looking at them.
    [[nodiscard]] Result<void> skip(uint64_t count);
    // The length of a string, at most `bytes_max` and no more than there is; its bytes come next.
    [[nodiscard]] Result<uint64_t> string_length(uint64_t bytes_max);
    // Passes over so many strings, each of at most `bytes_max`.
    [[nodiscard]] Result<void> skip_strings(uint64_t count, uint64_t bytes_max);
    // The whole of a string.
    [[nodiscard]] Result<std::string> string(uint64_t bytes_max);

private:
    [[nodiscard]] Result<void> check(uint64_t count) const;
    [[nodiscard]] Result<void> read(std::span<std::byte> out);
    [[nodiscard]] Result<void> refill();

    // Passes over strings while they lie in the buffer; gives how many are left.
    [[nodiscard]] uint64_t skip_buffered_strings(uint64_t count, uint64_t bytes_max);

    const ByteSource &source_;
    uint64_t bytes_max_;
    uint64_t position_ = 0;
    std::vector<std::byte> buffer_;
    std::span<const std::byte> ready_;  // of buffer_, starting at position_
};

}  // namespace skillet::gguf
