// SPDX-License-Identifier: Apache-2.0
#include "comparison/version_step.h"

namespace skillet {

const char *name_of(Step step) {
    switch (step) {
        case Step::none: return "none";
        case Step::patch: return "patch";
        case Step::minor: return "minor";
        case Step::major: return "major";
    }
    return "unknown";
}

const char *name_of(TakenStep taken) {
    switch (taken) {
        case TakenStep::unrelated: return "unrelated";
        case TakenStep::backwards: return "backwards";
        case TakenStep::none: return "none";
        case TakenStep::patch: return "patch";
        case TakenStep::minor: return "minor";
        case TakenStep::major: return "major";
        case TakenStep::prerelease: return "prerelease";
    }
    return "unknown";
}

TakenStep step_between(const Semver &from, const Semver &to) {
    const auto order = to.precedence(from);
    if (order < 0) return TakenStep::backwards;
    if (order == 0) return TakenStep::none;
    const Semver::Core before = from.core();
    const Semver::Core after = to.core();
    if (before == after) return TakenStep::prerelease;
    if (before[0] != after[0]) return TakenStep::major;
    const bool unstable = before[0] == 0;
    if (before[1] != after[1]) return unstable ? TakenStep::major : TakenStep::minor;
    if (!unstable) return TakenStep::patch;
    return before[1] == 0 ? TakenStep::major : TakenStep::minor;
}

bool is_enough(TakenStep taken, Step deserved) {
    switch (taken) {
        case TakenStep::unrelated:
        case TakenStep::backwards: return false;
        case TakenStep::none: return deserved == Step::none;
        case TakenStep::patch: return deserved <= Step::patch;
        case TakenStep::minor: return deserved <= Step::minor;
        case TakenStep::major:
        case TakenStep::prerelease: return true;
    }
    return false;
}

}  // namespace skillet
