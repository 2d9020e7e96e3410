// SPDX-License-Identifier: Apache-2.0
// Questions about strings that came out of a file.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace skillet::gguf {

// Has no byte below 0x20 and no 0x7f.
[[nodiscard]] bool is_one_line(std::string_view text);

// Only the bytes 0x20 to 0x7e, so that an error can name it as it stands.
[[nodiscard]] bool is_printable_ascii(std::string_view text);

// A name such as "nomic-bert-moe" or "a.x-4.0": 1 to 64 of A-Z a-z 0-9 . _ -
[[nodiscard]] bool is_identifier(std::string_view text);

// Some text that occurs twice. Sorts instead of hashing: an attacker who knows the hash function
// would make a hash set quadratic.
[[nodiscard]] std::optional<std::string_view> duplicate(std::vector<std::string_view> texts);

}  // namespace skillet::gguf
