// SPDX-License-Identifier: Apache-2.0
// The skills in memory, under one budget in bytes.
//
// Bytes are reserved before a load begins and kept until the module is gone. Loads are
// single-flight: callers that want the same module wait for one load. Only modules without leases
// are evicted, least recently used first. Thread-safe; loading happens outside the lock.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/cancel.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/result.h"
#include "resident/module.h"

namespace skillet {

class ResidentSet;

// Keeps a module in memory while it lives. Move-only. Must not outlive the ResidentSet.
class Lease {
public:
    Lease(Lease &&other) noexcept : set_(std::exchange(other.set_, nullptr)), slot_(other.slot_) {}
    Lease &operator=(Lease &&) = delete;
    ~Lease();

    [[nodiscard]] Module &module() const;

private:
    friend class ResidentSet;
    struct Slot;
    Lease(ResidentSet &set, Slot &slot) : set_(&set), slot_(&slot) {}
    ResidentSet *set_;
    Slot *slot_;
};

struct LoadRequest {
    Digest key;                // the package's digest
    uint64_t predicted_bytes;  // reserved before load() is called
    std::function<Result<std::unique_ptr<Module>>()> load;
};

// One resident module, as others may see it.
struct ResidentStatus {
    Digest key;
    std::string id;
    uint64_t reserved_bytes = 0;
    uint32_t leases = 0;  // 0: resident; more: active
    double load_ms = 0;
};

struct ResidentCounters {
    uint64_t loads = 0;
    uint64_t evictions = 0;
    uint64_t failures = 0;
};

class ResidentSet {
public:
    explicit ResidentSet(uint64_t budget_bytes, Log log = {});
    // REQUIRES: no lease is left.
    ~ResidentSet();
    ResidentSet(const ResidentSet &) = delete;
    ResidentSet &operator=(const ResidentSet &) = delete;

    // Finds the module or loads it, evicting others if it must. SKL_E_BUDGET_NEVER_FITS with both
    // figures at once if it cannot fit; waits while everything else is leased. Where `stop` ends
    // that wait, by a deadline it is SKL_E_BUDGET_BUSY. What a failed load() gave is given on.
    [[nodiscard]] Result<Lease> lease(const LoadRequest &request, const StopSignal &stop);

    // Drops the module if nobody leases it; false if it is leased, true if it is gone.
    bool evict(const Digest &key);

    // Those that are loaded.
    [[nodiscard]] std::vector<ResidentStatus> status() const;
    // Of all modules, those on their way included; never more than the budget.
    [[nodiscard]] uint64_t reserved_bytes() const;
    [[nodiscard]] ResidentCounters counters() const;
    [[nodiscard]] uint64_t budget_bytes() const { return budget_bytes_; }

private:
    friend class Lease;
    using Slot = Lease::Slot;
    using Slots = std::map<Digest, std::unique_ptr<Slot>>;
    class Loading;

    [[nodiscard]] Error never_fits(const LoadRequest &request) const;
    void release(Slot &slot);
    // The functions below need mutex_ to be held.
    Slot &reserve(const LoadRequest &request);
    bool make_room(uint64_t bytes);
    [[nodiscard]] uint64_t leased_bytes() const;
    [[nodiscard]] Error busy(const LoadRequest &request) const;
    void drop(Slots::iterator slot);
    void evict_slot(Slots::iterator slot);
    Result<Lease> load_into(Slot &slot, const LoadRequest &request,
                            std::unique_lock<std::mutex> &lock);

    const uint64_t budget_bytes_;
    const Log log_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;  // a lease ended, or a load did
    Slots slots_;                      // guarded by mutex_
    uint64_t reserved_bytes_ = 0;      // guarded by mutex_
    uint64_t clock_ = 0;               // guarded by mutex_; grows with every use
    ResidentCounters counters_;        // guarded by mutex_
};

}  // namespace skillet
