// SPDX-License-Identifier: Apache-2.0
// Steps between versions: what a change deserves, and what its authors took.
#pragma once

#include <cstdint>

#include "manifest/semver.h"

namespace skillet {

// In ascending order.
enum class Step : uint8_t { none, patch, minor, major };
[[nodiscard]] const char *name_of(Step step);

// From one version to another: where a range such as ^1.2 draws the line, so does this. Before
// 1.0.0 the first number that is not zero counts as the major one.
enum class TakenStep : uint8_t {
    unrelated,  // the versions of two skills are in no order
    backwards,  // the second version precedes the first
    none,       // the same version, but perhaps for its build metadata
    patch,
    minor,
    major,
    prerelease,  // from a prerelease to the next one or to its release: nothing was promised yet
};
[[nodiscard]] const char *name_of(TakenStep taken);

[[nodiscard]] TakenStep step_between(const Semver &from, const Semver &to);
[[nodiscard]] bool is_enough(TakenStep taken, Step deserved);

}  // namespace skillet
