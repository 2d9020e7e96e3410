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
#include "store/held_blob.h"

namespace skillet {

class Module {
public:
    // `blob` holds the bytes that the model may map; none: it maps nothing.
    Module(std::shared_ptr<const Package> package, std::unique_ptr<EngineModel> model,
           uint32_t contexts_max, std::unique_ptr<HeldBlob> blob = nullptr)
        : package_(std::move(package)),
          blob_(std::move(blob)),
          model_(std::move(model)),
          contexts_max_(contexts_max) {}

    [[nodiscard]] const Package &package() const { return *package_; }
    [[nodiscard]] const EngineModel &model() const { return *model_; }

    // SKL_E_DIGEST_MISMATCH if the model's bytes are no longer those that were verified: what it
    // computed since the check before is worth nothing.
    [[nodiscard]] Result<void> check_bytes(const StopSignal &stop) {
        return blob_ ? blob_->check(stop) : Result<void>();
    }

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
    std::unique_ptr<HeldBlob> blob_;  // outlives the model, which maps it
    std::unique_ptr<EngineModel> model_;
    uint32_t contexts_max_;

    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<EngineContext>> idle_;  // guarded by mutex_
    uint32_t made_ = 0;                                 // guarded by mutex_
};

}  // namespace skillet
