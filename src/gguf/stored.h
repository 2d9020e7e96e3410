// SPDX-License-Identifier: Apache-2.0
// Reads what a gguf::File leaves in its source: long texts and the elements of arrays.
//
// The source may have changed since read() looked at it: lengths are checked again, and what no
// longer fits is SKL_E_MALFORMED_ARTIFACT.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"
#include "gguf/file.h"

namespace skillet::gguf {

// All the bytes at a place, in pieces.
[[nodiscard]] Result<void> read_in_pieces(const ByteSource &source, const Place &place,
                                          const TakeChunk &take);

// All of them at once. Fails with SKL_E_FORMAT_UNSUPPORTED beyond `bytes_max`.
[[nodiscard]] Result<std::string> read_stored(const ByteSource &source, const Place &place,
                                              uint64_t bytes_max);

// Goes through the strings of an array through one buffer. For one run, from one thread.
class StringReader {
public:
    // REQUIRES: array.element == ValueType::string.
    StringReader(const ByteSource &source, const ArrayValue &array);

    // The next string, valid until the next call.
    // REQUIRES: fewer than array.count were read.
    [[nodiscard]] Result<std::string_view> next();

private:
    // Makes that many of the bytes that come next available.
    // REQUIRES: they are more than ready_ has.
    [[nodiscard]] Result<void> want(uint64_t bytes);

    const ByteSource &source_;
    uint64_t offset_;  // in the source, of what is not in the buffer yet
    uint64_t left_;    // bytes of the array from there
    std::vector<std::byte> buffer_;
    std::span<const std::byte> ready_;  // of buffer_
};

// Element `index` of an array of strings; reads all before it.
[[nodiscard]] Result<std::string> string_at(const ByteSource &source, const ArrayValue &array,
                                            uint64_t index);

}  // namespace skillet::gguf
