// SPDX-License-Identifier: Apache-2.0
#include "resident/module.h"

#include <chrono>
#include <utility>

#include "resident/wait.h"

namespace skillet {

Result<std::unique_ptr<EngineContext>> Module::create_context() const {
    return model_->create_context(package_->skill.contract.context_tokens());
}

Result<void> Module::make_ready(HeapMeter &meter, std::optional<uint64_t> skeleton) {
    measured_.heap.skeleton = skeleton;
    const auto begin = SteadyClock::now();
    SKL_TRY_ASSIGN(context,
                   meter.measure(measured_.heap.context, [this] { return create_context(); }));
    const std::chrono::duration<double, std::milli> took = SteadyClock::now() - begin;
    measured_.context_ms = took.count();
    idle_.push_back(std::move(context));
    made_ = 1;
    return {};
}

Result<Module::ContextLoan> Module::borrow_context(const StopSignal &stop) {
    std::unique_lock lock(mutex_);
    while (idle_.empty()) {
        if (made_ < contexts_max_ && may_make_another(lock)) {
            const bool paid = made_ > 1;
            lock.unlock();
            auto context = create_context();
            if (context) return ContextLoan(*this, *std::move(context));
            if (paid && charge_.give_back) charge_.give_back();
            lock.lock();
            --made_;
            returned_.notify_one();
            return std::move(context).error();
        }
        if (!idle_.empty()) break;
        SKL_TRY(wait_until(lock, returned_, stop, [this] { return !idle_.empty() || made_ == 0; }));
    }
    // The one used last: its memory is the most likely to be in the caches.
    std::unique_ptr<EngineContext> context = std::move(idle_.back());
    idle_.pop_back();
    return ContextLoan(*this, std::move(context));
}

bool Module::may_make_another(std::unique_lock<std::mutex> &lock) {
    const bool is_first = made_ == 0;
    idle_.reserve(made_ + 1);  // give_back() must not fail
    ++made_;
    if (is_first || !charge_.take) return true;
    lock.unlock();  // who gives bytes may have to park other modules first
    const bool taken = charge_.take();
    lock.lock();
    if (!taken) --made_;
    return taken;
}

void Module::give_back(std::unique_ptr<EngineContext> context) {
    // Notified under the lock: the last loan's return may be followed by the module's end.
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
    returned_.notify_one();
}

bool Module::park() {
    if (!can_park()) return false;
    std::vector<std::unique_ptr<EngineContext>> contexts;
    {
        const std::lock_guard lock(mutex_);
        contexts.swap(idle_);
        made_ = 0;
    }
    contexts.clear();
    return model_->park();
}

}  // namespace skillet
