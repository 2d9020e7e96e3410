// SPDX-License-Identifier: Apache-2.0
#include "remote/base64.h"

#include <algorithm>
#include <cstdint>

namespace skillet {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string text;
    for (size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view part = bytes.substr(at, 3);
        uint32_t bits = 0;
        for (size_t i = 0; i < 3; ++i) {
            bits = bits << 8 | (i < part.size() ? static_cast<unsigned char>(part[i]) : 0u);
        }
        for (size_t i = 0; i < 4; ++i) {
            text += i <= part.size() ? digits[bits >> (18 - 6 * i) & 63] : '=';
        }
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string bytes;
    const size_t padding = text.size() - std::min(text.find_last_not_of('=') + 1, text.size());
    if (text.size() % 4 != 0 || padding > 2) return std::nullopt;
    for (size_t at = 0; at < text.size(); at += 4) {
        uint32_t bits = 0;
        for (size_t i = at; i < at + 4; ++i) {
            const size_t digit = i < text.size() - padding ? digits.find(text[i]) : 0;
            if (digit == std::string_view::npos) return std::nullopt;
            bits = bits << 6 | static_cast<uint32_t>(digit);
        }
        for (const unsigned shift : {16u, 8u, 0u}) {
            bytes += static_cast<char>(bits >> shift & 255);
        }
    }
    bytes.resize(bytes.size() - padding);
    // One way to write it, also in the bits that padding leaves over.
    if (base64_encode(bytes) != text) return std::nullopt;
    return bytes;
}

}  // namespace skillet
