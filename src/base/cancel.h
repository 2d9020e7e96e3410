// SPDX-License-Identifier: Apache-2.0
// Why a computation should stop: the caller cancelled, or its deadline passed.
//
// Any thread may cancel; the computing thread polls stopped() or check() between steps.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "base/result.h"

namespace skillet {

using SteadyClock = std::chrono::steady_clock;

// Shared between the caller that cancels and the request that looks. A child is cancelled with its
// parent, which may be null.
class CancelFlag {
public:
    explicit CancelFlag(std::shared_ptr<const CancelFlag> parent = nullptr)
        : parent_(std::move(parent)) {}

    void cancel() { cancelled_.store(true, std::memory_order_release); }
    [[nodiscard]] bool cancelled() const {
        return cancelled_.load(std::memory_order_acquire) || (parent_ && parent_->cancelled());
    }

private:
    std::shared_ptr<const CancelFlag> parent_;
    std::atomic<bool> cancelled_{false};
};

struct StopSignal {
    std::shared_ptr<const CancelFlag> flag;           // may be null: cannot be cancelled
    std::optional<SteadyClock::time_point> deadline;  // none: may take for ever

    [[nodiscard]] bool stopped() const {
        return (flag && flag->cancelled()) || (deadline && SteadyClock::now() >= *deadline);
    }
    // SKL_E_CANCELLED or SKL_E_DEADLINE_EXCEEDED if stopped().
    [[nodiscard]] Result<void> check() const;
};

}  // namespace skillet
