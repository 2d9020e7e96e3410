// SPDX-License-Identifier: Apache-2.0
#include "schema/text.h"

#include <algorithm>

#include <fmt/format.h>

namespace skillet::schema {
namespace {

constexpr std::string_view ellipsis = "...";

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

std::string shown(std::string_view text) {
    if (text.size() <= shown_bytes_max) return std::string(text);
    size_t end = shown_bytes_max - ellipsis.size();
    while (end > 0 && !begins_character(text[end])) --end;
    return std::string(text.substr(0, end)).append(ellipsis);
}

std::string counted(uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

uint64_t character_count(std::string_view text) {
    return static_cast<uint64_t>(std::count_if(text.begin(), text.end(), begins_character));
}

}  // namespace skillet::schema
