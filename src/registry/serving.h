// SPDX-License-Identifier: Apache-2.0
// Which version serves an id. Part of Registry, which holds its lock meanwhile.
//
// The newest verified version that no rollback holds back serves; among equally new ones, the one
// that does already. The table `serving` keeps the answer, so that a request need not compute it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "journal/database.h"
#include "registry/package_table.h"

namespace skillet {

// REQUIRES of both: in a transaction.
// Writes who serves the id now.
[[nodiscard]] Result<void> update_serving(const Database &database, const std::string &id);
// Holds back every other version of the package's id that is as new or newer, and no other.
[[nodiscard]] Result<void> hold_back_above(const Database &database, const PackageRow &package);

// The verified package below the serving one that a rollback leads to (see Registry::predecessor).
[[nodiscard]] Result<PackageRow> find_predecessor(const Database &database, std::string_view id);

// Ids for which the table does not say what the states say.
[[nodiscard]] Result<std::vector<std::string>> ids_served_wrongly(const Database &database);

}  // namespace skillet
