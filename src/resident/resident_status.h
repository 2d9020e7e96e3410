// SPDX-License-Identifier: Apache-2.0
// What others may see of the skills in memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "resident/eviction.h"

namespace skillet {

// How a module is to be kept, by the host's wish.
struct Keeping {
    bool pinned = false;   // never leaves memory by itself
    int32_t priority = 0;  // of two, the one with the lower priority leaves first, whatever its use

    bool operator==(const Keeping &) const = default;
};

enum class Residency : uint32_t { loading, resident, active, parked, leaving };
inline constexpr uint32_t residency_max = static_cast<uint32_t>(Residency::leaving);
[[nodiscard]] const char *name_of(Residency residency);

// One module, as others may see it.
struct ResidentStatus {
    Digest key;
    std::string id;  // empty while it is loaded for the first time
    std::string version;
    Residency residency = Residency::loading;
    uint32_t leases = 0;
    uint64_t reserved_bytes = 0;   // charged now
    uint64_t predicted_bytes = 0;  // with one context, when it was loaded
    std::optional<uint64_t> measured_bytes;
    uint32_t contexts = 0;
    double load_ms = 0;    // of its last load
    double resume_ms = 0;  // estimated: coming back from parking
    uint64_t uses = 0;     // since it was loaded
    std::chrono::system_clock::time_point used_at;
    Keeping keeping;
    bool young = false;  // leaves only if no older one can
    Worth worth;
    // The place in the order of leaving, from 1 on; none for what is in use or pinned.
    std::optional<size_t> rank;
};

// Whether `one` leaves before `other`, if both may.
[[nodiscard]] bool leaves_before(const ResidentStatus &one, const ResidentStatus &other);
[[nodiscard]] bool may_leave(Residency residency, uint32_t leases, const Keeping &keeping);
// Fills in the places in the order of leaving.
void rank(std::vector<ResidentStatus> &modules);

struct ResidentCounters {
    uint64_t hits = 0;     // leases of what was resident
    uint64_t resumes = 0;  // of what was parked
    uint64_t loads = 0;
    uint64_t evictions = 0;
    uint64_t parkings = 0;
    uint64_t failures = 0;  // of loads
    double load_ms = 0;     // of all loads
};

// All of it, as of one moment.
struct ResidencyReport {
    uint64_t budget_bytes = 0;
    uint64_t reserved_bytes = 0;  // of all modules, those on their way included
    uint64_t parked_bytes = 0;    // of those the bytes of parked modules
    EvictionRule rule = EvictionRule::lru;
    ResidentCounters counters;
    std::vector<ResidentStatus> modules;  // by digest
};

}  // namespace skillet
