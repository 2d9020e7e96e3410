// SPDX-License-Identifier: Apache-2.0
// Known-good sets: which packages served at some moment, under a name. Part of Registry, which
// holds its lock meanwhile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "journal/database.h"
#include "registry/package_table.h"

namespace skillet {

struct KnownGoodSet {
    std::string name;
    std::string saved_at;  // UTC, ISO 8601
    std::string reason;
    std::vector<PackageRow> members;  // by id; as they are now
};

// SKL_E_INVALID_ARGUMENT unless it is 1 to 64 of a-z, 0-9, '.', '_' and '-'.
[[nodiscard]] Result<void> check_set_name(std::string_view name);

// Saves what serves now. REQUIRES of this and the next: in a transaction.
[[nodiscard]] Result<void> insert_known_good(const Database &database, std::string_view name,
                                             std::string_view now, std::string_view reason);
[[nodiscard]] Result<void> delete_known_good(const Database &database, std::string_view name);
// By name.
[[nodiscard]] Result<std::vector<KnownGoodSet>> read_known_good(const Database &database);
// SKL_E_NOT_FOUND if there is none of that name.
[[nodiscard]] Result<KnownGoodSet> get_known_good(const Database &database, std::string_view name);
// SKL_E_DEPENDENCY_UNSATISFIED naming a set that has the package.
[[nodiscard]] Result<void> check_in_no_set(const Database &database, const PackageRow &package);

}  // namespace skillet
