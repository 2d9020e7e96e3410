// SPDX-License-Identifier: Apache-2.0
// What is wrong with this machine, root and build, and what to do about it: `skillet doctor`.
#pragma once

#include <string>
#include <vector>

#include "assembly/runtime.h"

namespace skillet {

enum class Health { good, warning, problem };

struct Finding {
    // engine, settings, root, database, packages, crashes, disk, memory or clock
    const char *check;
    Health health = Health::good;
    std::string text;    // what was found
    std::string hint;    // what to do; empty if good
    Code code = SKL_OK;  // of a problem
};

[[nodiscard]] const char *name_of(Health health);

// Every check, in a fixed order. Looks only: a root that is not there is not made.
[[nodiscard]] std::vector<Finding> diagnose(Runtime &runtime);

}  // namespace skillet
