// SPDX-License-Identifier: Apache-2.0
// A skill in memory: its package, the engine's model, and a pool of contexts.
//
// A Module is shared by its leases. Contexts are lent to one request at a time and made when first
// needed, up to a fixed number, which the memory budget was charged for at admission.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "engine/engine.h"
#include "package/package.h"

namespace skillet {

class Module {
public:
    Module(std::shared_ptr<const Package> package, std::unique_ptr<EngineModel> model,
           uint32_t contexts_max)
        : package_(std::move(package)), model_(std::move(model)), contexts_max_(contexts_max) {}

    [[nodiscard]] const Package &package() const { return *package_; }
    [[nodiscard]] const EngineModel &model() const { return *model_; }

    // Gives its context back to the module when it goes. Must not outlive the module.
    class ContextLoan {
    public:
        ContextLoan(Module &module, std::unique_ptr<EngineContext> context)
            : module_(&module), context_(std::move(context)) {}
        ContextLoan(ContextLoan &&) noexcept = default;
        ContextLoan &operator=(ContextLoan &&) = delete;
        ~ContextLoan() {
            if (context_) module_->give_back(std::move(context_));
        }
        EngineContext &operator*() const { return *context_; }

    private:
        Module *module_;
        std::unique_ptr<EngineContext> context_;
    };

    // Waits for a context until one is free or `stop` says so.
    [[nodiscard]] Result<ContextLoan> borrow_context(const StopSignal &stop);

private:
    void give_back(std::unique_ptr<EngineContext> context);

    std::shared_ptr<const Package> package_;
    std::unique_ptr<EngineModel> model_;
    uint32_t contexts_max_;

    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<EngineContext>> idle_;  // guarded by mutex_
    uint32_t made_ = 0;                                 // guarded by mutex_
};

}  // namespace skillet
