// SPDX-License-Identifier: Apache-2.0
// How output looks to people: colours on a terminal, aligned tables, short byte counts. Text that
// comes from a package or a request goes through printable(): it must not steer the terminal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
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

// Where lines end: the terminal's width. A program that reads along gets every line whole.
size_t columns_of(FILE *stream);

// Rows of equal length, aligned by code points; the first row is the heading. What is too wide for
// the terminal is broken within the last column.
class Table {
public:
    explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
    void add(std::vector<std::string> row);
    void print(FILE *stream) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

// Prints "  name       text": one fact of several, aligned; long texts are broken on a terminal.
void print_fact(std::string_view name, std::string_view text);

// "1.2 MB": powers of 1000, as disks and packages are sold.
std::string short_bytes(uint64_t bytes);

// Without control characters, line ends included: each is a space.
std::string printable(std::string_view text);

// printable(), at most `width` code points, with an ellipsis.
std::string shorten(std::string_view text, size_t width);

// The text in lines of at most `width` code points, broken at spaces where there are some; the
// second and later ones start with `indent` spaces. `column` is where the first line starts.
std::string wrapped(std::string_view text, size_t column, size_t indent, size_t width);

}  // namespace cli
