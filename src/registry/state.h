// SPDX-License-Identifier: Apache-2.0
// The persistent lifecycle states of a package and the edges between them, as one table.
//
// resident and active are not here: they exist per process, over `verified` (see resident/).
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace skillet {

enum class State { installed, verified, suspended, retired, quarantined };

enum class Trigger {
    install,  // (nothing) -> installed
    verify,   // installed -> verified
    fail,     // any -> quarantined: verification or a load found something wrong
    suspend,
    resume,
    retire,
    reinstate,
    quarantine,
    release,
    rollback,  // verified -> verified: serves again, though newer versions are there
    remove     // retired, quarantined -> (nothing)
};

// One edge. No `from`: the package does not exist yet. No `to`: it is removed.
struct Edge {
    std::optional<State> from;
    Trigger trigger;
    std::optional<State> to;
};

[[nodiscard]] std::span<const Edge> edges();

[[nodiscard]] const char *name_of(State state);
[[nodiscard]] const char *name_of(Trigger trigger);
[[nodiscard]] std::optional<State> state_of(std::string_view name);

// The edge for `trigger` from `from`. SKL_E_ILLEGAL_TRANSITION naming the state and the trigger,
// and which triggers the state allows.
[[nodiscard]] Result<Edge> edge_for(std::optional<State> from, Trigger trigger);

// Why a package in this state cannot serve: SKL_E_QUARANTINED, _SUSPENDED, _RETIRED or
// SKL_E_NOT_VERIFIED; success for `verified`.
[[nodiscard]] Result<void> check_serves(State state, std::string_view subject);

}  // namespace skillet
