// SPDX-License-Identifier: Apache-2.0
#include "remote/transfers.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>

namespace skillet {
namespace {

// How often the calling thread is woken to report.
constexpr uint64_t report_bytes = 1u << 20;

class Crew {
public:
    Crew(RemoteRepository &repository, size_t count, const Transfer &transfer, const Work &work)
        : repository_(repository),
          count_(count),
          transfer_(transfer),
          flag_(std::make_shared<CancelFlag>(work.stop.flag)),
          stop_{flag_, work.stop.deadline} {}

    Result<void> run(Phase &phase) {
        const size_t most = std::min<size_t>(repository_.options().connections_max, count_);
        std::vector<std::jthread> threads;
        threads.reserve(most);
        try {
            while (threads.size() < most) {
                change_running(+1);
                threads.emplace_back([this] { work_off(); });
            }
        } catch (const std::system_error &) {
            change_running(-1);  // the one that could not start; the others do its share
        }
        if (threads.empty() && count_ > 0) {
            change_running(+1);
            work_off();
        }
        report(phase);
        threads.clear();
        return failure_ ? Result<void>(*std::move(failure_)) : Result<void>();
    }

private:
    void change_running(int by) {
        const std::lock_guard lock(mutex_);
        running_ += by;
        changed_.notify_all();
    }

    void work_off() {
        try {
            if (auto done = work_off_all(); !done) fail(std::move(done).error());
        } catch (const std::bad_alloc &) {
            fail(Error{SKL_E_OUT_OF_MEMORY, "out of memory", {}, {}, {}, {}});
        }
        change_running(-1);
    }

    Result<void> work_off_all() {
        std::optional<RemoteSession> session;
        for (size_t index = next_++; index < count_; index = next_++) {
            SKL_TRY(stop_.check());
            if (!session) {
                SKL_TRY_ASSIGN(opened, RemoteSession::open(repository_, stop_));
                session.emplace(std::move(opened));
            }
            SKL_TRY(transfer_(index, *session, [this](uint64_t bytes) { return count(bytes); }));
        }
        return {};
    }

    // The first one counts: the others only say that they were told to stop.
    void fail(Error error) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::move(error);
        flag_->cancel();
    }

    Result<void> count(uint64_t bytes) {
        const uint64_t before = done_.fetch_add(bytes);
        if (before / report_bytes != (before + bytes) / report_bytes) {
            const std::lock_guard lock(mutex_);
            changed_.notify_all();
        }
        return stop_.check();
    }

    // Until all are through. They look for the caller's wish to stop themselves.
    void report(Phase &phase) {
        uint64_t reported = 0;
        for (bool working = true; working;) {
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock,
                              [&] { return running_ == 0 || done_ >= reported + report_bytes; });
                working = running_ != 0;
            }
            const uint64_t step = done_ - reported;
            reported += step;
            (void)phase.advance(step);
        }
    }

    RemoteRepository &repository_;
    const size_t count_;
    const Transfer &transfer_;
    const std::shared_ptr<CancelFlag> flag_;
    const StopSignal stop_;
    std::atomic<size_t> next_{0};
    std::atomic<uint64_t> done_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    int running_ = 0;               // guarded by mutex_
    std::optional<Error> failure_;  // likewise
};

}  // namespace

Result<void> run_transfers(RemoteRepository &repository, size_t count, const Transfer &transfer,
                           const char *phase, uint64_t total_bytes, const Work &work) {
    Phase counted(work, phase, total_bytes);
    SKL_TRY(counted.check());
    return Crew(repository, count, transfer, work).run(counted);
}

}  // namespace skillet
