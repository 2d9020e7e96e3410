// SPDX-License-Identifier: Apache-2.0
// Which module goes first when memory is needed, as a rule behind an interface.
//
// A policy watches the requests and says what keeping each module is worth; the resident set evicts
// the least worthy of those it may. Time is counted in requests, never in seconds: the same
// requests and costs give the same worths on every machine. What is known of a module outlives its
// eviction, since one that keeps coming back is one to keep. Not thread-safe: whoever owns a policy
// has a lock already.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/digest.h"

namespace skillet {

enum class EvictionRule {
    lru,        // the one used longest ago goes first: the baseline
    lfu,        // the one used least often goes first
    cost_aware  // the one whose bytes save the least loading time goes first: the default
};

[[nodiscard]] const char *name_of(EvictionRule rule);
[[nodiscard]] std::optional<EvictionRule> parse_eviction_rule(std::string_view name);

// What evicting a module gives and takes.
struct Cost {
    uint64_t bytes = 0;
    double reload_ms = 0;
};

// What keeping a module is worth, and what that follows from.
struct Worth {
    double value = 0;       // decides; comparable within one policy at one moment only
    double chance = 0;      // that the next request is for it; 0 where the rule asks nobody
    Cost cost;              // as it was last noted
    uint64_t uses = 0;      // requests for it, as far as remembered
    uint64_t idle_for = 0;  // requests for others since its last one
};

// Whether what is worth `one` goes before what is worth `other`.
[[nodiscard]] bool goes_before(const Worth &one, const Worth &other);

class EvictionPolicy {
public:
    virtual ~EvictionPolicy() = default;

    // A request wants the module, in memory or not: one tick of the policy's clock.
    virtual void note_use(const Digest &key) = 0;
    // The module is in memory, and this is its cost: after a load, or when it changed.
    virtual void note_cost(const Digest &key, const Cost &cost) = 0;
    // The module left memory. It is remembered, until too many others are.
    virtual void note_eviction(const Digest &key) = 0;
    // Of a module that was never noted, too: nothing.
    [[nodiscard]] virtual Worth worth(const Digest &key) const = 0;
};

// Of modules that are not in memory, the policy remembers those used last.
inline constexpr size_t remembered_modules_max = 1024;

[[nodiscard]] std::unique_ptr<EvictionPolicy> make_eviction_policy(EvictionRule rule);

}  // namespace skillet
