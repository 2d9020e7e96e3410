// SPDX-License-Identifier: Apache-2.0
#include "registry/package_table.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr std::string_view package_columns =
    "SELECT p.digest, b.id, b.version, p.state, s.id IS NOT NULL, p.bytes, p.installed_at, "
    "p.state_reason, p.state_code, p.held_back FROM package p JOIN binding b ON b.digest = "
    "p.digest "
    "LEFT JOIN serving s ON s.package = p.digest ";

Result<PackageRow> read_package(const Statement &row) {
    SKL_TRY_ASSIGN(digest, read_digest(row, 0));
    const std::optional<State> state = state_of(row.text(3));
    if (!state) return damaged_database("a package is in no known state", digest.to_string());
    return PackageRow{digest,
                      row.text(1),
                      row.text(2),
                      *state,
                      row.integer(4) != 0,
                      static_cast<uint64_t>(row.integer(5)),
                      row.text(6),
                      row.text(7),
                      static_cast<Code>(row.integer(8)),
                      row.integer(9) != 0};
}

// By id, then precedence, then text.
bool comes_before(const VersionedRow &a, const VersionedRow &b) {
    if (a.row.id != b.row.id) return a.row.id < b.row.id;
    const std::weak_ordering order = a.version.precedence(b.version);
    return order != 0 ? order < 0 : a.row.version < b.row.version;
}

}  // namespace

std::string reference_to(const PackageRow &package) {
    return fmt::format("{}@{}", package.id, package.version);
}

Error damaged_database(std::string message, std::string subject) {
    return make_error(SKL_E_STORE_CORRUPT, std::move(message), std::move(subject),
                      "someone or something changed the database; compare it with a backup");
}

Result<Digest> read_digest(const Statement &row, int column) {
    const std::string text = row.text(column);
    const Result<Digest> digest = Digest::parse(text);
    if (!digest) return damaged_database("the database holds something that is not a digest", text);
    return *digest;
}

Result<std::vector<Digest>> read_digests(Statement &statement) {
    std::vector<Digest> digests;
    for (;;) {
        SKL_TRY_ASSIGN(found, statement.step());
        if (!found) return digests;
        SKL_TRY_ASSIGN(digest, read_digest(statement, 0));
        digests.push_back(digest);
    }
}

Result<Statement> select_packages(const Database &database, std::string_view condition) {
    return database.prepare(std::string(package_columns).append(condition));
}

Result<std::vector<PackageRow>> read_packages(Statement &statement) {
    std::vector<PackageRow> packages;
    for (;;) {
        SKL_TRY_ASSIGN(found, statement.step());
        if (!found) return packages;
        SKL_TRY_ASSIGN(package, read_package(statement));
        packages.push_back(std::move(package));
    }
}

Result<std::optional<PackageRow>> find_package(const Database &database, const Digest &digest) {
    SKL_TRY_ASSIGN(statement, select_packages(database, "WHERE p.digest = ?"));
    SKL_TRY_ASSIGN(found, statement.bind(0, digest.to_string()).step());
    if (!found) return std::optional<PackageRow>();
    SKL_TRY_ASSIGN(package, read_package(statement));
    return std::optional(std::move(package));
}

Result<PackageRow> get_package(const Database &database, const Digest &digest) {
    SKL_TRY_ASSIGN(package, find_package(database, digest));
    if (!package) {
        return make_error(SKL_E_NOT_FOUND, "there is no such package", digest.to_string(),
                          "list the packages that are installed");
    }
    return *std::move(package);
}

Result<std::vector<VersionedRow>> read_sorted(Statement &statement) {
    SKL_TRY_ASSIGN(rows, read_packages(statement));
    std::vector<VersionedRow> packages;
    packages.reserve(rows.size());
    for (PackageRow &row : rows) {
        Result<Semver> version = Semver::parse(row.version);
        if (!version)
            return damaged_database("a package has a malformed version", reference_to(row));
        packages.push_back({std::move(row), *std::move(version)});
    }
    std::ranges::sort(packages, comes_before);
    return packages;
}

}  // namespace skillet
