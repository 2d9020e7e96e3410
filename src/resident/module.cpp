// SPDX-License-Identifier: Apache-2.0
#include "resident/module.h"

#include "resident/wait.h"

namespace skillet {

Result<Module::ContextLoan> Module::borrow_context(const StopSignal &stop) {
    std::unique_lock lock(mutex_);
    SKL_TRY(wait_until(lock, returned_, stop,
                       [this] { return !idle_.empty() || made_ < contexts_max_; }));
    if (!idle_.empty()) {
        // The one used last: its memory is the most likely to be in the caches.
        std::unique_ptr<EngineContext> context = std::move(idle_.back());
        idle_.pop_back();
        return ContextLoan(*this, std::move(context));
    }
    idle_.reserve(made_ + 1);  // give_back() must not fail
    ++made_;
    lock.unlock();
    auto context = model_->create_context(package_->skill.contract.context_tokens());
    if (!context) {
        lock.lock();
        --made_;
        returned_.notify_one();
        return std::move(context).error();
    }
    return ContextLoan(*this, *std::move(context));
}

void Module::give_back(std::unique_ptr<EngineContext> context) {
    // Notified under the lock: the last loan's return may be followed by the module's end.
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
    returned_.notify_one();
}

}  // namespace skillet
