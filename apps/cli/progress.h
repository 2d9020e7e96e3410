// SPDX-License-Identifier: Apache-2.0
// A progress bar for long calls: on stderr, only on a terminal, and gone when the call is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <skillet/work.h>

namespace cli {

class ProgressBar {
public:
    ProgressBar();
    ~ProgressBar();
    ProgressBar(const ProgressBar &) = delete;
    ProgressBar &operator=(const ProgressBar &) = delete;

    // What the library calls; `bar` is the ProgressBar.
    static void hear(void *bar, const char *phase, uint64_t done, uint64_t total);

private:
    using Clock = std::chrono::steady_clock;

    void draw(const std::string &phase, uint64_t done, uint64_t total);
    void erase();

    bool on_;  // stderr is a terminal that can move its cursor
    bool drawn_ = false;
    Clock::time_point next_;  // nothing is drawn before
};

}  // namespace cli
