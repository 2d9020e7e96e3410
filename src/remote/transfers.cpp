// SPDX-License-Identifier: Apache-2.0
#include "remote/transfers.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <optional>

#include "base/crew.h"

namespace skillet {
namespace {

// How often the calling thread is woken to report.
constexpr uint64_t report_bytes = 1u << 20;

class Transfers {
public:
    Transfers(RemoteRepository &repository, size_t count, const Transfer &transfer,
              const Work &work)
        : repository_(repository),
          count_(count),
          transfer_(transfer),
          flag_(std::make_shared<CancelFlag>(work.stop.flag)),
          stop_{flag_, work.stop.deadline} {}

    Result<void> run(Phase &phase) {
        if (count_ == 0) return {};
        crew_.run(
            std::min<size_t>(repository_.options().connections_max, count_), [this] { work_off(); },
            phase);
        return failure_ ? Result<void>(*std::move(failure_)) : Result<void>();
    }

private:
    void work_off() {
        try {
            if (auto done = work_off_all(); !done) fail(std::move(done).error());
        } catch (const std::bad_alloc &) {
            fail(Error{SKL_E_OUT_OF_MEMORY, "out of memory", {}, {}, {}, {}});
        }
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
        crew_.count(bytes);
        return stop_.check();
    }

    RemoteRepository &repository_;
    const size_t count_;
    const Transfer &transfer_;
    const std::shared_ptr<CancelFlag> flag_;
    const StopSignal stop_;
    std::atomic<size_t> next_{0};
    Crew crew_{report_bytes};
    std::mutex mutex_;
    std::optional<Error> failure_;  // guarded by mutex_
};

}  // namespace

Result<void> run_transfers(RemoteRepository &repository, size_t count, const Transfer &transfer,
                           const char *phase, uint64_t total_bytes, const Work &work) {
    Phase counted(work, phase, total_bytes);
    SKL_TRY(counted.check());
    return Transfers(repository, count, transfer, work).run(counted);
}

}  // namespace skillet
