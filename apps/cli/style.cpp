// SPDX-License-Identifier: Apache-2.0
#include "style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

namespace cli {
namespace {

constexpr size_t columns_by_default = 80;
constexpr size_t columns_min = 40;  // narrower, text is broken to pieces
constexpr size_t column_gap = 2;
constexpr size_t fact_column = 13;

// Bytes that continue a UTF-8 sequence take no column of their own.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

size_t columns(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

// Where the word ends that starts at `at`.
size_t word_end(std::string_view text, size_t at) {
    return std::min(text.find(' ', at), text.size());
}

}  // namespace

Style::Style(FILE *stream)
    : on_(::isatty(::fileno(stream)) != 0 && std::getenv("NO_COLOR") == nullptr) {}

size_t columns_of(FILE *stream) {
    if (::isatty(::fileno(stream)) == 0) return std::numeric_limits<size_t>::max();
    winsize size{};
    if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return columns_by_default;
    }
    return std::max<size_t>(size.ws_col, columns_min);
}

void Table::add(std::vector<std::string> row) {
    for (std::string &cell : row) cell = printable(cell);
    rows_.push_back(std::move(row));
}

void Table::print(FILE *stream) const {
    std::vector<size_t> widths(rows_.front().size(), 0);
    for (const auto &row : rows_) {
        for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
    }
    size_t last_column = 0;
    for (size_t i = 0; i + 1 < widths.size(); ++i) last_column += widths[i] + column_gap;
    const Style style(stream);
    for (const auto &row : rows_) {
        std::string line;
        for (size_t i = 0; i + 1 < row.size(); ++i) {
            line += fmt::format("{}{:{}}", row[i], "", widths[i] - columns(row[i]) + column_gap);
        }
        line += wrapped(row.back(), last_column, last_column, columns_of(stream));
        line.erase(line.find_last_not_of(' ') + 1);
        const bool heading = &row == &rows_.front();
        fmt::print(stream, "{}{}{}\n", heading ? style.dim() : "", line,
                   heading ? style.plain() : "");
    }
}

void print_fact(std::string_view name, std::string_view text) {
    fmt::print("  {:<{}}{}\n", name, fact_column - 2,
               wrapped(printable(text), fact_column, fact_column, columns_of(stdout)));
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

std::string printable(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        const bool high_control = byte == 0xC2 && next >= 0x80 && next < 0xA0;  // U+0080 to U+009F
        if (high_control) ++i;
        out.push_back(byte < 0x20 || byte == 0x7F || high_control ? ' ' : text[i]);
    }
    return out;
}

std::string shorten(std::string_view text, size_t width) {
    std::string out;
    size_t used = 0;
    for (const char c : printable(text)) {
        if (!continues(c) && used++ >= width) return out + "…";
        out.push_back(c);
    }
    return out;
}

std::string wrapped(std::string_view text, size_t column, size_t indent, size_t width) {
    std::string out;
    bool fresh = true;  // nothing stands on this line yet
    for (size_t at = 0; at < text.size();) {
        const size_t end = word_end(text, at);
        const std::string_view word = text.substr(at, end - at);
        const size_t needed = columns(word) + (fresh ? 0 : 1);
        if (!fresh && (column > width || needed > width - column)) {
            out += fmt::format("\n{:{}}", "", indent);
            column = indent;
            fresh = true;
            continue;
        }
        if (!fresh) out += ' ';
        out += word;
        column += needed;
        fresh = false;
        at = end + 1;
    }
    return out;
}

}  // namespace cli
