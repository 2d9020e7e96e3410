// SPDX-License-Identifier: Apache-2.0
// SHA-256 of bytes that somebody does something else with at the same time, such as writing them to
// a disk: a second thread hashes a chunk meanwhile.
//
// The user never waits for a thread that has not begun: what it has not claimed by then the user
// hashes itself. For few bytes, or where no thread can be had, this is a plain loop.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

#include "base/digest.h"
#include "base/result.h"

namespace skillet {

// For one run, from one thread.
class SideHash {
public:
    // `bytes` is how many there will be.
    explicit SideHash(uint64_t bytes);
    ~SideHash();
    SideHash(const SideHash &) = delete;
    SideHash &operator=(const SideHash &) = delete;

    // Hashes the chunk while `other` runs. Returns when both are done; what `other` returned.
    [[nodiscard]] Result<void> update(std::span<const std::byte> chunk,
                                      const std::function<Result<void>()> &other);
    [[nodiscard]] Digest finish() { return hash_.finish(); }

private:
    enum class Chunk : uint8_t { none, offered, claimed };

    // However the other work ends, nobody reads the chunk afterwards.
    struct Settling {
        SideHash &hash;
        ~Settling() { hash.settle(); }
    };

    void work();
    void settle();

    Sha256 hash_;  // belongs to whoever has the chunk
    std::mutex mutex_;
    std::condition_variable changed_;
    std::span<const std::byte> bytes_;  // guarded by mutex_, as is all below
    Chunk chunk_ = Chunk::none;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace skillet
