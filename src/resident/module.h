// SPDX-License-Identifier: Apache-2.0
// A skill in memory: its package, the engine's model, and a pool of contexts.
//
// A Module is shared by its leases. Contexts are lent to one request at a time and made when first
// needed, up to a fixed number; the memory budget is asked for each one beyond the first, which was
// charged at admission.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "decode/prompt_plan.h"
#include "engine/engine.h"
#include "package/package.h"
#include "resident/forecast.h"
#include "resident/heap_meter.h"
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
    // Of a decoder, once it is ready; null for a model with a head.
    [[nodiscard]] const PromptPlan *plan() const { return plan_ ? &*plan_ : nullptr; }

    // SKL_E_DIGEST_MISMATCH if the model's bytes are no longer those that were verified: what it
    // computed since the check before is worth nothing.
    [[nodiscard]] Result<void> check_bytes(const StopSignal &stop) {
        return blob_ ? blob_->check(stop) : Result<void>();
    }

    // What is known of what it takes: bytes of heap, and how long a context took to make.
    struct Measured {
        MeasuredHeap heap;
        double context_ms = 0;
    };
    [[nodiscard]] const Measured &measured() const { return measured_; }

    // Puts the contract into the model's tokens and makes the first context, so that whoever leases
    // the module finds all that it needs; measures the context, `skeleton` is what was measured of
    // the rest. SKL_E_MANIFEST_INVALID if the contract does not fit a decoder's vocabulary.
    // REQUIRES: nobody else has it yet.
    [[nodiscard]] Result<void> make_ready(HeapMeter &meter, std::optional<uint64_t> skeleton);

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

    // Asks for the bytes of one more context; false: there are none now. And gives them back.
    struct ContextCharge {
        std::function<bool()> take;
        std::function<void()> give_back;
    };
    // Without one, contexts are free. REQUIRES: nobody has a loan yet.
    void charge_contexts_to(ContextCharge charge) { charge_ = std::move(charge); }

    // Lets go of the contexts and of the weights' pages, which come back from the file when they
    // are next read. False if the engine cannot; then only the contexts are gone. REQUIRES: no
    // loan.
    bool park();
    [[nodiscard]] bool can_park() const {
        return (!blob_ || !blob_->sealed()) && model_->can_park();
    }

private:
    class Making;

    void give_back(std::unique_ptr<EngineContext> context);
    Result<std::unique_ptr<EngineContext>> create_context() const;

    std::shared_ptr<const Package> package_;
    std::unique_ptr<HeldBlob> blob_;  // outlives the model, which maps it
    std::unique_ptr<EngineModel> model_;
    std::optional<PromptPlan> plan_;
    uint32_t contexts_max_;
    ContextCharge charge_;
    Measured measured_;

    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<EngineContext>> idle_;  // guarded by mutex_
    uint32_t made_ = 0;                                 // guarded by mutex_
};

}  // namespace skillet
