// SPDX-License-Identifier: Apache-2.0
// 64-bit handles for objects that cross the C ABI.
//
// A handle is (kind, generation, slot): a closed one never matches again, because its slot's
// generation has moved on, and a handle of another kind never matches at all. find() gives a shared
// pointer, so an object stays alive for the calls that use it. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace skillet {

// What a handle names. The numbers are arbitrary, but not zero: {0} is never a handle.
enum class HandleKind : uint8_t {
    runtime = 1,
    module = 2,
    result = 3,
    document = 4,
    cancel = 5,
    error = 6,
    request = 7,
    schema = 8
};

template <typename T, HandleKind kind, uint32_t generation_limit = 1u << 24>
class HandleTable {
    static_assert(generation_limit <= 1u << 24, "a handle has 24 bits for it");

public:
    // REQUIRES: not in a forked child, here and below: another thread may have held the lock.
    uint64_t add(std::shared_ptr<T> object) {
        const std::lock_guard lock(mutex_);
        uint32_t slot;
        if (!free_.empty()) {
            slot = free_.back();
            free_.pop_back();
        } else {
            slot = static_cast<uint32_t>(slots_.size());
            slots_.emplace_back();
            free_.reserve(slots_.capacity());  // remove() must not fail
        }
        slots_[slot].object = std::move(object);
        return pack(slots_[slot].generation, slot);
    }

    // Null if the handle is stale.
    [[nodiscard]] std::shared_ptr<T> find(uint64_t handle) const {
        const std::lock_guard lock(mutex_);
        const Slot *slot = locate(handle);
        return slot != nullptr ? slot->object : nullptr;
    }

    // Gives the object back, so that it is destroyed outside the lock; null if the handle is stale.
    std::shared_ptr<T> remove(uint64_t handle) {
        const std::lock_guard lock(mutex_);
        auto *slot = const_cast<Slot *>(locate(handle));
        if (slot == nullptr) return nullptr;
        std::shared_ptr<T> object = std::move(slot->object);
        slot->object.reset();
        // A generation that would repeat retires its slot for good.
        if (++slot->generation < generation_limit) free_.push_back(slot_of(handle));
        return object;
    }

private:
    struct Slot {
        std::shared_ptr<T> object;
        uint32_t generation = 0;
    };

    static uint64_t pack(uint32_t generation, uint32_t slot) {
        return (uint64_t{static_cast<uint8_t>(kind)} << 56) | (uint64_t{generation} << 32) | slot;
    }
    static uint32_t slot_of(uint64_t handle) { return static_cast<uint32_t>(handle); }

    const Slot *locate(uint64_t handle) const {
        const uint32_t slot = slot_of(handle);
        if (slot >= slots_.size() || !slots_[slot].object) return nullptr;
        return pack(slots_[slot].generation, slot) == handle ? &slots_[slot] : nullptr;
    }

    mutable std::mutex mutex_;
    std::vector<Slot> slots_;     // guarded by mutex_
    std::vector<uint32_t> free_;  // guarded by mutex_
};

}  // namespace skillet
