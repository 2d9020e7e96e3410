// SPDX-License-Identifier: Apache-2.0
// The rows of installed packages. Part of Registry, which holds its lock meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "journal/database.h"
#include "manifest/semver.h"
#include "registry/state.h"

namespace skillet {

struct PackageRow {
    Digest digest;  // of the OCI manifest: the package's identity
    std::string id;
    std::string version;
    State state = State::installed;
    bool current = false;      // serves its id
    uint64_t bytes = 0;        // of all its blobs
    std::string installed_at;  // UTC, ISO 8601
    std::string state_reason;  // why it is in this state; empty if nothing to say
    Code state_code = SKL_OK;  // of the error that brought it there
    bool held_back = false;    // a rollback passed over it: does not serve by being the newest
};

// A package and its version, read once.
struct VersionedRow {
    PackageRow row;
    Semver version;
};

// "org.example.mail@1.0.0"
[[nodiscard]] std::string reference_to(const PackageRow &package);

// SKL_E_STORE_CORRUPT: the database holds what we never wrote.
[[nodiscard]] Error damaged_database(std::string message, std::string subject);
[[nodiscard]] Result<Digest> read_digest(const Statement &row, int column);
// The digests that a query gives in its first column.
[[nodiscard]] Result<std::vector<Digest>> read_digests(Statement &statement);

// A query of packages (p), their bindings (b) and who serves (s), for the functions below.
[[nodiscard]] Result<Statement> select_packages(const Database &database,
                                                std::string_view condition);
[[nodiscard]] Result<std::vector<PackageRow>> read_packages(Statement &statement);
// By id, then precedence, then text: oldest first.
[[nodiscard]] Result<std::vector<VersionedRow>> read_sorted(Statement &statement);

[[nodiscard]] Result<std::optional<PackageRow>> find_package(const Database &database,
                                                             const Digest &digest);
// SKL_E_NOT_FOUND if it is not there.
[[nodiscard]] Result<PackageRow> get_package(const Database &database, const Digest &digest);

}  // namespace skillet
