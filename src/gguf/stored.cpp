// SPDX-License-Identifier: Apache-2.0
#include "gguf/stored.h"

#include <cassert>
#include <cstring>

#include <fmt/format.h>

#include "gguf/refusal.h"

namespace skillet::gguf {
namespace {

constexpr uint64_t piece_bytes = 256 * 1024;

Error changed(const ByteSource &source) {
    return malformed("the file changed while it was read", source.name(),
                     "try again when nobody writes to the file");
}

// Little-endian.
uint64_t number_at(const std::byte *at) {
    uint64_t value = 0;
    for (size_t i = 8; i-- > 0;) value = value << 8 | std::to_integer<uint64_t>(at[i]);
    return value;
}

}  // namespace

Result<void> read_in_pieces(const ByteSource &source, const Place &place, const TakeChunk &take) {
    std::vector<std::byte> buffer(static_cast<size_t>(std::min(piece_bytes, place.bytes)));
    for (uint64_t done = 0; done < place.bytes;) {
        const auto part = std::span(buffer).first(
            static_cast<size_t>(std::min<uint64_t>(buffer.size(), place.bytes - done)));
        SKL_TRY(source.read_at(place.offset + done, part));
        SKL_TRY(take(part));
        done += part.size();
    }
    return {};
}

Result<std::string> read_stored(const ByteSource &source, const Place &place, uint64_t bytes_max) {
    if (place.bytes > bytes_max) {
        return unsupported(
            fmt::format("{} bytes where at most {} are read", place.bytes, bytes_max), {},
            "shorten the text");
    }
    std::string text(static_cast<size_t>(place.bytes), '\0');
    SKL_TRY(source.read_at(place.offset, std::as_writable_bytes(std::span(text))));
    return text;
}

StringReader::StringReader(const ByteSource &source, const ArrayValue &array)
    : source_(source),
      offset_(array.place.offset),
      left_(array.place.bytes),
      buffer_(static_cast<size_t>(std::min(piece_bytes, array.place.bytes))) {
    assert(array.element == ValueType::string);
}

Result<void> StringReader::want(uint64_t bytes) {
    if (bytes - ready_.size() > left_) return changed(source_);
    const size_t kept = ready_.size();
    if (kept > 0) std::memmove(buffer_.data(), ready_.data(), kept);
    if (bytes > buffer_.size()) buffer_.resize(static_cast<size_t>(bytes));
    const auto fresh = std::span(buffer_).subspan(
        kept, static_cast<size_t>(std::min<uint64_t>(buffer_.size() - kept, left_)));
    SKL_TRY(source_.read_at(offset_, fresh));
    offset_ += fresh.size();
    left_ -= fresh.size();
    ready_ = std::span(buffer_).first(kept + fresh.size());
    return {};
}

Result<std::string_view> StringReader::next() {
    if (ready_.size() < 8) SKL_TRY(want(8));
    const uint64_t length = number_at(ready_.data());
    ready_ = ready_.subspan(8);
    if (ready_.size() < length) SKL_TRY(want(length));
    const auto text = ready_.first(static_cast<size_t>(length));
    ready_ = ready_.subspan(text.size());
    return std::string_view(reinterpret_cast<const char *>(text.data()), text.size());
}

Result<std::string> string_at(const ByteSource &source, const ArrayValue &array, uint64_t index) {
    assert(index < array.count);
    StringReader reader(source, array);
    for (uint64_t i = 0; i < index; ++i) SKL_TRY(reader.next());
    SKL_TRY_ASSIGN(text, reader.next());
    return std::string(text);
}

}  // namespace skillet::gguf
