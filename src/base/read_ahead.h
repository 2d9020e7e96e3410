// SPDX-License-Identifier: Apache-2.0
// Reads a large source ahead of its user: while one chunk is hashed, a second thread copies the
// next ones out of the page cache, so that hashing a file takes no longer than hashing memory
// (bench/sha256.cpp).
//
// The user never waits for a thread that has not begun: a chunk that nobody has claimed it reads
// itself. On a busy machine, or where no thread can be had, this is a plain loop.
#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/byte_source.h"

namespace skillet {

// For one run, from one thread.
class ReadAhead {
public:
    // Below this a thread costs more than it saves.
    static constexpr uint64_t worthwhile_bytes = 4 * 1024 * 1024;

    explicit ReadAhead(const ByteSource &source);

    // As read_in_chunks().
    [[nodiscard]] Result<void> run(const TakeChunk &take);

private:
    static constexpr size_t chunk_bytes = 512 * 1024;

    struct Slot {
        std::vector<std::byte> buffer;
        bool full = false;     // guarded by mutex_
        Result<void> outcome;  // of reading; belongs to who claimed the chunk until it is full
    };

    [[nodiscard]] Slot &slot_of(uint64_t chunk) { return slots_[chunk % slots_.size()]; }
    [[nodiscard]] std::span<std::byte> part_of(uint64_t chunk);
    void read(uint64_t chunk);
    void read_ahead();
    void await(uint64_t chunk);
    void give_back(uint64_t chunk);
    void stop();
    [[nodiscard]] Result<void> take_all(const TakeChunk &take);

    const ByteSource &source_;
    const uint64_t chunks_;
    std::array<Slot, 4> slots_;
    std::mutex mutex_;
    std::condition_variable changed_;
    uint64_t claimed_ = 0;  // guarded by mutex_: chunks that somebody has begun to read
    uint64_t used_ = 0;     // guarded by mutex_: chunks whose slots are free again
    bool stop_ = false;     // guarded by mutex_
};

}  // namespace skillet
