// SPDX-License-Identifier: Apache-2.0
#include "registry/state.h"

#include <array>
#include <string>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr std::optional<State> nothing;

constexpr auto table = std::to_array<Edge>({
    {nothing, Trigger::install, State::installed},
    {State::installed, Trigger::verify, State::verified},
    {State::installed, Trigger::fail, State::quarantined},
    {State::installed, Trigger::quarantine, State::quarantined},
    {State::installed, Trigger::retire, State::retired},
    {State::verified, Trigger::fail, State::quarantined},
    {State::verified, Trigger::suspend, State::suspended},
    {State::verified, Trigger::quarantine, State::quarantined},
    {State::verified, Trigger::retire, State::retired},
    {State::verified, Trigger::rollback, State::verified},
    {State::suspended, Trigger::fail, State::quarantined},
    {State::suspended, Trigger::resume, State::installed},
    {State::suspended, Trigger::quarantine, State::quarantined},
    {State::suspended, Trigger::retire, State::retired},
    {State::retired, Trigger::fail, State::quarantined},
    {State::retired, Trigger::quarantine, State::quarantined},
    {State::retired, Trigger::reinstate, State::installed},
    {State::retired, Trigger::remove, nothing},
    {State::quarantined, Trigger::release, State::installed},
    {State::quarantined, Trigger::remove, nothing},
});

constexpr std::array states = {State::installed, State::verified, State::suspended, State::retired,
                               State::quarantined};

const char *name_of(std::optional<State> state, const char *name_of_nothing) {
    return state ? name_of(*state) : name_of_nothing;
}

// Every trigger leads to one place, wherever it starts.
std::optional<State> target_of(Trigger trigger) {
    for (const Edge &edge : table) {
        if (edge.trigger == trigger) return edge.to;
    }
    return nothing;
}

// What an operator can ask for from this state: all but `fail`, which only the runtime takes.
std::string allowed_from(std::optional<State> from) {
    std::string names;
    for (const Edge &edge : table) {
        if (edge.from != from || edge.trigger == Trigger::fail) continue;
        if (!names.empty()) names += ", ";
        names += name_of(edge.trigger);
    }
    return names;
}

}  // namespace

std::span<const Edge> edges() { return table; }

const char *name_of(State state) {
    switch (state) {
        case State::installed: return "installed";
        case State::verified: return "verified";
        case State::suspended: return "suspended";
        case State::retired: return "retired";
        case State::quarantined: return "quarantined";
    }
    return "";
}

const char *name_of(Trigger trigger) {
    switch (trigger) {
        case Trigger::install: return "install";
        case Trigger::verify: return "verify";
        case Trigger::fail: return "fail";
        case Trigger::suspend: return "suspend";
        case Trigger::resume: return "resume";
        case Trigger::retire: return "retire";
        case Trigger::reinstate: return "reinstate";
        case Trigger::quarantine: return "quarantine";
        case Trigger::release: return "release";
        case Trigger::rollback: return "rollback";
        case Trigger::remove: return "remove";
    }
    return "";
}

std::optional<State> state_of(std::string_view name) {
    for (const State state : states) {
        if (name == name_of(state)) return state;
    }
    return std::nullopt;
}

Result<Edge> edge_for(std::optional<State> from, Trigger trigger) {
    for (const Edge &edge : table) {
        if (edge.from == from && edge.trigger == trigger) return edge;
    }
    return make_error(
        SKL_E_ILLEGAL_TRANSITION,
        fmt::format("a package that is {} cannot become {} by '{}'", name_of(from, "absent"),
                    name_of(target_of(trigger), "removed"), name_of(trigger)),
        "", fmt::format("possible now: {}", allowed_from(from)));
}

Result<void> check_serves(State state, std::string_view subject) {
    const std::string package(subject);
    switch (state) {
        case State::verified: return {};
        case State::installed:
            return make_error(SKL_E_NOT_VERIFIED, "the package has not passed verification",
                              package, "verify it");
        case State::suspended:
            return make_error(SKL_E_SUSPENDED, "the package is suspended", package,
                              "resume it, then verify it");
        case State::retired:
            return make_error(SKL_E_RETIRED, "the package is retired", package,
                              "reinstate it, then verify it");
        case State::quarantined:
            return make_error(SKL_E_QUARANTINED, "the package is quarantined", package,
                              "look at its history; release it only if the cause is gone");
    }
    return make_error(SKL_E_INTERNAL, "a package in no known state", package);
}

}  // namespace skillet
