// SPDX-License-Identifier: Apache-2.0
// A package of a root as documents describe it.
#pragma once

#include "json/value.h"
#include "registry/registry.h"

namespace skillet {

[[nodiscard]] json::Object row_members(const PackageRow &row);

}  // namespace skillet
