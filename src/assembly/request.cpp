// SPDX-License-Identifier: Apache-2.0
#include "assembly/request.h"

#include <algorithm>
#include <new>
#include <utility>

namespace skillet {

Request::Request(std::shared_ptr<SkillHandle> module, std::string input, const StopSignal &stop)
    : module_(std::move(module)),
      input_(std::move(input)),
      cancel_(std::make_shared<CancelFlag>(stop.flag)),
      stop_(module_->with_own_deadline({cancel_, stop.deadline})) {}

Result<void> Request::start(std::function<void()> on_done) {
    const auto job = [self = shared_from_this(), on_done = std::move(on_done)] {
        self->run(on_done);
    };
    return module_->runtime().workers().submit(job, sizeof(Request) + input_.size());
}

void Request::run(const std::function<void()> &on_done) {
    if (begin()) {
        Result<Answer> outcome = invoke();
        const std::lock_guard lock(mutex_);
        outcome_.emplace(std::move(outcome));
    }
    changed_.notify_all();
    if (on_done) on_done();
}

bool Request::begin() {
    const std::lock_guard lock(mutex_);
    notice_stop();
    running_ = !outcome_;
    return running_;
}

// A worker has no caller to throw to. The messages are short enough to need no allocation.
Result<Answer> Request::invoke() noexcept {
    try {
        return module_->invoke(input_, stop_);
    } catch (const std::bad_alloc &) {
        return Error{SKL_E_OUT_OF_MEMORY, "out of memory", {}, {}, {}, {}};
    } catch (const std::exception &) {
        return Error{SKL_E_INTERNAL, "internal error", {}, {}, {}, {}};
    }
}

void Request::notice_stop() {
    if (running_ || outcome_) return;
    if (auto stopped = stop_.check(); !stopped) outcome_.emplace(std::move(stopped).error());
}

Result<Answer> Request::wait(std::optional<SteadyClock::time_point> until) {
    // A flag is a plain atomic that knows of no waiters, and until a worker has the request nobody
    // else looks at it.
    constexpr auto look = std::chrono::milliseconds(10);
    std::unique_lock lock(mutex_);
    for (;;) {
        notice_stop();
        if (outcome_) return *outcome_;
        const auto now = SteadyClock::now();
        if (until && now >= *until) {
            return make_error(SKL_E_PENDING, "the request has not finished yet", "", "wait again");
        }
        const auto next = running_ ? SteadyClock::time_point::max() : now + look;
        const auto wake = std::min(next, until.value_or(next));
        if (wake == SteadyClock::time_point::max()) {
            changed_.wait(lock);
        } else {
            changed_.wait_until(lock, wake);
        }
    }
}

void Request::cancel() {
    cancel_->cancel();
    changed_.notify_all();
}

}  // namespace skillet
