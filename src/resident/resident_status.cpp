// SPDX-License-Identifier: Apache-2.0
// What others may see of a ResidentSet.
#include <algorithm>

#include "resident/resident_set.h"
#include "resident/slot.h"

namespace skillet {

const char *name_of(Residency residency) {
    switch (residency) {
        case Residency::loading: return "loading";
        case Residency::resident: return "resident";
        case Residency::active: return "active";
        case Residency::parked: return "parked";
        case Residency::leaving: return "leaving";
    }
    return "";
}

std::vector<ResidentStatus> ResidentSet::status() const {
    const std::lock_guard lock(mutex_);
    std::vector<ResidentStatus> all;
    std::vector<std::pair<Standing, size_t>> leaving;
    for (const auto &[key, slot] : slots_) {
        ResidentStatus status;
        status.key = key;
        status.id = slot->id;
        status.version = slot->version;
        status.residency = slot->residency;
        if (slot->residency == Residency::resident && slot->leases > 0) {
            status.residency = Residency::active;
        }
        status.leases = slot->leases;
        status.reserved_bytes = slot->charged;
        status.predicted_bytes = slot->predicted_bytes;
        status.measured_bytes = slot->measured_bytes;
        status.contexts = slot->residency == Residency::parked ? 0 : slot->contexts;
        status.load_ms = slot->load_ms;
        status.resume_ms = slot->resume_ms;
        status.uses = slot->uses;
        status.used_at = slot->used_at;
        status.keeping = keeping_of(key);
        status.worth = policy_->worth(key);
        if (may_leave(*slot)) leaving.emplace_back(standing(*slot), all.size());
        all.push_back(std::move(status));
    }
    std::sort(leaving.begin(), leaving.end(),
              [](const auto &one, const auto &other) { return one.first.before(other.first); });
    for (size_t place = 0; place < leaving.size(); ++place) {
        all[leaving[place].second].rank = place + 1;
    }
    return all;
}

uint64_t ResidentSet::reserved_bytes() const {
    const std::lock_guard lock(mutex_);
    return reserved_bytes_;
}

uint64_t ResidentSet::parked_bytes() const {
    const std::lock_guard lock(mutex_);
    uint64_t bytes = 0;
    for (const auto &[key, slot] : slots_) {
        if (slot->residency == Residency::parked) bytes += slot->charged;
    }
    return bytes;
}

ResidentCounters ResidentSet::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

}  // namespace skillet
