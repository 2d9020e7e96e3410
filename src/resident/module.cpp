// SPDX-License-Identifier: Apache-2.0
#include "resident/module.h"

#include <chrono>
#include <new>
#include <optional>
#include <utility>

#include "resident/wait.h"

namespace skillet {

Result<std::unique_ptr<EngineContext>> Module::create_context() const {
    const Contract &contract = package_->skill.contract;
    return model_->create_context({contract.context_tokens(), contract.continuation().has_value()});
}

Result<void> Module::make_ready(HeapMeter &meter, std::optional<uint64_t> skeleton) {
    measured_.heap.skeleton = skeleton;
    if (const Contract &contract = package_->skill.contract; contract.continuation()) {
        SKL_TRY_ASSIGN(plan, PromptPlan::make(contract, *model_));
        plan_ = std::move(plan);
    }
    const auto begin = SteadyClock::now();
    SKL_TRY_ASSIGN(context,
                   meter.measure(measured_.heap.context, [this] { return create_context(); }));
    const std::chrono::duration<double, std::milli> took = SteadyClock::now() - begin;
    measured_.context_ms = took.count();
    idle_.push_back(std::move(context));
    made_ = 1;
    return {};
}

// A context that is being made, counted from the beginning. Unless it comes about, the count goes
// back, however that ends.
class Module::Making {
public:
    // REQUIRES: the lock is held.
    explicit Making(Module &module) : module_(module), is_first_(module.made_ == 0) {
        module_.idle_.reserve(module_.made_ + 1);  // give_back() must not fail
        ++module_.made_;
    }
    Making(const Making &) = delete;
    Making &operator=(const Making &) = delete;
    // REQUIRES of this and all below: the lock is not held.
    ~Making() {
        if (done_) return;
        if (paid_) module_.charge_.give_back();
        const std::lock_guard lock(module_.mutex_);
        --module_.made_;
        module_.returned_.notify_one();
    }

    // The first one was paid at admission. Who gives bytes may have to park other modules first.
    bool pay() {
        if (is_first_ || !module_.charge_.take) return true;
        paid_ = module_.charge_.take();
        return paid_;
    }
    Result<ContextLoan> make() {
        SKL_TRY_ASSIGN(context, module_.create_context());
        done_ = true;
        return ContextLoan(module_, std::move(context));
    }

private:
    Module &module_;
    const bool is_first_;
    bool paid_ = false;
    bool done_ = false;
};

Result<Module::ContextLoan> Module::borrow_context(const StopSignal &stop) {
    std::unique_lock lock(mutex_);
    while (idle_.empty()) {
        if (made_ < contexts_max_) {
            std::optional<Making> making;
            making.emplace(*this);
            lock.unlock();
            if (making->pay()) return making->make();
            making.reset();
            lock.lock();
            if (!idle_.empty()) break;
        }
        SKL_TRY(wait_until(lock, returned_, stop, [this] { return !idle_.empty() || made_ == 0; }));
    }
    // The one used last: its memory is the most likely to be in the caches.
    std::unique_ptr<EngineContext> context = std::move(idle_.back());
    idle_.pop_back();
    return ContextLoan(*this, std::move(context));
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
    try {
        return model_->park();
    } catch (const std::bad_alloc &) {
        return false;
    }
}

}  // namespace skillet
