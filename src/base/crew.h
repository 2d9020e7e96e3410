// SPDX-License-Identifier: Apache-2.0
// Threads that share a long piece of work, while the thread that asked for it waits and reports how
// far they have come: a Phase is for one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "base/work.h"

namespace skillet {

// For one run.
class Crew {
public:
    // The asking thread is woken to report each time so many bytes were counted.
    explicit Crew(uint64_t report_bytes) : report_bytes_(report_bytes) {}

    // Runs `work` on `threads` threads, or on fewer if no more can be had, at least on this one,
    // and returns when all have ended. `work` does not throw, takes what is to be done next until
    // nothing is left, and looks itself for the caller's wish to stop.
    void run(size_t threads, const std::function<void()> &work, Phase &phase);

    // Called by `work`.
    void count(uint64_t bytes);

private:
    void change_running(int by);
    void report(Phase &phase);

    const uint64_t report_bytes_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int running_ = 0;                 // guarded by mutex_
    std::atomic<uint64_t> done_ = 0;  // bytes counted
};

}  // namespace skillet
