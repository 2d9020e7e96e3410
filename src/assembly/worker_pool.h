// SPDX-License-Identifier: Apache-2.0
// Threads that run submitted jobs, first come first served. Bounded: when the queue is full, a job
// is refused instead of waiting, so that memory stays bounded and the caller learns of the load.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"

namespace skillet {

struct QueueLimits {
    size_t jobs = 65'536;
    uint64_t bytes = uint64_t{256} << 20;  // of what the jobs hold
};

class WorkerPool {
public:
    using Job = std::function<void()>;

    explicit WorkerPool(size_t threads_max, QueueLimits limits = {});
    // Waits for jobs that run; those still queued are dropped. May be called by a job.
    ~WorkerPool();
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;

    // Queues a job that holds about `bytes` of memory and must not throw. SKL_E_QUEUE_FULL if it
    // would exceed the limits. Threads are started as they are needed.
    [[nodiscard]] Result<void> submit(Job job, uint64_t bytes);

private:
    // Shared with the threads: one of them may run the job that destroys the pool.
    struct Shared;

    static void work(const std::shared_ptr<Shared> &shared);

    const size_t threads_max_;
    const QueueLimits limits_;
    std::shared_ptr<Shared> shared_;
    std::vector<std::thread> threads_;  // guarded by the mutex of shared_
};

}  // namespace skillet
