// SPDX-License-Identifier: Apache-2.0
// A child process that a test lets die.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace skillet::testing {

// Runs `body` in a child and gives the signal that ended it; 0 if `body` returned. REQUIRES: this
// process has no other threads that hold locks.
inline int signal_that_ends(const std::function<void()> &body) {
    const pid_t child = ::fork();
    if (child == 0) {
        for (const int signal : {SIGABRT, SIGBUS, SIGSEGV}) {
            std::signal(signal, SIG_DFL);  // no report of a sanitizer
        }
        const rlimit none{};
        ::setrlimit(RLIMIT_CORE, &none);
        body();
        ::_exit(0);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return -1;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace skillet::testing
