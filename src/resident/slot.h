// SPDX-License-Identifier: Apache-2.0
// What a ResidentSet keeps for one module, under its lock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "resident/resident_set.h"

namespace skillet {

struct Lease::Slot {
    Digest key;
    Residency residency = Residency::loading;  // never `active`: that is `resident` with leases
    MemoryPlan plan;                           // predicted; once it is loaded, measured
    uint64_t predicted_bytes = 0;
    std::optional<uint64_t> measured_bytes = {};
    uint32_t contexts = 1;  // charged
    uint64_t charged = 0;
    uint32_t leases = 0;
    size_t row = std::numeric_limits<size_t>::max();  // on the board
    uint64_t uses = 0;
    double load_ms = 0;
    double resume_ms = 0;
    SteadyClock::time_point loaded_at = {};
    std::chrono::system_clock::time_point used_at = {};
    std::string id = {};  // known once it is loaded, as is the version
    std::string version = {};
    std::unique_ptr<Module> module = {};  // null while it loads, and from when it is destroyed

    [[nodiscard]] uint64_t bytes() const {
        return residency == Residency::parked ? plan.skeleton : plan.bytes(contexts);
    }
    // What comes back when it is resumed.
    [[nodiscard]] uint64_t resumed_bytes() const { return plan.bytes() - plan.skeleton; }
};

}  // namespace skillet
