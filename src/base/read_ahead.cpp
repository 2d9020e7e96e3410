// SPDX-License-Identifier: Apache-2.0
#include "base/read_ahead.h"

#include <algorithm>
#include <system_error>
#include <thread>

namespace skillet {

ReadAhead::ReadAhead(const ByteSource &source)
    : source_(source), chunks_((source.size() + chunk_bytes - 1) / chunk_bytes) {
    for (Slot &slot : slots_) slot.buffer.resize(chunk_bytes);
}

std::span<std::byte> ReadAhead::part_of(uint64_t chunk) {
    const uint64_t left = source_.size() - chunk * chunk_bytes;
    return std::span(slot_of(chunk).buffer)
        .first(static_cast<size_t>(std::min<uint64_t>(chunk_bytes, left)));
}

// REQUIRES: the caller has claimed the chunk.
void ReadAhead::read(uint64_t chunk) {
    Slot &slot = slot_of(chunk);
    slot.outcome = source_.read_at(chunk * chunk_bytes, part_of(chunk));
    const std::lock_guard lock(mutex_);
    slot.full = true;
    changed_.notify_all();
}

void ReadAhead::read_ahead() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] {
            return stop_ || claimed_ == chunks_ || claimed_ < used_ + slots_.size();
        });
        if (stop_ || claimed_ == chunks_) return;
        const uint64_t chunk = claimed_++;
        lock.unlock();
        read(chunk);
        lock.lock();
    }
}

void ReadAhead::await(uint64_t chunk) {
    std::unique_lock lock(mutex_);
    if (claimed_ == chunk) {
        ++claimed_;
        lock.unlock();
        return read(chunk);
    }
    changed_.wait(lock, [&] { return slot_of(chunk).full; });
}

void ReadAhead::give_back(uint64_t chunk) {
    const std::lock_guard lock(mutex_);
    slot_of(chunk).full = false;
    used_ = chunk + 1;
    changed_.notify_all();
}

void ReadAhead::stop() {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
}

Result<void> ReadAhead::take_all(const TakeChunk &take) {
    for (uint64_t chunk = 0; chunk < chunks_; ++chunk) {
        await(chunk);
        SKL_TRY(std::move(slot_of(chunk).outcome));
        SKL_TRY(take(part_of(chunk)));
        give_back(chunk);
    }
    return {};
}

Result<void> ReadAhead::run(const TakeChunk &take) {
    std::jthread reader;
    try {
        reader = std::jthread([this] { read_ahead(); });
    } catch (const std::system_error &) {
        // No thread to be had: take_all() reads every chunk itself.
    }
    // However take_all() ends, the reader must.
    struct Stop {
        ReadAhead &self;
        ~Stop() { self.stop(); }
    } const stop_reader{*this};
    return take_all(take);
}

}  // namespace skillet
