// SPDX-License-Identifier: Apache-2.0
// What others may see of a ResidentSet.
#include <algorithm>
#include <new>

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

bool leaves_before(const ResidentStatus &one, const ResidentStatus &other) {
    if (one.keeping.priority != other.keeping.priority) {
        return one.keeping.priority < other.keeping.priority;
    }
    if (one.young != other.young) return other.young;
    return goes_before(one.worth, other.worth);
}

bool may_leave(Residency residency, uint32_t leases, const Keeping &keeping) {
    return leases == 0 && !keeping.pinned &&
           (residency == Residency::resident || residency == Residency::parked);
}

void rank(std::vector<ResidentStatus> &modules) {
    std::vector<ResidentStatus *> leaving;
    for (ResidentStatus &status : modules) {
        status.rank.reset();
        if (may_leave(status.residency, status.leases, status.keeping)) leaving.push_back(&status);
    }
    std::sort(leaving.begin(), leaving.end(),
              [](const auto *one, const auto *other) { return leaves_before(*one, *other); });
    for (size_t place = 0; place < leaving.size(); ++place) leaving[place]->rank = place + 1;
}

ResidencyReport ResidentSet::report() const {
    const std::lock_guard lock(mutex_);
    return report_now();
}

void ResidentSet::publish_on(std::unique_ptr<Board> board) {
    const std::lock_guard lock(mutex_);
    board_ = std::move(board);
    announce();
}

void ResidentSet::note_on_board(const Slot &slot) {
    if (!board_) return;
    board_->note_use(
        slot.row, {counters_.hits, slot.leases, slot.uses, slot.used_at, policy_->worth(slot.key)});
}

void ResidentSet::announce() noexcept {
    changed_.notify_all();
    if (!board_) return;
    try {
        const ResidencyReport report = report_now();
        size_t row = 0;
        for (const auto &[key, slot] : slots_) slot->row = row++;
        board_->write(report);
    } catch (const std::bad_alloc &) {
        // The next change writes it.
    }
}

ResidencyReport ResidentSet::report_now() const {
    ResidencyReport report{options_.budget_bytes, reserved_bytes_, 0, options_.rule, counters_, {}};
    for (const auto &[key, slot] : slots_) {
        if (slot->residency == Residency::parked) report.parked_bytes += slot->charged;
        report.modules.push_back(status_of(*slot));
    }
    rank(report.modules);
    return report;
}

ResidentStatus ResidentSet::status_of(const Slot &slot) const {
    ResidentStatus status;
    status.key = slot.key;
    status.id = slot.id;
    status.version = slot.version;
    const bool active = slot.residency == Residency::resident && slot.leases > 0;
    status.residency = active ? Residency::active : slot.residency;
    status.leases = slot.leases;
    status.reserved_bytes = slot.charged;
    status.predicted_bytes = slot.predicted_bytes;
    status.measured_bytes = slot.measured_bytes;
    status.contexts = slot.residency == Residency::parked ? 0 : slot.contexts;
    status.load_ms = slot.load_ms;
    status.resume_ms = slot.resume_ms;
    status.uses = slot.uses;
    status.used_at = slot.used_at;
    status.keeping = keeping_of(slot.key);
    status.young = SteadyClock::now() - slot.loaded_at < options_.stay_min;
    status.worth = policy_->worth(slot.key);
    return status;
}

uint64_t ResidentSet::reserved_bytes() const {
    const std::lock_guard lock(mutex_);
    return reserved_bytes_;
}

ResidentCounters ResidentSet::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

}  // namespace skillet
