// SPDX-License-Identifier: Apache-2.0
// Skills that fail again and again: so many faults in a row, without an answer in between, are the
// skill's own, and it is taken out of service (DESIGN: engine fault, repeated contract breach).
//
// A fault is what a verified package on a sound machine does not do: the engine refuses its model
// or fails while it computes, or its output is not what its contract says. Counted for each
// runtime; a process that dies of a skill is another matter (crash_guard.h). Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "base/digest.h"
#include "base/error.h"

namespace skillet {

class FaultBook {
public:
    static constexpr uint32_t in_a_row_max = 3;

    // Whether this outcome of a load or a request was one too many.
    [[nodiscard]] bool note(const Digest &package, Code outcome);

private:
    std::atomic<bool> empty_{true};  // the usual case costs no lock
    std::mutex mutex_;
    std::map<Digest, uint32_t> in_a_row_;  // guarded by mutex_
};

}  // namespace skillet
