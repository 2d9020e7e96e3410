// SPDX-License-Identifier: Apache-2.0
// Functions in the unnamed namespace run with the lock held, and those that write, inside a
// transaction.
#include "registry/registry.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "manifest/semver.h"
#include "registry/blob_table.h"
#include "registry/relation_table.h"
#include "registry/serving.h"

namespace skillet {
namespace {

constexpr uint64_t bytes_max = std::numeric_limits<int64_t>::max();

Result<std::vector<PackageRow>> read_sorted_rows(Statement &statement) {
    SKL_TRY_ASSIGN(packages, read_sorted(statement));
    std::vector<PackageRow> rows;
    rows.reserve(packages.size());
    for (VersionedRow &package : packages) rows.push_back(std::move(package.row));
    return rows;
}

Result<void> check_storable(const PackageRow &package, const std::vector<PackageBlob> &blobs) {
    SKL_TRY(Semver::parse(package.version));
    uint64_t largest = package.bytes;
    for (const PackageBlob &blob : blobs) largest = std::max(largest, blob.bytes);
    if (largest > bytes_max) {
        return make_error(
            SKL_E_INVALID_ARGUMENT,
            fmt::format("a size of {} bytes; at most {} are possible", largest, bytes_max),
            reference_to(package));
    }
    return {};
}

Error conflict(const PackageRow &package, const PackageRow &bound) {
    return make_error(
        SKL_E_CONFLICT,
        fmt::format("{} is bound to {} in this root; this package is {} {}", reference_to(bound),
                    bound.digest.to_string(), reference_to(package), package.digest.to_string()),
        reference_to(package), "give the changed package a new version");
}

// Binds (id, version) to the digest, or finds that it is bound so already.
Result<void> bind_version(const Database &database, const PackageRow &package) {
    const std::string digest = package.digest.to_string();
    SKL_TRY_ASSIGN(select, database.prepare("SELECT digest, id, version FROM binding "
                                            "WHERE digest = ? OR (id = ? AND version = ?)"));
    select.bind(0, digest).bind(1, package.id).bind(2, package.version);
    bool is_bound = false;
    for (;;) {
        SKL_TRY_ASSIGN(found, select.step());
        if (!found) break;
        PackageRow bound;
        SKL_TRY_ASSIGN(bound_digest, read_digest(select, 0));
        bound.digest = bound_digest;
        bound.id = select.text(1);
        bound.version = select.text(2);
        is_bound = bound.digest == package.digest && bound.id == package.id &&
                   bound.version == package.version;
        if (!is_bound) return conflict(package, bound);
    }
    if (is_bound) return {};
    SKL_TRY_ASSIGN(insert, database.prepare("INSERT INTO binding VALUES (?, ?, ?)"));
    return insert.bind(0, digest).bind(1, package.id).bind(2, package.version).run();
}

Result<void> insert_package(const Database &database, const PackageRow &package,
                            std::string_view now) {
    SKL_TRY_ASSIGN(insert,
                   database.prepare("INSERT INTO package (digest, state, state_reason, bytes, "
                                    "installed_at) VALUES (?, ?, '', ?, ?)"));
    return insert.bind(0, package.digest.to_string())
        .bind(1, name_of(State::installed))
        .bind(2, static_cast<int64_t>(package.bytes))
        .bind(3, now)
        .run();
}

Result<Edge> edge_of(const PackageRow &package, Trigger trigger) {
    Result<Edge> edge = edge_for(package.state, trigger);
    if (!edge) edge.error().subject = reference_to(package);
    return edge;
}

Result<void> set_state(const Database &database, const Digest &digest, State state,
                       std::string_view reason, Code cause) {
    SKL_TRY_ASSIGN(update, database.prepare("UPDATE package SET state = ?, state_reason = ?, "
                                            "state_code = ? WHERE digest = ?"));
    return update.bind(0, name_of(state))
        .bind(1, reason)
        .bind(2, cause)
        .bind(3, digest.to_string())
        .run();
}

Result<void> check_same_installation(const Database &database, const Digest &digest,
                                     int64_t seen_at) {
    SKL_TRY_ASSIGN(package, get_package(database, digest));
    SKL_TRY_ASSIGN(select, database.prepare("SELECT 1 FROM ledger WHERE id = ? AND digest = ? AND "
                                            "\"trigger\" = ? AND sequence > ? LIMIT 1"));
    select.bind(0, package.id).bind(1, digest.to_string()).bind(2, name_of(Trigger::install));
    SKL_TRY_ASSIGN(is_new, select.bind(3, seen_at).step());
    if (!is_new) return {};
    return make_error(SKL_E_CONFLICT, "the package was removed and installed again meanwhile",
                      reference_to(package), "look at it again");
}

Result<void> delete_package(const Database &database, const Digest &digest) {
    SKL_TRY_ASSIGN(statement, database.prepare("DELETE FROM package WHERE digest = ?"));
    return statement.bind(0, digest.to_string()).run();
}

Result<void> compare_states(const Database &database, std::map<Digest, std::string> expected) {
    SKL_TRY_ASSIGN(select, select_packages(database, ""));
    SKL_TRY_ASSIGN(packages, read_packages(select));
    for (const PackageRow &package : packages) {
        const auto entry = expected.find(package.digest);
        if (entry == expected.end() || entry->second != name_of(package.state)) {
            return damaged_database(
                fmt::format("the package is {}, but the ledger says {}", name_of(package.state),
                            entry == expected.end() ? "absent" : entry->second),
                package.digest.to_string());
        }
        expected.erase(entry);
    }
    if (expected.empty()) return {};
    return damaged_database(
        fmt::format("the package is absent, but the ledger says {}", expected.begin()->second),
        expected.begin()->first.to_string());
}

Result<void> compare_bindings(const Database &database) {
    SKL_TRY_ASSIGN(select, database.prepare("SELECT l.digest FROM ledger l LEFT JOIN binding b "
                                            "ON b.digest = l.digest WHERE b.id IS NOT l.id "
                                            "OR b.version IS NOT l.version LIMIT 1"));
    SKL_TRY_ASSIGN(found, select.step());
    if (!found) return {};
    return damaged_database("the id or version of the package is not the one in the ledger",
                            select.text(0));
}

}  // namespace

std::string utc_now() { return utc_text(std::chrono::system_clock::now()); }

std::string utc_text(std::chrono::system_clock::time_point moment) {
    using namespace std::chrono;
    const auto now = floor<milliseconds>(moment);
    const auto today = floor<days>(now);
    const year_month_day date(today);
    const hh_mm_ss time(now - today);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

Registry::Registry(Database database, TimestampSource now, std::string actor)
    : database_(std::move(database)), now_(std::move(now)), actor_(std::move(actor)) {}

Result<void> Registry::record(const PackageRow &package, const Edge &edge,
                              std::string_view reason) {
    LedgerRow row;
    row.at = now_();
    row.actor = actor_;
    row.trigger = name_of(edge.trigger);
    if (edge.from) row.from = name_of(*edge.from);
    if (edge.to) row.to = name_of(*edge.to);
    row.reason = reason;
    row.digest = package.digest;
    row.id = package.id;
    row.version = package.version;
    return Ledger(database_).append(std::move(row));
}

Result<void> Registry::add(const PackageRow &package, const std::vector<PackageBlob> &blobs,
                           const Relations &relations) {
    SKL_TRY(check_storable(package, blobs));
    const std::scoped_lock lock(mutex_);
    return database_.transact([&]() -> Result<void> {
        SKL_TRY(bind_version(database_, package));
        SKL_TRY_ASSIGN(present, find_package(database_, package.digest));
        if (present && present->state == State::retired) {
            return make_error(SKL_E_RETIRED, "the package is installed, but retired",
                              reference_to(package), "reinstate it instead");
        }
        if (present) return add_blobs(database_, package.digest, blobs);
        SKL_TRY_ASSIGN(edge, edge_for(std::nullopt, Trigger::install));
        SKL_TRY(insert_package(database_, package, now_()));
        SKL_TRY(insert_blobs(database_, package.digest, blobs));
        SKL_TRY(insert_relations(database_, package.digest, relations));
        return record(package, edge, "");
    });
}

Result<Edge> Registry::take_edge(const Digest &digest, Trigger trigger, std::string_view reason,
                                 Code cause) {
    SKL_TRY_ASSIGN(package, get_package(database_, digest));
    SKL_TRY_ASSIGN(edge, edge_of(package, trigger));
    if (!edge.to || edge.to == edge.from) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          fmt::format("'{}' is not a change of state", name_of(trigger)),
                          reference_to(package), "remove the package, or make it serve, instead");
    }
    if (trigger == Trigger::retire) SKL_TRY(check_in_no_set(database_, package));
    SKL_TRY(set_state(database_, digest, *edge.to, reason, cause));
    SKL_TRY(record(package, edge, reason));
    if (edge.from == State::verified || edge.to == State::verified) {
        SKL_TRY(update_serving(database_, package.id));
    }
    return edge;
}

