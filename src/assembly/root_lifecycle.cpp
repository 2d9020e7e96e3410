// SPDX-License-Identifier: Apache-2.0
// What an operator asks of a package's state: docs/lifecycle.md.
#include <fmt/format.h>

#include "assembly/root.h"

namespace skillet {
namespace {

// What is taken out of service for good, or let back in after damage, has to say why.
bool needs_reason(Trigger trigger) {
    return trigger == Trigger::quarantine || trigger == Trigger::release;
}

Result<void> check_reason(const PackageRow &row, Trigger trigger, std::string_view reason) {
    if (!needs_reason(trigger) || reason.find_first_not_of(" \t\r\n") != std::string::npos)
        return {};
    return make_error(SKL_E_INVALID_ARGUMENT,
                      fmt::format("'{}' needs a reason, for the ledger", name_of(trigger)),
                      reference_to(row), "say why: who reads the history will want to know");
}

bool matches(const Reference &reference, const PackageRow &row) {
    if (!reference.range) return true;
    const auto version = Semver::parse(row.version);
    return version && reference.range->contains(*version);
}

}  // namespace

Result<PackageRow> Root::resolve_for(const Reference &reference, Trigger trigger) const {
    SKL_TRY_ASSIGN(named, resolve(reference));
    const bool is_exact = reference.digest.has_value() || !reference.version.empty();
    if (is_exact || edge_for(named.state, trigger)) return std::move(named);
    SKL_TRY_ASSIGN(versions, registry_.versions(reference.id));
    for (auto row = versions.rbegin(); row != versions.rend(); ++row) {
        if (matches(reference, *row) && edge_for(row->state, trigger)) return *row;
    }
    return std::move(named);  // whose state says why nothing can be done
}

Result<std::vector<std::string>> Root::dependants_on(const PackageRow &row) const {
    SKL_TRY_ASSIGN(installation, registry_.installation());
    std::vector<std::string> names;
    for (const InstalledPackage *one : dependants_of(installation, row.digest)) {
        names.push_back(one->text());
    }
    return names;
}

Result<void> Root::check_no_dependant(const PackageRow &row) const {
    SKL_TRY_ASSIGN(names, dependants_on(row));
    if (names.empty()) return {};
    return make_error(SKL_E_DEPENDENCY_UNSATISFIED,
                      fmt::format("{} is needed by {}", reference_to(row), fmt::join(names, ", ")),
                      names.front(),
                      "remove the dependant first, or install another version that it accepts");
}

Result<StateChange> Root::change_state(const PackageRow &row, Trigger trigger,
                                       const std::string &reason, const StopSignal &stop) {
    SKL_TRY(check_reason(row, trigger, reason));
    const auto held = lock(stop);
    if (!held) return held.error();
    // Suspended or quarantined, it takes them out of service until it is back: what is unsafe has
    // to go at once. Retired, it would not come back.
    SKL_TRY_ASSIGN(dependants, dependants_on(row));
    if (trigger == Trigger::retire) SKL_TRY(check_no_dependant(row));
    SKL_TRY_ASSIGN(edge, registry_.transition(row.digest, trigger, reason));
    std::vector<LogField> fields = identity_of(row);
    fields.push_back({"trigger", name_of(trigger)});
    log_.write(SKL_LOG_INFO, "package.state_changed",
               fmt::format("a package that was {} is {}", name_of(*edge.from), name_of(*edge.to)),
               std::move(fields));
    if (edge.from != State::verified) dependants.clear();
    return StateChange{edge, std::move(dependants)};
}

}  // namespace skillet
