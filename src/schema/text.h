// SPDX-License-Identifier: Apache-2.0
// Text inside error messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skillet::schema {

// Most bytes of foreign text in one message.
inline constexpr size_t shown_bytes_max = 200;

// The text, cut at a character boundary and marked with "..." if it is longer than that.
[[nodiscard]] std::string shown(std::string_view text);

// "1 element", "2 elements".
[[nodiscard]] std::string counted(uint64_t count, std::string_view noun);

// Characters (code points) of valid UTF-8.
[[nodiscard]] uint64_t character_count(std::string_view text);

}  // namespace skillet::schema
