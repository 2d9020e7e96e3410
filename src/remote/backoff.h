// SPDX-License-Identifier: Apache-2.0
// How often and when to try again what a network refused.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"

namespace skillet {

// Waits, or says that the caller wants an end. Tests wait for nothing.
using Pause = std::function<Result<void>(std::chrono::milliseconds, const StopSignal &)>;
[[nodiscard]] Result<void> pause_for(std::chrono::milliseconds time, const StopSignal &stop);

struct RetryRules {
    unsigned attempts_max = 5;
    std::chrono::milliseconds first_pause = std::chrono::milliseconds(500);  // then twice as long
    // A server that wants a longer pause than this is not waited for.
    std::chrono::milliseconds longest_pause = std::chrono::seconds(60);
    Pause pause = pause_for;
};

// The attempts at one thing. For one thread.
class Backoff {
public:
    explicit Backoff(const RetryRules &rules) : rules_(&rules) {}

    // Waits before the next attempt, as long as the server wants if it says so; `cause` if there
    // were enough of them, or the server wants too long a pause.
    [[nodiscard]] Result<void> wait(const Error &cause,
                                    std::optional<std::chrono::milliseconds> wanted,
                                    const StopSignal &stop);
    // Something was achieved: the next attempt counts as the first.
    void forgive() { failures_ = 0; }

private:
    const RetryRules *rules_;
    unsigned failures_ = 0;
};

// The header Retry-After: seconds or a date of HTTP (RFC 9110), from `now` (seconds since 1970).
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                                         int64_t now);

}  // namespace skillet
