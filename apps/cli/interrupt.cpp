// SPDX-License-Identifier: Apache-2.0
#include "interrupt.h"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace cli {
namespace {

std::atomic<uint64_t> target{0};
std::atomic<bool> seen{false};
std::mutex mutex;
std::condition_variable came;

void wait_for_signals(sigset_t signals) {
    for (;;) {
        int number = 0;
        if (::sigwait(&signals, &number) != 0) continue;
        if (seen.exchange(true)) ::_exit(128 + number);
        {
            const std::lock_guard lock(mutex);
            came.notify_all();
        }
        skl_cancel_trigger(skl_cancel{target.load()});
    }
}

}  // namespace

void watch_interrupts() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread(wait_for_signals, signals).detach();
}

void set_interrupt_target(skl_cancel cancel) {
    target.store(cancel.id);
    if (seen.load()) skl_cancel_trigger(cancel);
}

bool interrupted() { return seen.load(); }

void wait_for_interrupt(std::chrono::seconds longest) {
    std::unique_lock lock(mutex);
    came.wait_for(lock, longest, interrupted);
}

}  // namespace cli
