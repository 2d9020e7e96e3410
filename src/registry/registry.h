// SPDX-License-Identifier: Apache-2.0
// Which packages a root has, in which state, and which one serves an id. The database is the truth.
//
// Every change is one transaction that also appends to the ledger (when, who, why, from, to,
// digest). Thread-safe; several processes may share a root.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "journal/database.h"
#include "registry/ledger.h"
#include "registry/resolution.h"
#include "registry/state.h"

namespace skillet {

// A blob a package needs, so that removal knows what becomes unreachable.
struct PackageBlob {
    Digest digest;
    uint64_t bytes = 0;
    std::string artifact_type =
        {};  // of a manifest that index.json lists; empty for all other blobs
};

// A manifest that index.json lists, and the package it belongs to.
struct IndexEntry {
    Digest package;
    std::string id;
    std::string version;
    PackageBlob blob;
};

struct PackageRow {
    Digest digest;  // of the OCI manifest: the package's identity
    std::string id;
    std::string version;
    State state = State::installed;
    bool current = false;      // serves its id
    uint64_t bytes = 0;        // of all its blobs
    std::string installed_at;  // UTC, ISO 8601
    std::string state_reason;  // why it is in this state; empty if nothing to say
};

// Gives the present time in UTC as ISO 8601 with milliseconds ("2026-01-31T12:00:00.000Z").
using TimestampSource = std::function<std::string()>;
[[nodiscard]] std::string utc_now();

class Registry {
public:
    // `actor` is who makes the changes, as the ledger names them, such as "cli:root".
    Registry(Database database, TimestampSource now, std::string actor);

    // Adds the package as `installed`; the members of `package` that the registry decides (state,
    // state_reason, current, installed_at) are not looked at. `blobs` names every blob the package
    // needs, its own manifest included; `relations` are those of its skill.json. SKL_E_CONFLICT if
    // (id, version) was ever bound to another digest, even one removed since. Installing what is
    // there already changes nothing, except that a retired package is refused (SKL_E_RETIRED) with
    // a hint to reinstate it.
    [[nodiscard]] Result<void> add(const PackageRow &package, const std::vector<PackageBlob> &blobs,
                                   const Relations &relations = {});

    // Takes the edge that `trigger` names; removal goes through remove(). The newest verified
    // version of an id, by semver precedence, is current: it moves when a version becomes verified
    // or leaves `verified`, to none if none is left. A version that differs only in build metadata
    // is no newer, so the current one stays.
    [[nodiscard]] Result<void> transition(const Digest &digest, Trigger trigger,
                                          std::string_view reason);

    // Removes the rows of a package (edge `remove`) and returns the blobs no other package uses,
    // sorted. The (id, version) stays bound to its digest.
    [[nodiscard]] Result<std::vector<Digest>> remove(const Digest &digest, std::string_view reason);
    // The same for a package in any state: it is retired first where that is needed, and both or
    // neither has happened.
    [[nodiscard]] Result<std::vector<Digest>> retire_and_remove(const Digest &digest,
                                                                std::string_view reason);

    // What index.json of the store has to list, by package, then digest.
    [[nodiscard]] Result<std::vector<IndexEntry>> index_entries() const;
    [[nodiscard]] Result<std::optional<PackageRow>> find(const Digest &digest) const;
    // The package that serves `id` now.
    [[nodiscard]] Result<std::optional<Digest>> current(std::string_view id) const;
    // By id, then version: oldest first.
    [[nodiscard]] Result<std::vector<PackageRow>> list() const;
    [[nodiscard]] Result<std::vector<PackageRow>> versions(std::string_view id) const;
    // Every package with its relations, as of one moment.
    [[nodiscard]] Result<Installation> installation() const;
    // Oldest first; what was removed is in it, too.
    [[nodiscard]] Result<std::vector<LedgerRow>> history(std::string_view id) const;
    // Grows with every change by any process: a lease compares it to notice suspensions.
    [[nodiscard]] Result<int64_t> generation() const;
    // Recomputes the chain of the ledger and compares the other tables with what it says.
    // SKL_E_STORE_CORRUPT names the first entry or package that does not fit. An end that was cut
    // off together with its changes cannot be seen: that needs a head kept elsewhere.
    [[nodiscard]] Result<void> verify_ledger() const;

private:
    [[nodiscard]] Result<void> record(const PackageRow &package, const Edge &edge,
                                      std::string_view reason);
    // REQUIRES of both: inside a transaction.
    [[nodiscard]] Result<void> take_edge(const Digest &digest, Trigger trigger,
                                         std::string_view reason);
    [[nodiscard]] Result<std::vector<Digest>> delete_rows(const Digest &digest,
                                                          std::string_view reason);

    mutable std::mutex mutex_;
    mutable Database database_;
    TimestampSource now_;
    std::string actor_;
    mutable std::optional<Statement> length_;  // asked before every request, hence kept
};

}  // namespace skillet
