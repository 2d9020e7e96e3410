// SPDX-License-Identifier: Apache-2.0
#include "style.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace cli {
namespace {

// Bytes that continue a UTF-8 sequence take no column of their own.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

size_t columns(const std::string &text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

}  // namespace

Style::Style(FILE *stream)
    : on_(::isatty(::fileno(stream)) != 0 && std::getenv("NO_COLOR") == nullptr) {}

void Table::print(FILE *stream) const {
    std::vector<size_t> widths(rows_.front().size(), 0);
    for (const auto &row : rows_) {
        for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
    }
    const Style style(stream);
    for (const auto &row : rows_) {
        const bool heading = &row == &rows_.front();
        fmt::print(stream, "{}", heading ? style.dim() : "");
        for (size_t i = 0; i < row.size(); ++i) {
            const bool last = i + 1 == row.size();
            const size_t pad = last ? 0 : widths[i] - columns(row[i]) + 2;
            fmt::print(stream, "{}{:{}}", row[i], "", pad);
        }
        fmt::print(stream, "{}\n", heading ? style.plain() : "");
    }
}

std::string short_bytes(uint64_t bytes) {
    if (bytes < 1000) return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes);
    const char *unit = "";
    for (const char *next : {"kB", "MB", "GB", "TB"}) {
        if (value < 1000) break;
        value /= 1000;
        unit = next;
    }
    return fmt::format("{:.{}f} {}", value, value < 10 ? 1 : 0, unit);
}

std::string shorten(const std::string &text, size_t width) {
    std::string out;
    size_t used = 0;
    for (const char c : text) {
        if (!continues(c) && used++ >= width) return out + "…";
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(byte < 0x20 || byte == 0x7F ? ' ' : c);
    }
    return out;
}

}  // namespace cli
