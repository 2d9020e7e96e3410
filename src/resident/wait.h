// SPDX-License-Identifier: Apache-2.0
// Waiting on a condition that a cancellation or a deadline can end.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/cancel.h"

namespace skillet {

// Until something changed, `stop` may have something to say, or for no reason. A CancelFlag is a
// plain atomic that any thread may set without knowing who waits, so a cancellable wait looks at it
// now and then.
inline void wait_once(std::unique_lock<std::mutex> &lock, std::condition_variable &changed,
                      const StopSignal &stop) {
    constexpr auto look = std::chrono::milliseconds(10);
    if (!stop.flag && !stop.deadline) return changed.wait(lock);
    auto until = SteadyClock::now() + look;
    if (stop.deadline) until = std::min(until, *stop.deadline);
    changed.wait_until(lock, until);
}

// Returns once `ready()` holds, or with the reason of `stop`.
template <typename Ready>
Result<void> wait_until(std::unique_lock<std::mutex> &lock, std::condition_variable &changed,
                        const StopSignal &stop, Ready ready) {
    while (!ready()) {
        SKL_TRY(stop.check());
        wait_once(lock, changed, stop);
    }
    return {};
}

}  // namespace skillet