Result<void> Registry::serve_now(const Digest &digest, std::string_view reason) {
    SKL_TRY_ASSIGN(package, get_package(database_, digest));
    SKL_TRY_ASSIGN(edge, edge_of(package, Trigger::rollback));
    SKL_TRY(hold_back_above(database_, package));
    SKL_TRY(record(package, edge, reason));
    return update_serving(database_, package.id);
}

Result<std::vector<Digest>> Registry::delete_rows(const Digest &digest, std::string_view reason) {
    SKL_TRY_ASSIGN(package, get_package(database_, digest));
    SKL_TRY_ASSIGN(edge, edge_of(package, Trigger::remove));
    SKL_TRY(check_in_no_set(database_, package));
    SKL_TRY_ASSIGN(blobs, blobs_only_of(database_, digest));
    SKL_TRY(delete_package(database_, digest));
    SKL_TRY(record(package, edge, reason));
    return std::move(blobs);
}

Result<Edge> Registry::transition(const Digest &digest, Trigger trigger, std::string_view reason,
                                  Code cause) {
    const std::scoped_lock lock(mutex_);
    Edge taken{};
    const Result<void> moved = database_.transact([&]() -> Result<void> {
        SKL_TRY_ASSIGN(edge, take_edge(digest, trigger, reason, cause));
        taken = edge;
        return {};
    });
    if (!moved) return moved.error();
    return taken;
}

