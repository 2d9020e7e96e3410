// SPDX-License-Identifier: Apache-2.0
// Which packages a root has, in which state, and which one serves an id. The database is the truth.
//
// Every change is one transaction that also appends to the ledger (when, who, why, from, to,
// digest). Thread-safe; several processes may share a root.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "journal/database.h"
#include "registry/blob_table.h"
#include "registry/known_good.h"
#include "registry/ledger.h"
#include "registry/package_table.h"
#include "registry/resolution.h"
#include "registry/state.h"

namespace skillet {

// A manifest that index.json lists, and the package it belongs to.
struct IndexEntry {
    Digest package;
    std::string id;
    std::string version;
    PackageBlob blob;
};

// Gives the present time in UTC as ISO 8601 with milliseconds ("2026-01-31T12:00:00.000Z").
using TimestampSource = std::function<std::string()>;
[[nodiscard]] std::string utc_now();
// That time as such a text: of two, the earlier one sorts first.
[[nodiscard]] std::string utc_text(std::chrono::system_clock::time_point time);

class Registry {
public:
    // `actor` is who makes the changes, as the ledger names them, such as "cli:root".
    Registry(Database database, TimestampSource now, std::string actor);

    // Adds the package as `installed`; the members of `package` that the registry decides (state,
    // state_reason, current, installed_at) are not looked at. `blobs` names every blob the package
    // needs, its own manifest included; `relations` are those of its skill.json. SKL_E_CONFLICT if
    // (id, version) was ever bound to another digest, even one removed since. Of a package that
    // is there already only blobs are added that it lacked: those of documents that were attached
    // since. A retired one is refused (SKL_E_RETIRED) with a hint to reinstate it.
    [[nodiscard]] Result<void> add(const PackageRow &package, const std::vector<PackageBlob> &blobs,
                                   const Relations &relations = {});

    // Takes the edge that `trigger` names; removal goes through remove(), a rollback through
    // serve(). The newest verified version of an id that is not held back, by semver precedence, is
    // current: it moves when a version becomes verified or leaves `verified`, to none if none is
    // left. A version that differs only in build metadata is no newer, so the current one stays.
    // `cause` is the code of the error that the transition answers. Gives the edge it took.
    // SKL_E_DEPENDENCY_UNSATISFIED if a package is to be retired that a known-good set needs.
    [[nodiscard]] Result<Edge> transition(const Digest &digest, Trigger trigger,
                                          std::string_view reason, Code cause = SKL_OK);

    // The same by `fail`, for what was seen of the package at that generation: SKL_E_CONFLICT if it
    // was removed and installed anew since, for then it is not about what is there now.
    [[nodiscard]] Result<Edge> fail(const Digest &digest, std::string_view reason, Code cause,
                                    int64_t seen_at);

    // Makes this package serve its id, and holds back every other one that is as new or newer,
    // until it is asked for itself; one that is installed later serves as ever.
    // SKL_E_ILLEGAL_TRANSITION unless it is verified.
    [[nodiscard]] Result<void> serve(const Digest &digest, std::string_view reason);
    // The package that a rollback of the id leads to: of the versions that the serving one says it
    // replaces the newest verified one, else the newest verified one below it.
    // SKL_E_NOT_FOUND if nothing serves, or there is nothing to go back to.
    [[nodiscard]] Result<PackageRow> predecessor(std::string_view id) const;

    // Keeps, under a name, which package serves each id now. Its members cannot be retired or
    // removed while it is there. SKL_E_CONFLICT if the name is taken, SKL_E_NOT_FOUND if nothing
    // serves.
    [[nodiscard]] Result<void> save_known_good(std::string_view name, std::string_view reason);
    // Makes every member serve its id again, or changes nothing: SKL_E_ILLEGAL_TRANSITION names a
    // member that is not verified. Ids that are not in the set stay as they are.
    [[nodiscard]] Result<void> restore_known_good(std::string_view name, std::string_view reason);
    [[nodiscard]] Result<void> remove_known_good(std::string_view name);
    // By name.
    [[nodiscard]] Result<std::vector<KnownGoodSet>> known_good() const;

    // Removes the rows of a package (edge `remove`) and returns the blobs no other package uses,
    // sorted. The (id, version) stays bound to its digest. SKL_E_DEPENDENCY_UNSATISFIED if a
    // known-good set needs it.
    [[nodiscard]] Result<std::vector<Digest>> remove(const Digest &digest, std::string_view reason);
    // The same for a package in any state: it is retired first where that is needed, and both or
    // neither has happened.
    [[nodiscard]] Result<std::vector<Digest>> retire_and_remove(const Digest &digest,
                                                                std::string_view reason);

    // The retired packages that no known-good set needs, by id, then version. With a time, those
    // that were retired by then.
    [[nodiscard]] Result<std::vector<PackageRow>> retired(std::string_view by = {}) const;

    // What index.json of the store has to list, by package, then digest; or what of it is about one
    // package.
    [[nodiscard]] Result<std::vector<IndexEntry>> index_entries(
        const std::optional<Digest> &package = {}) const;
    [[nodiscard]] Result<std::optional<PackageRow>> find(const Digest &digest) const;
    // Every package that needs the blob, sorted.
    [[nodiscard]] Result<std::vector<Digest>> packages_with(const Digest &blob) const;
    // Every blob that the package needs, sorted.
    [[nodiscard]] Result<std::vector<Digest>> blobs_of(const Digest &package) const;
    // Writes anew what add() copied from the package's documents.
    [[nodiscard]] Result<void> rewrite_rows(const Digest &package,
                                            const std::vector<PackageBlob> &blobs,
                                            const Relations &relations);
    // Every blob that some package needs, with the size it must have.
    [[nodiscard]] Result<std::map<Digest, uint64_t>> needed_blobs() const;
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
    // Ids for which another version serves than the states say, or none; and puts that right.
    [[nodiscard]] Result<std::vector<std::string>> served_wrongly() const;
    [[nodiscard]] Result<void> mend_serving();
    // What SQLite itself finds wrong with the file; empty: nothing.
    [[nodiscard]] Result<std::vector<std::string>> check_database() const;

private:
    [[nodiscard]] Result<void> record(const PackageRow &package, const Edge &edge,
                                      std::string_view reason);
    // REQUIRES of all: inside a transaction.
    [[nodiscard]] Result<Edge> take_edge(const Digest &digest, Trigger trigger,
                                         std::string_view reason, Code cause);
    [[nodiscard]] Result<void> serve_now(const Digest &digest, std::string_view reason);
    [[nodiscard]] Result<std::vector<Digest>> delete_rows(const Digest &digest,
                                                          std::string_view reason);

    mutable std::mutex mutex_;
    mutable Database database_;
    TimestampSource now_;
    std::string actor_;
    mutable std::optional<Statement> length_;  // asked before every request, hence kept
};

}  // namespace skillet
