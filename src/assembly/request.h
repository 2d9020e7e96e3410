// SPDX-License-Identifier: Apache-2.0
// A submitted request: it waits for a worker, runs, and keeps its answer for whoever asks.
//
// It finishes exactly once: with an answer, with an error, or, while it still waits, as cancelled.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "assembly/runtime.h"
#include "base/cancel.h"
#include "runner/answer.h"

namespace skillet {

class Request : public std::enable_shared_from_this<Request> {
public:
    // `stop` and the contract's deadline count from now: waiting for a worker is part of a request.
    Request(std::shared_ptr<SkillHandle> module, std::string input, const StopSignal &stop);

    // Queues the request. SKL_E_QUEUE_FULL if too many wait. `on_done` may be empty; otherwise a
    // worker calls it once, after the request has finished. Call once.
    [[nodiscard]] Result<void> start(std::function<void()> on_done);

    // The answer or the request's error, once it has finished; SKL_E_PENDING if it has not by
    // `until` (none: waits for ever).
    [[nodiscard]] Result<Answer> wait(std::optional<SteadyClock::time_point> until);

    // Ends the request soon, with SKL_E_CANCELLED unless it is faster.
    void cancel();

    [[nodiscard]] const std::shared_ptr<SkillHandle> &module() const { return module_; }

private:
    void run(const std::function<void()> &on_done);
    // True if the request must still be computed, by the caller.
    bool begin();
    [[nodiscard]] Result<Answer> invoke() noexcept;
    // Finishes a request that was stopped while it waited. REQUIRES: mutex_ is held.
    void notice_stop();

    const std::shared_ptr<SkillHandle> module_;
    const std::string input_;
    const std::shared_ptr<CancelFlag> cancel_;  // ours; a child of the caller's
    const StopSignal stop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool running_ = false;                   // guarded by mutex_
    std::optional<Result<Answer>> outcome_;  // guarded by mutex_
};

}  // namespace skillet