Result<Edge> Registry::fail(const Digest &digest, std::string_view reason, Code cause,
                            int64_t seen_at) {
    const std::scoped_lock lock(mutex_);
    Edge taken{};
    const Result<void> moved = database_.transact([&]() -> Result<void> {
        SKL_TRY(check_same_installation(database_, digest, seen_at));
        SKL_TRY_ASSIGN(edge, take_edge(digest, Trigger::fail, reason, cause));
        taken = edge;
        return {};
    });
    if (!moved) return moved.error();
    return taken;
}

Result<void> Registry::serve(const Digest &digest, std::string_view reason) {
    const std::scoped_lock lock(mutex_);
    return database_.transact([&] { return serve_now(digest, reason); });
}

Result<PackageRow> Registry::predecessor(std::string_view id) const {
    const std::scoped_lock lock(mutex_);
    return find_predecessor(database_, id);
}

Result<void> Registry::save_known_good(std::string_view name, std::string_view reason) {
    SKL_TRY(check_set_name(name));
    const std::scoped_lock lock(mutex_);
    return database_.transact([&] { return insert_known_good(database_, name, now_(), reason); });
}

Result<void> Registry::restore_known_good(std::string_view name, std::string_view reason) {
    const std::scoped_lock lock(mutex_);
    return database_.transact([&]() -> Result<void> {
        SKL_TRY_ASSIGN(set, get_known_good(database_, name));
        for (const PackageRow &member : set.members) {
            if (!member.current) SKL_TRY(serve_now(member.digest, reason));
        }
        return {};
    });
}

