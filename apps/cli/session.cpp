// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "interrupt.h"
#include "style.h"

namespace cli {
namespace {

constexpr int poll_ms = 100;

Failure io_failure(const char *what, const std::string &path) {
    const skl_status code = errno == ENOENT ? SKL_E_NOT_FOUND : SKL_E_IO;
    return {code, fmt::format("{}: {}", what, std::strerror(errno)), path, "check the path", {}};
}

// Waits until there is something to read, so that Ctrl-C ends a read from a terminal or a pipe.
void wait_readable(int fd) {
    pollfd entry{fd, POLLIN, 0};
    while (::poll(&entry, 1, poll_ms) == 0) {
        if (interrupted()) throw Failure{SKL_E_CANCELLED, "interrupted", {}, {}, {}};
    }
}

}  // namespace

skl::Runtime &Session::runtime() {
    if (!runtime_) {
        skl::RuntimeOptions wanted;
        wanted.root = options.root;
        wanted.budget_bytes = options.budget_bytes;
        runtime_ = value_of(skl::Runtime::open(wanted));
    }
    return *runtime_;
}

skl_cancel Session::cancel() {
    if (!cancel_) {
        cancel_ = value_of(skl::Cancel::create());
        set_interrupt_target(cancel_->get());
    }
    return cancel_->get();
}

skl::Module Session::open_module(const std::string &reference) {
    ProgressBar bar;
    return value_of(runtime().open_module(reference, work(bar)));
}

skl::Work Session::work(ProgressBar &bar) { return {cancel(), 0, ProgressBar::hear, &bar}; }

Failure Session::failure_of(const skl::Error &error) {
    return {error.code(), error.message(), error.subject(), error.hint(), error.json()};
}

bool Session::print_json(const Json &document) const {
    if (!options.json) return false;
    fmt::print("{}\n", document.dump());
    return true;
}

int report(const Failure &failure, bool as_json) {
    const char *name = skl_status_name(failure.code);
    if (as_json) {
        const Json own = {{"schema", "skillet.error/1"},
                          {"error",
                           {{"code", name},
                            {"number", failure.code},
                            {"message", failure.message},
                            {"subject", failure.subject},
                            {"hint", failure.hint}}}};
        fmt::print(stderr, "{}\n", failure.json.empty() ? own.dump() : failure.json);
    } else {
        const Style style(stderr);
        fmt::print(stderr, "{}skillet: {}:{} {}\n", style.bad(), name, style.plain(),
                   failure.message);
        if (!failure.subject.empty()) fmt::print(stderr, "  about: {}\n", failure.subject);
        if (!failure.hint.empty()) fmt::print(stderr, "  try:   {}\n", failure.hint);
    }
    return skl_status_exit_code(failure.code);
}

std::string read_input(const std::string &path, size_t bytes_max) {
    const bool is_stdin = path == "-";
    const int fd = is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) throw io_failure("cannot open", path);
    std::string text;
    char chunk[64 * 1024];
    for (;;) {
        if (is_stdin) wait_readable(fd);
        const ssize_t got = ::read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw io_failure("cannot read", path);
        if (got == 0) break;
        text.append(chunk, static_cast<size_t>(got));
        if (text.size() > bytes_max) {
            throw Failure{SKL_E_INPUT_TOO_LARGE,
                          fmt::format("more than {} bytes of input", bytes_max),
                          path,
                          "send less",
                          {}};
        }
    }
    if (!is_stdin) ::close(fd);
    return text;
}

}  // namespace cli
