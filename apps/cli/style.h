// SPDX-License-Identifier: Apache-2.0
// How output looks to people: colours on a terminal, aligned tables, short byte counts.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace cli {

// Escape sequences, or nothing if the stream is no terminal or NO_COLOR is set.
class Style {
public:
    explicit Style(FILE *stream);
    [[nodiscard]] const char *bad() const { return on_ ? "\033[1;31m" : ""; }
    [[nodiscard]] const char *good() const { return on_ ? "\033[1;32m" : ""; }
    [[nodiscard]] const char *strong() const { return on_ ? "\033[1m" : ""; }
    [[nodiscard]] const char *dim() const { return on_ ? "\033[2m" : ""; }
    [[nodiscard]] const char *plain() const { return on_ ? "\033[0m" : ""; }

private:
    bool on_;
};

// Rows of equal length, aligned by code points; the first row is the heading.
class Table {
public:
    explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    void print(FILE *stream) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

// "1.2 MB": powers of 1000, as disks and packages are sold.
std::string short_bytes(uint64_t bytes);

// At most `width` code points, with an ellipsis, and without control characters.
std::string shorten(const std::string &text, size_t width);

}  // namespace cli
