// SPDX-License-Identifier: Apache-2.0
// How many bytes of heap something takes: the difference that it makes to the allocator's own
// count, which is the process's. So it says nothing where another thread of ours was busy
// meanwhile, and nothing where the allocator keeps no count (sanitizers, other C libraries).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

namespace skillet {

class HeapMeter {
public:
    // While it lives, its thread may allocate. Nested ones of a thread count once.
    class Busy {
    public:
        explicit Busy(HeapMeter &meter);
        ~Busy();
        Busy(const Busy &) = delete;
        Busy &operator=(const Busy &) = delete;

    private:
        HeapMeter &meter_;
    };

    // What `body` gives; and in `bytes` what it added to the heap, or nothing if that is not known.
    template <typename Body>
    auto measure(std::optional<uint64_t> &bytes, const Body &body) -> decltype(body()) {
        const Busy busy(*this);
        const uint64_t entered = entered_.load();
        const bool alone = busy_.load() == 1;
        const uint64_t before = bytes_in_use();
        auto outcome = body();
        const uint64_t after = bytes_in_use();
        const bool undisturbed = alone && entered == entered_.load();
        bytes.reset();
        if (undisturbed && before > 0 && after > before) bytes = after - before;
        return outcome;
    }

private:
    // 0: unknown.
    static uint64_t bytes_in_use();

    std::atomic<uint64_t> entered_{0};  // threads that became busy, ever
    std::atomic<uint32_t> busy_{0};     // threads that are
};

}  // namespace skillet
