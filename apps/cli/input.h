// SPDX-License-Identifier: Apache-2.0
// What commands read: a file or standard input ("-"), whole or line by line. Ctrl-C ends a wait for
// input, also on a terminal.
#pragma once

#include <cstddef>
#include <string>

namespace cli {

// An open file or standard input. Every function throws Failure.
class InputStream {
public:
    explicit InputStream(const std::string &path);
    ~InputStream();
    InputStream(const InputStream &) = delete;
    InputStream &operator=(const InputStream &) = delete;

    // Appends what is there, at least one byte; false at the end.
    bool append_to(std::string &text);

private:
    std::string path_;
    int fd_;
};

// The whole of it; SKL_E_INPUT_TOO_LARGE beyond `bytes_max`.
std::string read_input(const std::string &path, size_t bytes_max);

// A line without its newline. Of a line that is too long, only the size is kept.
struct InputLine {
    std::string text;
    size_t bytes = 0;

    [[nodiscard]] bool too_long() const { return text.size() != bytes; }
};

// Lines as they arrive: the last read before a line is handed out is the one that ended it.
class LineReader {
public:
    LineReader(const std::string &path, size_t line_bytes_max)
        : stream_(path), line_bytes_max_(line_bytes_max) {}

    // False after the last line, which needs no newline.
    bool next(InputLine &line);
    // Whether the next line is here already, so that next() does not wait.
    [[nodiscard]] bool has_line() const { return buffer_.find('\n', at_) != std::string::npos; }

private:
    void move_to(InputLine &line, size_t end);

    InputStream stream_;
    const size_t line_bytes_max_;
    std::string buffer_;
    size_t at_ = 0;  // what lies before it in the buffer was handed out
};

}  // namespace cli
