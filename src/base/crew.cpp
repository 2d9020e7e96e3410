// SPDX-License-Identifier: Apache-2.0
#include "base/crew.h"

#include <system_error>
#include <thread>
#include <vector>

namespace skillet {

void Crew::run(size_t threads, const std::function<void()> &work, Phase &phase) {
    const auto take_part = [&] {
        work();
        change_running(-1);
    };
    std::vector<std::jthread> workers;
    workers.reserve(threads);
    try {
        while (workers.size() < threads) {
            change_running(+1);
            workers.emplace_back(take_part);
        }
    } catch (const std::system_error &) {
        change_running(-1);  // the one that could not start; the others do its share
    }
    if (workers.empty()) {
        change_running(+1);
        take_part();
    }
    report(phase);
}

void Crew::count(uint64_t bytes) {
    const uint64_t before = done_.fetch_add(bytes);
    if (before / report_bytes_ == (before + bytes) / report_bytes_) return;
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void Crew::change_running(int by) {
    const std::lock_guard lock(mutex_);
    running_ += by;
    changed_.notify_all();
}

void Crew::report(Phase &phase) {
    uint64_t reported = 0;
    for (bool working = true; working;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return running_ == 0 || done_ >= reported + report_bytes_; });
            working = running_ != 0;
        }
        const uint64_t step = done_ - reported;
        reported += step;
        (void)phase.advance(step);
    }
}

}  // namespace skillet
