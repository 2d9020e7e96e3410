// SPDX-License-Identifier: Apache-2.0
#include "resident/resident_set.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <new>

#include <fmt/format.h>

#include "resident/slot.h"
#include "resident/wait.h"

namespace skillet {
namespace {

// What reading a weight's page from the page cache costs, for the estimate of resuming.
constexpr double page_in_bytes_per_ms = 2e6;

}  // namespace

Lease::~Lease() {
    if (set_ != nullptr) set_->release(*slot_);
}

Module &Lease::module() const { return *slot_->module; }

ResidentSet::ResidentSet(const ResidentOptions &options, Log log)
    : options_(options), log_(std::move(log)), policy_(make_eviction_policy(options.rule)) {}

ResidentSet::~ResidentSet() {
    assert(std::all_of(slots_.begin(), slots_.end(),
                       [](const auto &entry) { return entry.second->leases == 0; }));
}

// ---- waiting -------------------------------------------------------------------------------

// A place in the queue for memory, taken when the wait begins. Lives under the lock.
class ResidentSet::Place {
public:
    explicit Place(ResidentSet &set) : set_(set) {}
    ~Place() { leave(); }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    [[nodiscard]] bool is_first() const {
        return set_.queue_.empty() || set_.queue_.front() == this;
    }
    Result<void> take() {
        if (taken_) return {};
        if (set_.queue_.size() >= set_.options_.waiting_max) {
            return make_error(
                SKL_E_QUEUE_FULL,
                fmt::format("{} requests wait for memory already", set_.queue_.size()), "",
                "try again later, or raise the budget");
        }
        set_.queue_.push_back(this);
        taken_ = true;
        return {};
    }
    void leave() {
        if (!std::exchange(taken_, false)) return;
        set_.queue_.remove(this);
        set_.changed_.notify_all();
    }

private:
    ResidentSet &set_;
    bool taken_ = false;
};

Result<Lease> ResidentSet::lease(const LoadRequest &request, const StopSignal &stop) {
    if (request.plan.bytes() > options_.budget_bytes) return never_fits(request);
    Lock lock(mutex_);
    policy_->note_use(request.key);
    Place place(*this);
    for (bool told = false;;) {
        Slot *const slot = find(request.key);
        if (slot != nullptr && slot->residency == Residency::resident) {
            return take(*slot, counters_.hits);
        }
        // On its way in or out by another thread's hand: its outcome decides.
        const bool in_motion = slot != nullptr && slot->residency != Residency::parked;
        if (in_motion) place.leave();
        if (!in_motion && place.is_first()) {
            const uint64_t bytes = slot != nullptr ? slot->resumed_bytes() : request.plan.bytes();
            const Room room = make_room(bytes, slot, lock);
            if (room == Room::changing) continue;
            if (room == Room::there) {
                place.leave();
                return slot != nullptr ? resume(*slot) : load_into(reserve(request), request, lock);
            }
        }
        if (auto stopped = stop.check(); !stopped) {
            if (stopped.error().code != SKL_E_DEADLINE_EXCEEDED || in_motion) {
                return std::move(stopped).error();
            }
            return busy(request);
        }
        if (!in_motion) SKL_TRY(place.take());
        if (!std::exchange(told, true) && request.on_wait) {
            lock.unlock();
            request.on_wait();
            lock.lock();
            continue;
        }
        wait_once(lock, changed_, stop);
    }
}

Error ResidentSet::never_fits(const LoadRequest &request) const {
    const uint64_t bytes = request.plan.bytes();
    Error error =
        make_error(SKL_E_BUDGET_NEVER_FITS,
                   fmt::format("needs {} bytes, but the whole budget is {} bytes", bytes,
                               options_.budget_bytes),
                   request.key.to_string(), "raise the budget (SKILLET_BUDGET or --budget)");
    error.required_bytes = bytes;
    error.available_bytes = options_.budget_bytes;
    return error;
}

Error ResidentSet::busy(const LoadRequest &request) const {
    const uint64_t used = bytes_in_use(nullptr);
    Error error = make_error(SKL_E_BUDGET_BUSY,
                             fmt::format("needs {} bytes, but {} of {} are held by skills in use",
                                         request.plan.bytes(), used, options_.budget_bytes),
                             request.key.to_string(), "try again, or raise the budget");
    error.required_bytes = request.plan.bytes();
    error.available_bytes = options_.budget_bytes - std::min(used, options_.budget_bytes);
    return error;
}

// ---- coming in -----------------------------------------------------------------------------

ResidentSet::Slot *ResidentSet::find(const Digest &key) const {
    const auto found = slots_.find(key);
    return found != slots_.end() ? found->second.get() : nullptr;
}

Lease ResidentSet::take(Slot &slot, uint64_t &counter) {
    ++counter;
    ++slot.leases;
    ++slot.uses;
    slot.used_at = std::chrono::system_clock::now();
    note_on_board(slot);
    return Lease(*this, slot);
}

// Its weights come back page by page, as they are read.
Lease ResidentSet::resume(Slot &slot) {
    slot.residency = Residency::resident;
    slot.contexts = 1;
    recharge(slot);
    note_cost(slot);
    announce();
    return take(slot, counters_.resumes);
}

void ResidentSet::recharge(Slot &slot) {
    reserved_bytes_ -= slot.charged;
    slot.charged = slot.bytes();
    reserved_bytes_ += slot.charged;
}

ResidentSet::Slot &ResidentSet::reserve(const LoadRequest &request) {
    auto slot = std::make_unique<Slot>();
    slot->key = request.key;
    slot->plan = request.plan;
    slot->predicted_bytes = request.plan.bytes();
    slot->leases = 1;  // the loading caller's: nobody evicts a module that is on its way
    Slot &reference = *slot;
    slots_.emplace(request.key, std::move(slot));
    recharge(reference);
    announce();
    return reference;
}

// A load in progress: it runs outside the lock. However it ends, by an exception too, waiters look
// again; without a module the slot goes and its bytes are free, and a module that nobody got a
// lease of is idle.
class ResidentSet::Loading {
public:
    Loading(ResidentSet &set, Slot &slot, Lock &lock) : set_(set), slot_(slot), lock_(lock) {
        lock_.unlock();
    }
    Loading(const Loading &) = delete;
    Loading &operator=(const Loading &) = delete;
    ~Loading() {
        if (!lock_.owns_lock()) lock_.lock();
        if (!slot_.module) {
            ++set_.counters_.failures;
            set_.reserved_bytes_ -= slot_.charged;
            set_.slots_.erase(slot_.key);
        } else if (!leased_) {
            --slot_.leases;
        }
        set_.announce();
    }
    Lease lease() {
        leased_ = true;
        return Lease(set_, slot_);
    }

private:
    ResidentSet &set_;
    Slot &slot_;
    Lock &lock_;
    bool leased_ = false;
};

Result<Lease> ResidentSet::load_into(Slot &slot, const LoadRequest &request, Lock &lock) {
    Loading loading(*this, slot, lock);
    const auto begin = SteadyClock::now();
    auto loaded = request.load();
    const std::chrono::duration<double, std::milli> took = SteadyClock::now() - begin;
    if (!loaded) return std::move(loaded).error();
    (*loaded)->charge_contexts_to({[this, &slot] { return charge_context(slot); },
                                   [this, &slot] { uncharge_context(slot); }});
    log_.write(SKL_LOG_INFO, "module.loaded", "a skill was loaded",
               {{"id", (*loaded)->package().skill.id},
                {"reserved_bytes", slot.predicted_bytes},
                {"ms", took.count()}});
    lock.lock();
    slot.module = *std::move(loaded);
    settle(slot, took.count());
    // What turned out larger than predicted may cost others their place.
    while (reserved_bytes_ > options_.budget_bytes && make_room(0, &slot, lock) == Room::changing) {
    }
    return loading.lease();
}

// From here on it is charged for what it takes.
void ResidentSet::settle(Slot &slot, double load_ms) {
    const Module::Measured &measured = slot.module->measured();
    if (measured.heap.skeleton && measured.heap.context) {
        slot.plan.skeleton = *measured.heap.skeleton;
        slot.plan.context = *measured.heap.context;
        slot.measured_bytes = slot.plan.bytes();
    }
    slot.residency = Residency::resident;
    slot.id = slot.module->package().skill.id;
    slot.version = slot.module->package().skill.version.text();
    slot.load_ms = load_ms;
    slot.resume_ms =
        measured.context_ms + static_cast<double>(slot.plan.weights) / page_in_bytes_per_ms;
    slot.loaded_at = SteadyClock::now();
    slot.used_at = std::chrono::system_clock::now();
    slot.uses = 1;
    recharge(slot);
    ++counters_.loads;
    counters_.load_ms += load_ms;
    note_cost(slot);
}

// ---- going out -----------------------------------------------------------------------------

Keeping ResidentSet::keeping_of(const Digest &key) const {
    const auto found = keeping_.find(key);
    return found != keeping_.end() ? found->second : Keeping{};
}

bool ResidentSet::may_leave(const Slot &slot) const {
    return skillet::may_leave(slot.residency, slot.leases, keeping_of(slot.key));
}

ResidentSet::Slot *ResidentSet::next_to_leave(const Slot *keep) const {
    Slot *next = nullptr;
    ResidentStatus first;
    for (const auto &[key, slot] : slots_) {
        if (slot.get() == keep || !may_leave(*slot)) continue;
        ResidentStatus status = status_of(*slot);
        if (next != nullptr && !leaves_before(status, first)) continue;
        first = std::move(status);
        next = slot.get();
    }
    return next;
}

// The bytes that cannot be had by letting idle modules go.
uint64_t ResidentSet::bytes_in_use(const Slot *keep) const {
    uint64_t bytes = 0;
    for (const auto &[key, slot] : slots_) {
        const bool stays = slot->residency != Residency::leaving && !may_leave(*slot);
        if (slot.get() == keep || stays) bytes += slot->charged;
    }
    return bytes;
}

ResidentSet::Room ResidentSet::make_room(uint64_t bytes, const Slot *keep, Lock &lock) {
    const uint64_t budget = options_.budget_bytes;
    const auto fits_beside = [&](uint64_t used) {
        return used <= budget && bytes <= budget - used;
    };
    if (fits_beside(reserved_bytes_)) return Room::there;
    if (fits_beside(reserved_bytes_ - leaving_bytes_)) return Room::none;  // soon
    // First see whether evicting everything idle would be enough: nothing is evicted in vain.
    if (!fits_beside(bytes_in_use(keep))) return Room::none;
    Slot *const next = next_to_leave(keep);
    if (next == nullptr) return Room::none;
    step_down(*next, lock);
    return Room::changing;
}

void ResidentSet::step_down(Slot &slot, Lock &lock) {
    const bool can_park =
        options_.parking && slot.residency == Residency::resident && slot.module->can_park();
    if (can_park) return park(slot, lock);
    drop(slot, lock);
}

void ResidentSet::park(Slot &slot, Lock &lock) {
    const uint64_t freed = slot.charged - slot.plan.skeleton;
    slot.residency = Residency::leaving;
    leaving_bytes_ += freed;
    lock.unlock();
    const bool parked = slot.module->park();
    lock.lock();
    leaving_bytes_ -= freed;
    if (!parked) return drop(slot, lock);
    slot.residency = Residency::parked;
    ++counters_.parkings;
    recharge(slot);
    note_cost(slot);
    announce();
}

// The bytes count as free only once the module is destroyed.
void ResidentSet::drop(Slot &slot, Lock &lock) {
    const uint64_t bytes = slot.charged;
    slot.residency = Residency::leaving;
    leaving_bytes_ += bytes;
    std::unique_ptr<Module> module = std::move(slot.module);
    lock.unlock();
    module.reset();
    tell_evicted(slot.id, bytes);
    lock.lock();
    leaving_bytes_ -= bytes;
    reserved_bytes_ -= bytes;
    ++counters_.evictions;
    policy_->note_eviction(slot.key);
    slots_.erase(slot.key);
    announce();
}

// Between two locks: without a throw in the middle no slot is left half way out.
void ResidentSet::tell_evicted(const std::string &id, uint64_t bytes) const noexcept {
    try {
        log_.write(SKL_LOG_INFO, "module.evicted", "a skill left memory",
                   {{"id", id}, {"reserved_bytes", bytes}});
    } catch (const std::bad_alloc &) {
        // The record is lost; the skill left all the same.
    }
}

// What its next step down would free, and what coming back from there would cost.
void ResidentSet::note_cost(const Slot &slot) {
    const bool two_steps = options_.parking && slot.module->can_park();
    if (slot.residency == Residency::parked) {
        policy_->note_cost(slot.key, {slot.plan.skeleton, slot.load_ms - slot.resume_ms});
    } else if (two_steps) {
        policy_->note_cost(slot.key, {slot.charged - slot.plan.skeleton, slot.resume_ms});
    } else {
        policy_->note_cost(slot.key, {slot.charged, slot.load_ms});
    }
}

void ResidentSet::release(Slot &slot) {
    const std::lock_guard lock(mutex_);
    assert(slot.leases > 0);
    if (--slot.leases == 0) changed_.notify_all();
    note_on_board(slot);
}

bool ResidentSet::evict(const Digest &key) {
    Lock lock(mutex_);
    for (;;) {
        Slot *const slot = find(key);
        if (slot == nullptr) return true;
        if (slot->leases > 0) return false;
        if (slot->residency == Residency::leaving) {
            changed_.wait(lock);
            continue;
        }
        drop(*slot, lock);
        return true;
    }
}

// ---- contexts ------------------------------------------------------------------------------

bool ResidentSet::charge_context(Slot &slot) {
    Lock lock(mutex_);
    // Who waits for memory was here before.
    while (queue_.empty()) {
        switch (make_room(slot.plan.context, &slot, lock)) {
            case Room::changing: continue;
            case Room::none: return false;
            case Room::there: break;
        }
        ++slot.contexts;
        recharge(slot);
        note_cost(slot);
        announce();
        return true;
    }
    return false;
}

void ResidentSet::uncharge_context(Slot &slot) {
    const std::lock_guard lock(mutex_);
    --slot.contexts;
    recharge(slot);
    note_cost(slot);
    announce();
}

// ---- looking -------------------------------------------------------------------------------

Result<void> ResidentSet::await_idle(const Digest &key, const StopSignal &stop) {
    Lock lock(mutex_);
    return wait_until(lock, changed_, stop, [&] {
        const Slot *const slot = find(key);
        return slot == nullptr || slot->leases == 0;
    });
}

void ResidentSet::keep(const Digest &key, const Keeping &keeping) {
    const std::lock_guard lock(mutex_);
    if (keeping == Keeping{}) {
        keeping_.erase(key);
    } else {
        keeping_.insert_or_assign(key, keeping);
    }
    announce();  // what was pinned may leave
}

}  // namespace skillet
