// SPDX-License-Identifier: Apache-2.0
// The schema of the database as its history: step N takes version N to version N + 1.
//
// A step that was released is never edited; a change of the schema is a new step at the end.
// What the tables mean: docs/formats/database.md.
#pragma once

#include <span>

namespace skillet {

[[nodiscard]] std::span<const char *const> migrations();

}  // namespace skillet