Result<void> Registry::remove_known_good(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    return database_.transact([&] { return delete_known_good(database_, name); });
}

Result<std::vector<KnownGoodSet>> Registry::known_good() const {
    const std::scoped_lock lock(mutex_);
    return read_known_good(database_);
}

Result<std::vector<Digest>> Registry::remove(const Digest &digest, std::string_view reason) {
    const std::scoped_lock lock(mutex_);
    std::vector<Digest> unreachable;
    const Result<void> removed = database_.transact([&]() -> Result<void> {
        SKL_TRY_ASSIGN(blobs, delete_rows(digest, reason));
        unreachable = std::move(blobs);
        return {};
    });
    if (!removed) return removed.error();
    return unreachable;
}

Result<std::vector<Digest>> Registry::retire_and_remove(const Digest &digest,
                                                        std::string_view reason) {
    const std::scoped_lock lock(mutex_);
    std::vector<Digest> unreachable;
    const Result<void> removed = database_.transact([&]() -> Result<void> {
        SKL_TRY_ASSIGN(package, get_package(database_, digest));
        if (!edge_for(package.state, Trigger::remove)) {
            SKL_TRY(take_edge(digest, Trigger::retire, reason, SKL_OK));
        }
        SKL_TRY_ASSIGN(blobs, delete_rows(digest, reason));
        unreachable = std::move(blobs);
        return {};
    });
    if (!removed) return removed.error();
    return unreachable;
}

Result<std::optional<PackageRow>> Registry::find(const Digest &digest) const {
    const std::scoped_lock lock(mutex_);
    return find_package(database_, digest);
}

Result<std::vector<Digest>> Registry::packages_with(const Digest &blob) const {
    const std::scoped_lock lock(mutex_);
    SKL_TRY_ASSIGN(select, database_.prepare("SELECT package FROM package_blob WHERE blob = ? "
                                             "ORDER BY package"));
    return read_digests(select.bind(0, blob.to_string()));
}

Result<std::vector<Digest>> Registry::blobs_of(const Digest &package) const {
    const std::scoped_lock lock(mutex_);
    SKL_TRY_ASSIGN(select, database_.prepare("SELECT blob FROM package_blob WHERE package = ? "
                                             "ORDER BY blob"));
    return read_digests(select.bind(0, package.to_string()));
}

Result<void> Registry::rewrite_rows(const Digest &package, const std::vector<PackageBlob> &blobs,
                                    const Relations &relations) {
    const std::scoped_lock lock(mutex_);
    return database_.transact([&]() -> Result<void> {
        SKL_TRY(get_package(database_, package));
        for (const char *table : {"package_blob", "relation"}) {
            SKL_TRY_ASSIGN(
                clear, database_.prepare(fmt::format("DELETE FROM {} WHERE package = ?", table)));
            SKL_TRY(clear.bind(0, package.to_string()).run());
        }
        SKL_TRY(insert_blobs(database_, package, blobs));
        return insert_relations(database_, package, relations);
    });
}

Result<std::map<Digest, uint64_t>> Registry::needed_blobs() const {
    const std::scoped_lock lock(mutex_);
    SKL_TRY_ASSIGN(select, database_.prepare("SELECT DISTINCT blob, bytes FROM package_blob"));
    std::map<Digest, uint64_t> blobs;
    for (;;) {
        SKL_TRY_ASSIGN(found, select.step());
        if (!found) return blobs;
        SKL_TRY_ASSIGN(blob, read_digest(select, 0));
        blobs.emplace(blob, static_cast<uint64_t>(select.integer(1)));
    }
}

Result<std::optional<Digest>> Registry::current(std::string_view id) const {
    const std::scoped_lock lock(mutex_);
    SKL_TRY_ASSIGN(select, database_.prepare("SELECT package FROM serving WHERE id = ?"));
    SKL_TRY_ASSIGN(found, select.bind(0, id).step());
    if (!found) return std::optional<Digest>();
    SKL_TRY_ASSIGN(digest, read_digest(select, 0));
    return std::optional(digest);
}

