// SPDX-License-Identifier: Apache-2.0
#include "gguf/cursor.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include <fmt/format.h>

#include "gguf/refusal.h"

namespace skillet::gguf {
namespace {

constexpr uint64_t buffer_bytes = 64 * 1024;

// Little-endian.
uint64_t number_at(const std::byte *at, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;) value = value << 8 | std::to_integer<uint64_t>(at[i]);
    return value;
}

}  // namespace

Cursor::Cursor(const ByteSource &source, uint64_t bytes_max)
    : source_(source),
      bytes_max_(bytes_max),
      buffer_(static_cast<size_t>(std::min(buffer_bytes, source.size()))) {}

Result<uint64_t> Cursor::number(size_t bytes) {
    assert(bytes >= 1 && bytes <= 8);
    std::array<std::byte, 8> raw{};
    SKL_TRY(read(std::span(raw).first(bytes)));
    return number_at(raw.data(), bytes);
}

Result<uint32_t> Cursor::number32() {
    SKL_TRY_ASSIGN(value, number(4));
    return static_cast<uint32_t>(value);
}

Result<std::string> Cursor::bytes(uint64_t count) {
    SKL_TRY(check(count));
    std::string text(static_cast<size_t>(count), '\0');
    SKL_TRY(read(std::as_writable_bytes(std::span(text))));
    return text;
}

Result<void> Cursor::skip(uint64_t count) {
    SKL_TRY(check(count));
    const auto part = static_cast<size_t>(std::min<uint64_t>(count, ready_.size()));
    ready_ = ready_.subspan(part);
    position_ += count;
    return {};
}

Result<uint64_t> Cursor::string_length(uint64_t bytes_max) {
    SKL_TRY_ASSIGN(length, number(8));
    SKL_TRY(check(length));
    if (length > bytes_max) {
        return unsupported(
            fmt::format("a text of {} bytes where at most {} are read", length, bytes_max), {},
            "shorten the text");
    }
    return length;
}

uint64_t Cursor::skip_buffered_strings(uint64_t count, uint64_t bytes_max) {
    // What is beyond the limit of the whole is not taken here, so that string_length() refuses it.
    const uint64_t within = bytes_max_ > position_ ? bytes_max_ - position_ : 0;
    const auto bytes = ready_.first(static_cast<size_t>(std::min<uint64_t>(ready_.size(), within)));
    size_t at = 0;
    while (count > 0 && bytes.size() - at >= 8) {
        const uint64_t length = number_at(bytes.data() + at, 8);
        if (length > bytes_max || length > bytes.size() - at - 8) break;
        at += 8 + static_cast<size_t>(length);
        --count;
    }
    ready_ = ready_.subspan(at);
    position_ += at;
    return count;
}

Result<void> Cursor::skip_strings(uint64_t count, uint64_t bytes_max) {
    while ((count = skip_buffered_strings(count, bytes_max)) > 0) {
        SKL_TRY_ASSIGN(length, string_length(bytes_max));
        SKL_TRY(skip(length));
        --count;
    }
    return {};
}

Result<std::string> Cursor::string(uint64_t bytes_max) {
    SKL_TRY_ASSIGN(length, string_length(bytes_max));
    return bytes(length);
}

Result<void> Cursor::check(uint64_t count) const {
    if (count > remaining()) {
        return malformed(
            fmt::format("{} bytes are announced where the file has {} left", count, remaining()),
            {});
    }
    if (position_ > bytes_max_ || count > bytes_max_ - position_) {
        return unsupported(fmt::format("the metadata is longer than {} bytes", bytes_max_), {},
                           "remove what the model does not need from its metadata");
    }
    return {};
}

Result<void> Cursor::read(std::span<std::byte> out) {
    SKL_TRY(check(out.size()));
    while (!out.empty()) {
        if (ready_.empty()) SKL_TRY(refill());
        const size_t part = std::min(out.size(), ready_.size());
        std::memcpy(out.data(), ready_.data(), part);
        out = out.subspan(part);
        ready_ = ready_.subspan(part);
        position_ += part;
    }
    return {};
}

Result<void> Cursor::refill() {
    const auto part = std::span(buffer_).first(
        static_cast<size_t>(std::min<uint64_t>(buffer_.size(), remaining())));
    SKL_TRY(source_.read_at(position_, part));
    ready_ = part;
    return {};
}

}  // namespace skillet::gguf
