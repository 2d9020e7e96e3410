// SPDX-License-Identifier: Apache-2.0
// The relations of installed packages, as rows. Part of Registry, which holds its lock meanwhile.
#pragma once

#include "journal/database.h"
#include "manifest/relation.h"
#include "registry/resolution.h"

namespace skillet {

// REQUIRES: in a transaction, and the package has its row but no relations yet.
[[nodiscard]] Result<void> insert_relations(const Database &database, const Digest &package,
                                            const Relations &relations);

// Every package with its relations, as of one moment. SKL_E_STORE_CORRUPT for rows that we did not
// write.
[[nodiscard]] Result<Installation> read_installation(const Database &database);

}  // namespace skillet
