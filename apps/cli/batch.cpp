// SPDX-License-Identifier: Apache-2.0
#include "batch.h"

#include <cstdio>

#include "session.h"

namespace cli {
namespace {

// Lines per worker, so that the others go on while the oldest line takes long.
constexpr size_t window_factor = 4;

}  // namespace

Batch::Batch(Answer answer, size_t workers)
    : answer_(std::move(answer)), window_(workers * window_factor) {
    for (size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
}

Batch::~Batch() { close_and_join(); }

void Batch::add(InputLine line) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return slots_.size() < window_ || broken_; });
    check_output();
    slots_.push_back({std::move(line), {}});
    ++summary_.lines;
    changed_.notify_all();
}

BatchSummary Batch::finish() {
    close_and_join();
    check_output();
    return summary_;
}

void Batch::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return taken_ < summary_.lines || closed_; });
        if (taken_ == summary_.lines) return;
        const size_t number = ++taken_;
        Slot &slot = slots_[number - printed_ - 1];  // a deque's ends may change around it
        lock.unlock();
        BatchAnswer answer = answer_(number, slot.line);
        lock.lock();
        slot.answer = std::move(answer);
        print_answers();
        changed_.notify_all();
    }
}

// Who reads them may wait for this answer before it asks on: nothing stays in the buffer.
void Batch::print_answers() {
    for (; !slots_.empty() && slots_.front().answer; slots_.pop_front(), ++printed_) {
        BatchAnswer &answer = *slots_.front().answer;
        answer.text += '\n';
        std::fwrite(answer.text.data(), 1, answer.text.size(), stdout);
        if (answer.status == SKL_OK) continue;
        if (summary_.failed++ == 0) summary_.first_failure = answer.status;
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) broken_ = true;
}

void Batch::check_output() const {
    if (broken_) throw output_failure();
}

void Batch::close_and_join() {
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
    for (std::thread &thread : threads_) thread.join();
    threads_.clear();
}

}  // namespace cli
