// SPDX-License-Identifier: Apache-2.0
#include "assembly/worker_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace skillet {

struct WorkerPool::Shared {
    struct Queued {
        Job job;
        uint64_t bytes;
    };

    std::mutex mutex;
    std::condition_variable changed;
    // All below are guarded by mutex.
    std::deque<Queued> queue;
    uint64_t queued_bytes = 0;
    size_t idle = 0;  // threads that wait for a job
    bool stop = false;
};

WorkerPool::WorkerPool(size_t threads_max, QueueLimits limits)
    : threads_max_(threads_max), limits_(limits), shared_(std::make_shared<Shared>()) {}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stop = true;
        shared_->changed.notify_all();
    }
    for (std::thread &thread : threads_) {
        // The thread whose job destroys the pool ends by itself, once that job is over.
        if (thread.get_id() == std::this_thread::get_id()) {
            thread.detach();
        } else {
            thread.join();
        }
    }
}

Result<void> WorkerPool::submit(Job job, uint64_t bytes) {
    const std::lock_guard lock(shared_->mutex);
    auto &queue = shared_->queue;
    if (queue.size() >= limits_.jobs || bytes > limits_.bytes - shared_->queued_bytes) {
        return make_error(SKL_E_QUEUE_FULL,
                          fmt::format("{} requests of {} bytes wait already", queue.size(),
                                      shared_->queued_bytes),
                          "", "wait until some have finished");
    }
    if (shared_->idle <= queue.size() && threads_.size() < threads_max_) {
        threads_.reserve(threads_max_);
        try {
            threads_.emplace_back([shared = shared_] { work(shared); });
        } catch (const std::system_error &) {
            // Those that run will do; without any, nobody would ever run the job.
            if (threads_.empty()) {
                return make_error(SKL_E_OUT_OF_MEMORY, "no thread can be started", "",
                                  "raise the limit of threads, or use skl_module_invoke");
            }
        }
    }
    queue.push_back({std::move(job), bytes});
    shared_->queued_bytes += bytes;
    shared_->changed.notify_one();
    return {};
}

void WorkerPool::work(const std::shared_ptr<Shared> &shared) {
    std::unique_lock lock(shared->mutex);
    for (;;) {
        ++shared->idle;
        shared->changed.wait(lock, [&] { return shared->stop || !shared->queue.empty(); });
        --shared->idle;
        if (shared->stop) return;
        auto next = std::move(shared->queue.front());
        shared->queue.pop_front();
        shared->queued_bytes -= next.bytes;
        lock.unlock();
        next.job();
        next.job = nullptr;  // what it held goes before the lock is taken: it may be the pool
        lock.lock();
    }
}

}  // namespace skillet
