// SPDX-License-Identifier: Apache-2.0
// Waiting on a condition that a cancellation or a deadline can end.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/cancel.h"

namespace skillet {

// Returns once `ready()` holds, or with the reason of `stop`. A CancelFlag is a plain atomic that
// any thread may set without knowing who waits, so a cancellable wait looks at it now and then.
template <typename Ready>
Result<void> wait_until(std::unique_lock<std::mutex> &lock, std::condition_variable &changed,
                        const StopSignal &stop, Ready ready) {
    constexpr auto look = std::chrono::milliseconds(10);
    while (!ready()) {
        SKL_TRY(stop.check());
        if (!stop.flag && !stop.deadline) {
            changed.wait(lock);
            continue;
        }
        auto until = SteadyClock::now() + look;
        if (stop.deadline) until = std::min(until, *stop.deadline);
        changed.wait_until(lock, until);
    }
    return {};
}

}  // namespace skillet
