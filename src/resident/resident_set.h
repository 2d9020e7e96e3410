// SPDX-License-Identifier: Apache-2.0
// The skills in memory, under one budget in bytes.
//
// Bytes are reserved before a load begins and kept until the module is gone: predicted ones at
// admission, measured ones from then on. Loads are single-flight: callers that want the same module
// wait for one load. Only modules without leases leave, in the order that the eviction policy says,
// and in two steps where the engine can: a parked module keeps its skeleton and lets its weights'
// pages and its contexts go. Who must wait for memory does so in a bounded queue, first come first
// served. Thread-safe; loading, parking and destroying happen outside the lock.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/result.h"
#include "resident/board.h"
#include "resident/eviction.h"
#include "resident/memory_plan.h"
#include "resident/module.h"
#include "resident/resident_status.h"

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
    Digest key;       // the package's digest
    MemoryPlan plan;  // predicted; reserved before load() is called
    std::function<Result<std::unique_ptr<Module>>()> load;
    // Called without the lock before the caller is kept waiting for memory or another's load.
    std::function<void()> on_wait = {};
};

struct ResidentOptions {
    uint64_t budget_bytes = 0;
    EvictionRule rule = EvictionRule::lru;
    bool parking = true;
    size_t waiting_max = 1024;              // requests that wait for memory
    std::chrono::milliseconds stay_min{0};  // younger ones leave only if no older one can
};

class ResidentSet {
public:
    explicit ResidentSet(const ResidentOptions &options, Log log = {});
    // REQUIRES: no lease is left.
    ~ResidentSet();
    ResidentSet(const ResidentSet &) = delete;
    ResidentSet &operator=(const ResidentSet &) = delete;

    // Finds the module or loads it, parking and evicting others if it must. SKL_E_BUDGET_NEVER_FITS
    // with both figures at once if it cannot fit; waits while everything else is leased, or with
    // SKL_E_QUEUE_FULL not if too many do. Where `stop` ends that wait, by a deadline it is
    // SKL_E_BUDGET_BUSY. What a failed load() gave is given on.
    [[nodiscard]] Result<Lease> lease(const LoadRequest &request, const StopSignal &stop);

    // Drops the module if nobody leases it; false if it is leased, true if it is gone.
    bool evict(const Digest &key);
    // Waits until nobody leases the module.
    [[nodiscard]] Result<void> await_idle(const Digest &key, const StopSignal &stop);

    // Holds for the module whenever it is in memory, now or later.
    void keep(const Digest &key, const Keeping &keeping);

    // From now on, others can read there what this one reports.
    void publish_on(std::unique_ptr<Board> board);

    [[nodiscard]] ResidencyReport report() const;
    // Its modules.
    [[nodiscard]] std::vector<ResidentStatus> status() const { return report().modules; }
    // Of all modules, those on their way included. More than the budget only where a module turned
    // out larger than predicted and nothing else can leave.
    [[nodiscard]] uint64_t reserved_bytes() const;
    [[nodiscard]] ResidentCounters counters() const;
    [[nodiscard]] uint64_t budget_bytes() const { return options_.budget_bytes; }

private:
    friend class Lease;
    using Slot = Lease::Slot;
    using Lock = std::unique_lock<std::mutex>;
    class Loading;
    class Place;

    enum class Room {
        there,     // enough bytes are free
        changing,  // something left, with the lock released meanwhile: look again
        none       // not before something changes
    };

    [[nodiscard]] Error never_fits(const LoadRequest &request) const;
    void release(Slot &slot);
    bool charge_context(Slot &slot);
    void uncharge_context(Slot &slot);
    void tell_evicted(const std::string &id, uint64_t bytes) const noexcept;
    // The functions below need mutex_ to be held.
    [[nodiscard]] Slot *find(const Digest &key) const;
    [[nodiscard]] Lease take(Slot &slot, uint64_t &counter);
    [[nodiscard]] Lease resume(Slot &slot);
    Slot &reserve(const LoadRequest &request);
    Result<Lease> load_into(Slot &slot, const LoadRequest &request, Lock &lock);
    void settle(Slot &slot, double load_ms);
    Room make_room(uint64_t bytes, const Slot *keep, Lock &lock);
    [[nodiscard]] bool may_leave(const Slot &slot) const;
    [[nodiscard]] ResidentStatus status_of(const Slot &slot) const;
    [[nodiscard]] Slot *next_to_leave(const Slot *keep) const;
    void step_down(Slot &slot, Lock &lock);
    void drop(Slot &slot, Lock &lock);
    void park(Slot &slot, Lock &lock);
    void note_cost(const Slot &slot);
    [[nodiscard]] uint64_t bytes_in_use(const Slot *keep) const;
    [[nodiscard]] Error busy(const LoadRequest &request) const;
    void recharge(Slot &slot);
    [[nodiscard]] ResidencyReport report_now() const;
    // Who is in memory has changed, or how: wakes who waits, and writes the board if memory is not
    // too short for it.
    void announce() noexcept;
    [[nodiscard]] Keeping keeping_of(const Digest &key) const;
    void note_on_board(const Slot &slot);

    const ResidentOptions options_;
    const Log log_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;  // bytes became free, a lease ended, or a load did
    std::map<Digest, std::unique_ptr<Slot>> slots_;  // guarded by mutex_, as is all below
    std::map<Digest, Keeping> keeping_;              // where it is not the default
    std::list<const Place *> queue_;                 // who waits for memory
    std::unique_ptr<EvictionPolicy> policy_;
    uint64_t reserved_bytes_ = 0;
    uint64_t leaving_bytes_ = 0;  // of reserved_bytes_: free as soon as somebody is done
    ResidentCounters counters_;
    std::unique_ptr<Board> board_;
};

}  // namespace skillet
