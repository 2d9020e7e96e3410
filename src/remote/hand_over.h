// SPDX-License-Identifier: Apache-2.0
// Takes bytes from one thread and gives them to a function on another, in order: while a piece is
// hashed and written, the next one arrives.
//
// What is put comes in crumbs (libcurl reads sockets 16 KiB at a time); they are collected in a few
// large pieces that are used again and again, since waking a thread and touching fresh memory for
// each crumb cost more than the work itself.
#pragma once

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "base/byte_source.h"

namespace skillet {

class HandOver {
public:
    // `take` is called on a thread of its own, or by put() and drain() where none can be had.
    explicit HandOver(TakeChunk take)
        : take_(std::move(take)), memory_(new std::byte[pieces * piece_bytes]) {
        try {
            thread_ = std::jthread([this] { work_off(); });
        } catch (const std::system_error &) {
        }
    }
    ~HandOver() {
        const std::lock_guard lock(mutex_);
        over_ = true;
        changed_.notify_all();
    }
    HandOver(const HandOver &) = delete;
    HandOver &operator=(const HandOver &) = delete;

    // Waits while too much lies between the threads. The error of `take`, from then on.
    [[nodiscard]] Result<void> put(std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            const auto part = bytes.first(std::min(bytes.size(), piece_bytes - filled_));
            std::memcpy(piece(given_) + filled_, part.data(), part.size());
            filled_ += part.size();
            bytes = bytes.subspan(part.size());
            if (filled_ == piece_bytes) SKL_TRY(give());
        }
        return {};
    }
    // Until all was taken.
    [[nodiscard]] Result<void> drain() {
        if (filled_ > 0) SKL_TRY(give());
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !busy_ && (taken_ == given_ || !outcome_); });
        return outcome_;
    }

private:
    static constexpr size_t piece_bytes = 256 * 1024;
    static constexpr size_t pieces = 4;

    std::byte *piece(size_t index) { return memory_.get() + index % pieces * piece_bytes; }

    // Gives the piece that was being filled to the other thread, and waits for one to fill.
    Result<void> give() {
        if (!thread_.joinable()) {
            if (outcome_) outcome_ = take_({piece(given_), std::exchange(filled_, 0)});
            return outcome_;
        }
        std::unique_lock lock(mutex_);
        bytes_[given_ % pieces] = std::exchange(filled_, 0);
        ++given_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return given_ - taken_ < pieces || !outcome_; });
        return outcome_;
    }

    void work_off() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return over_ || (taken_ < given_ && outcome_); });
            if (over_) return;
            const std::span<const std::byte> bytes(piece(taken_), bytes_[taken_ % pieces]);
            busy_ = true;
            lock.unlock();
            auto taken = taken_or_out_of_memory(bytes);
            lock.lock();
            busy_ = false;
            ++taken_;
            outcome_ = std::move(taken);
            changed_.notify_all();
        }
    }
    Result<void> taken_or_out_of_memory(std::span<const std::byte> bytes) {
        try {
            return take_(bytes);
        } catch (const std::bad_alloc &) {
            return Error{SKL_E_OUT_OF_MEMORY, "out of memory", {}, {}, {}, {}};
        }
    }

    const TakeChunk take_;
    const std::unique_ptr<std::byte[]> memory_;
    size_t filled_ = 0;  // of the piece that put() fills: the one that is given next
    std::mutex mutex_;
    std::condition_variable changed_;
    std::array<size_t, pieces> bytes_{};  // guarded by mutex_, as are all below
    size_t given_ = 0;                    // pieces, from the beginning
    size_t taken_ = 0;
    bool busy_ = false;
    bool over_ = false;
    Result<void> outcome_;
    std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace skillet
