// SPDX-License-Identifier: Apache-2.0
// Takes bytes from one thread and gives them to a function on another, in order: while a piece is
// hashed and written, the next one arrives.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/byte_source.h"

namespace skillet {

class HandOver {
public:
    // `take` is called on a thread of its own, or by put() where none can be had.
    explicit HandOver(TakeChunk take) : take_(std::move(take)) {
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
        if (!thread_.joinable()) return take_(bytes);
        std::vector<std::byte> copy(bytes.begin(), bytes.end());
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_.size() < pieces_max || !outcome_; });
        if (!outcome_) return outcome_;
        waiting_.push_back(std::move(copy));
        changed_.notify_all();
        return {};
    }
    // Until all was taken.
    [[nodiscard]] Result<void> drain() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return (waiting_.empty() && !busy_) || !outcome_; });
        changed_.wait(lock, [this] { return !busy_; });
        return outcome_;
    }

private:
    static constexpr size_t pieces_max = 8;

    void work_off() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return over_ || (!waiting_.empty() && outcome_); });
            if (over_) return;
            const std::vector<std::byte> piece = std::move(waiting_.front());
            waiting_.pop_front();
            busy_ = true;
            lock.unlock();
            auto taken = taken_or_out_of_memory(piece);
            lock.lock();
            busy_ = false;
            outcome_ = std::move(taken);
            changed_.notify_all();
        }
    }
    Result<void> taken_or_out_of_memory(const std::vector<std::byte> &piece) {
        try {
            return take_(piece);
        } catch (const std::bad_alloc &) {
            return Error{SKL_E_OUT_OF_MEMORY, "out of memory", {}, {}, {}, {}};
        }
    }

    const TakeChunk take_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::vector<std::byte>> waiting_;  // guarded by mutex_, as are all below
    bool busy_ = false;
    bool over_ = false;
    Result<void> outcome_;
    std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace skillet
