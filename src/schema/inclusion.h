// SPDX-License-Identifier: Apache-2.0
// Whether one schema accepts all that another accepts: what makes a change of a contract harmless.
//
// The answer is a proof or nothing. Deciding it in general is not feasible, so every rule here may
// miss an inclusion that holds, and none may claim one that does not.
#pragma once

#include "schema/node.h"

namespace skillet::schema {

// True only if every instance that satisfies `narrow` is proven to satisfy `wide`. Bounded work.
[[nodiscard]] bool provably_includes(const Nodes &wide, const Nodes &narrow);

}  // namespace skillet::schema
