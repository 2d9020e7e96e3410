// SPDX-License-Identifier: Apache-2.0
// A call that may take long: when its caller wants it to stop, and who hears how far it has come.
#pragma once

#include <cstdint>
#include <functional>

#include "base/cancel.h"

namespace skillet {

struct Work {
    StopSignal stop;
    // Called by the working thread as a phase proceeds, with bytes; may be empty.
    std::function<void(const char *phase, uint64_t done, uint64_t total)> progress;
};

// One phase of a long call, whose extent in bytes is known when it begins. For one thread.
class Phase {
public:
    // A phase that nobody stops or watches.
    Phase() : Phase(Work{}, "", 0) {}
    // Reports 0 of `total`. `name` must be a literal.
    Phase(Work work, const char *name, uint64_t total);

    // Counts `bytes` and reports them; SKL_E_CANCELLED or SKL_E_DEADLINE_EXCEEDED if the caller
    // wants an end.
    [[nodiscard]] Result<void> advance(uint64_t bytes);
    [[nodiscard]] Result<void> check() const { return work_.stop.check(); }

private:
    Work work_;
    const char *name_;
    uint64_t done_ = 0;
    uint64_t total_;
};

}  // namespace skillet