Result<std::vector<PackageRow>> Registry::list() const {
    const std::scoped_lock lock(mutex_);
    SKL_TRY_ASSIGN(select, select_packages(database_, ""));
    return read_sorted_rows(select);
}

Result<std::vector<PackageRow>> Registry::versions(std::string_view id) const {
    const std::scoped_lock lock(mutex_);
    SKL_TRY_ASSIGN(select, select_packages(database_, "WHERE b.id = ?"));
    select.bind(0, id);
    return read_sorted_rows(select);
}

Result<std::vector<PackageRow>> Registry::retired(std::string_view by) const {
    const std::scoped_lock lock(mutex_);
    SKL_TRY_ASSIGN(
        select,
        select_packages(database_,
                        "WHERE p.state = ?1 AND NOT EXISTS (SELECT 1 FROM known_good_member k "
                        "WHERE k.package = p.digest) AND (?2 = '' OR (SELECT l.at FROM ledger l "
                        "WHERE l.id = b.id AND l.digest = p.digest "
                        "ORDER BY l.sequence DESC LIMIT 1) <= ?2)"));
    select.bind(0, name_of(State::retired)).bind(1, by);
    return read_sorted_rows(select);
}

Result<std::vector<IndexEntry>> Registry::index_entries(
    const std::optional<Digest> &package) const {
    const std::scoped_lock lock(mutex_);
    SKL_TRY_ASSIGN(
        select,
        database_.prepare("SELECT p.package, b.id, b.version, p.blob, p.bytes, p.artifact_type "
                          "FROM package_blob p JOIN binding b ON b.digest = p.package "
                          "WHERE p.artifact_type <> '' AND (?1 = '' OR p.package = ?1) "
                          "ORDER BY p.package, p.blob"));
    select.bind(0, package ? package->to_string() : "");
    std::vector<IndexEntry> entries;
    for (;;) {
        SKL_TRY_ASSIGN(found, select.step());
        if (!found) return entries;
        SKL_TRY_ASSIGN(owner, read_digest(select, 0));
        SKL_TRY_ASSIGN(blob, read_digest(select, 3));
        entries.push_back({owner,
                           select.text(1),
                           select.text(2),
                           {blob, static_cast<uint64_t>(select.integer(4)), select.text(5)}});
    }
}

Result<Installation> Registry::installation() const {
    const std::scoped_lock lock(mutex_);
    return read_installation(database_);
}

Result<std::vector<LedgerRow>> Registry::history(std::string_view id) const {
    const std::scoped_lock lock(mutex_);
    return Ledger(database_).history(id);
}

Result<int64_t> Registry::generation() const {
    const std::scoped_lock lock(mutex_);
    if (!length_) {
        SKL_TRY_ASSIGN(query, Ledger(database_).query_length());
        length_ = std::move(query);
    }
    SKL_TRY(length_->step());
    const int64_t length = length_->integer(0);
    SKL_TRY(length_->step());  // to its end, so that it holds no read lock
    return length;
}

Result<void> Registry::verify_ledger() const {
    const std::scoped_lock lock(mutex_);
    return database_.look([&]() -> Result<void> {
        SKL_TRY_ASSIGN(states, Ledger(database_).verify());
        SKL_TRY(compare_states(database_, std::move(states)));
        return compare_bindings(database_);
    });
}

Result<std::vector<std::string>> Registry::served_wrongly() const {
    const std::scoped_lock lock(mutex_);
    return ids_served_wrongly(database_);
}

Result<void> Registry::mend_serving() {
    const std::scoped_lock lock(mutex_);
    return database_.transact([&]() -> Result<void> {
        SKL_TRY_ASSIGN(wrong, ids_served_wrongly(database_));
        for (const std::string &id : wrong) SKL_TRY(update_serving(database_, id));
        return {};
    });
}

Result<std::vector<std::string>> Registry::check_database() const {
    const std::scoped_lock lock(mutex_);
    return database_.check();
}

}  // namespace skillet
