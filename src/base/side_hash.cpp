// SPDX-License-Identifier: Apache-2.0
#include "base/side_hash.h"

#include <system_error>

#include "base/read_ahead.h"

namespace skillet {

SideHash::SideHash(uint64_t bytes) {
    if (bytes < ReadAhead::worthwhile_bytes || std::thread::hardware_concurrency() < 2) return;
    try {
        thread_ = std::thread([this] { work(); });
    } catch (const std::system_error &) {
        // The user hashes everything itself.
    }
}

SideHash::~SideHash() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

Result<void> SideHash::update(std::span<const std::byte> chunk,
                              const std::function<Result<void>()> &other) {
    if (!thread_.joinable()) {
        hash_.update(chunk);
        return other();
    }
    {
        const std::lock_guard lock(mutex_);
        bytes_ = chunk;
        chunk_ = Chunk::offered;
        changed_.notify_all();
    }
    const Settling settling{*this};
    return other();
}

void SideHash::settle() {
    std::unique_lock lock(mutex_);
    if (chunk_ == Chunk::offered) {
        chunk_ = Chunk::none;
        const auto bytes = bytes_;
        lock.unlock();
        hash_.update(bytes);
        return;
    }
    changed_.wait(lock, [this] { return chunk_ == Chunk::none; });
}

void SideHash::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stop_ || chunk_ == Chunk::offered; });
        if (stop_) return;
        chunk_ = Chunk::claimed;
        const auto bytes = bytes_;
        lock.unlock();
        hash_.update(bytes);
        lock.lock();
        chunk_ = Chunk::none;
        changed_.notify_all();
    }
}

}  // namespace skillet
