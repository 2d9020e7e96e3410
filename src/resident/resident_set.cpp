// SPDX-License-Identifier: Apache-2.0
#include "resident/resident_set.h"

#include <algorithm>
#include <cassert>
#include <chrono>

#include <fmt/format.h>

#include "resident/wait.h"

namespace skillet {

struct Lease::Slot {
    Digest key;
    uint64_t reserved_bytes = 0;
    uint64_t used_at = 0;
    uint32_t leases = 0;
    double load_ms = 0;
    std::unique_ptr<Module> module;  // null while it loads
};

Lease::~Lease() {
    if (set_ != nullptr) set_->release(*slot_);
}

Module &Lease::module() const { return *slot_->module; }

ResidentSet::ResidentSet(uint64_t budget_bytes, Log log)
    : budget_bytes_(budget_bytes), log_(std::move(log)) {}

ResidentSet::~ResidentSet() {
    assert(std::all_of(slots_.begin(), slots_.end(),
                       [](const auto &entry) { return entry.second->leases == 0; }));
}

Result<Lease> ResidentSet::lease(const LoadRequest &request, const StopSignal &stop) {
    if (request.predicted_bytes > budget_bytes_) return never_fits(request);
    std::unique_lock lock(mutex_);
    Slot *present = nullptr;
    // A slot without a module is being loaded by another caller: wait for its outcome.
    auto waited = wait_until(lock, changed_, stop, [&] {
        const auto found = slots_.find(request.key);
        present = found != slots_.end() ? found->second.get() : nullptr;
        if (present != nullptr) return present->module != nullptr;
        return make_room(request.predicted_bytes);
    });
    if (!waited) {
        if (waited.error().code != SKL_E_DEADLINE_EXCEEDED || present != nullptr) {
            return std::move(waited).error();
        }
        return busy(request);
    }
    if (present != nullptr) {
        ++present->leases;
        present->used_at = ++clock_;
        return Lease(*this, *present);
    }
    return load_into(reserve(request), request, lock);
}

Error ResidentSet::never_fits(const LoadRequest &request) const {
    Error error =
        make_error(SKL_E_BUDGET_NEVER_FITS,
                   fmt::format("needs {} bytes, but the whole budget is {} bytes",
                               request.predicted_bytes, budget_bytes_),
                   request.key.to_string(), "raise the budget (SKILLET_BUDGET or --budget)");
    error.required_bytes = request.predicted_bytes;
    error.available_bytes = budget_bytes_;
    return error;
}

Error ResidentSet::busy(const LoadRequest &request) const {
    const uint64_t leased = leased_bytes();
    Error error = make_error(SKL_E_BUDGET_BUSY,
                             fmt::format("needs {} bytes, but {} of {} are held by skills in use",
                                         request.predicted_bytes, leased, budget_bytes_),
                             request.key.to_string(), "try again, or raise the budget");
    error.required_bytes = request.predicted_bytes;
    error.available_bytes = budget_bytes_ - leased;
    return error;
}

ResidentSet::Slot &ResidentSet::reserve(const LoadRequest &request) {
    auto slot = std::make_unique<Slot>();
    slot->key = request.key;
    slot->reserved_bytes = request.predicted_bytes;
    slot->leases = 1;  // the loading caller's: nobody evicts a module that is on its way
    Slot &reference = *slot;
    slots_.emplace(request.key, std::move(slot));
    reserved_bytes_ += request.predicted_bytes;
    return reference;
}

// A load in progress: it runs outside the lock. However it ends, by an exception too, waiters look
// again, and without a module the slot goes and its bytes are free.
class ResidentSet::Loading {
public:
    Loading(ResidentSet &set, Slot &slot, std::unique_lock<std::mutex> &lock)
        : set_(set), slot_(slot), lock_(lock) {
        lock_.unlock();
    }
    Loading(const Loading &) = delete;
    Loading &operator=(const Loading &) = delete;
    ~Loading() {
        if (!lock_.owns_lock()) lock_.lock();
        set_.changed_.notify_all();
        if (slot_.module) return;
        ++set_.counters_.failures;
        set_.drop(set_.slots_.find(slot_.key));
    }

private:
    ResidentSet &set_;
    Slot &slot_;
    std::unique_lock<std::mutex> &lock_;
};

Result<Lease> ResidentSet::load_into(Slot &slot, const LoadRequest &request,
                                     std::unique_lock<std::mutex> &lock) {
    const Loading loading(*this, slot, lock);
    const auto begin = SteadyClock::now();
    auto loaded = request.load();
    const std::chrono::duration<double, std::milli> took = SteadyClock::now() - begin;
    lock.lock();
    if (!loaded) return std::move(loaded).error();
    ++counters_.loads;
    slot.module = *std::move(loaded);
    slot.load_ms = took.count();
    slot.used_at = ++clock_;
    log_.write(SKL_LOG_INFO, "module.loaded", "a skill was loaded",
               {{"id", slot.module->package().skill.id},
                {"reserved_bytes", slot.reserved_bytes},
                {"ms", slot.load_ms}});
    return Lease(*this, slot);
}

uint64_t ResidentSet::leased_bytes() const {
    uint64_t bytes = 0;
    for (const auto &[key, slot] : slots_) {
        if (slot->leases > 0) bytes += slot->reserved_bytes;
    }
    return bytes;
}

bool ResidentSet::make_room(uint64_t bytes) {
    // First see whether evicting everything idle would be enough: nothing is evicted in vain.
    if (bytes > budget_bytes_ - leased_bytes()) return false;
    while (bytes > budget_bytes_ - reserved_bytes_) {
        auto victim = slots_.end();
        for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
            if (slot->second->leases > 0) continue;
            if (victim == slots_.end() || slot->second->used_at < victim->second->used_at) {
                victim = slot;
            }
        }
        assert(victim != slots_.end());
        evict_slot(victim);
    }
    return true;
}

void ResidentSet::drop(Slots::iterator slot) {
    // The bytes count as free only once the module is destroyed.
    const uint64_t bytes = slot->second->reserved_bytes;
    slots_.erase(slot);
    reserved_bytes_ -= bytes;
}

void ResidentSet::evict_slot(Slots::iterator slot) {
    ++counters_.evictions;
    const std::string id = slot->second->module->package().skill.id;
    const uint64_t bytes = slot->second->reserved_bytes;
    drop(slot);
    log_.write(SKL_LOG_INFO, "module.evicted", "a skill left memory",
               {{"id", id}, {"reserved_bytes", bytes}});
}

void ResidentSet::release(Slot &slot) {
    const std::lock_guard lock(mutex_);
    assert(slot.leases > 0);
    slot.used_at = ++clock_;
    if (--slot.leases == 0) changed_.notify_all();
}

bool ResidentSet::evict(const Digest &key) {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(key);
    if (slot == slots_.end()) return true;
    if (slot->second->leases > 0) return false;
    evict_slot(slot);
    changed_.notify_all();
    return true;
}

std::vector<ResidentStatus> ResidentSet::status() const {
    const std::lock_guard lock(mutex_);
    std::vector<ResidentStatus> all;
    for (const auto &[key, slot] : slots_) {
        if (!slot->module) continue;
        all.push_back({key, slot->module->package().skill.id, slot->reserved_bytes, slot->leases,
                       slot->load_ms});
    }
    return all;
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
