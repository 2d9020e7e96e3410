// SPDX-License-Identifier: Apache-2.0
#include "input.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "interrupt.h"
#include "session.h"

namespace cli {
namespace {

constexpr int poll_ms = 100;
constexpr size_t chunk_bytes = 64 * 1024;

Failure io_failure(const char *what, const std::string &path) {
    const skl_status code = errno == ENOENT ? SKL_E_NOT_FOUND : SKL_E_IO;
    return {code, fmt::format("{}: {}", what, std::strerror(errno)), path, "check the path", {}};
}

// Waits until there is something to read, so that Ctrl-C ends a read from a terminal or a pipe.
void wait_readable(int fd) {
    pollfd entry{fd, POLLIN, 0};
    do {
        if (interrupted()) throw Failure{SKL_E_CANCELLED, "interrupted", {}, {}, {}};
    } while (::poll(&entry, 1, poll_ms) == 0);
}

}  // namespace

InputStream::InputStream(const std::string &path)
    : path_(path), fd_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw io_failure("cannot open", path);
}

InputStream::~InputStream() {
    if (fd_ != STDIN_FILENO) ::close(fd_);
}

bool InputStream::append_to(std::string &text) {
    const size_t before = text.size();
    text.resize(before + chunk_bytes);
    ssize_t got = -1;
    do {
        wait_readable(fd_);
        got = ::read(fd_, text.data() + before, chunk_bytes);
    } while (got < 0 && errno == EINTR);
    text.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) throw io_failure("cannot read", path_);
    return got > 0;
}

std::string read_input(const std::string &path, size_t bytes_max) {
    InputStream stream(path);
    std::string text;
    while (stream.append_to(text)) {
        if (text.size() <= bytes_max) continue;
        throw Failure{SKL_E_INPUT_TOO_LARGE,
                      fmt::format("more than {} bytes of input", bytes_max),
                      path,
                      "send less",
                      {}};
    }
    return text;
}

void LineReader::move_to(InputLine &line, size_t end) {
    const size_t bytes = end - at_;
    line.bytes += bytes;
    if (line.bytes <= line_bytes_max_) {
        line.text.append(buffer_, at_, bytes);
    } else {
        line.text.clear();
    }
    at_ = end;
}

bool LineReader::next(InputLine &line) {
    line = {};
    for (bool begun = false;;) {
        const size_t end = buffer_.find('\n', at_);
        if (end != std::string::npos) {
            move_to(line, end);
            ++at_;
            return true;
        }
        begun = begun || at_ < buffer_.size();
        move_to(line, buffer_.size());
        buffer_.clear();
        at_ = 0;
        if (!stream_.append_to(buffer_)) return begun;
    }
}

}  // namespace cli
