// SPDX-License-Identifier: Apache-2.0
#include "registry/relation_table.h"

#include <span>
#include <string_view>

namespace skillet {
namespace {

constexpr std::string_view depends = "depends";
constexpr std::string_view conflicts = "conflicts";
constexpr std::string_view replaces = "replaces";

// The columns of a row of read_installation(): a package, and one of its relations or nothing.
enum Column { package_digest, package_id, version, state, kind, related_id, versions, pin };

constexpr std::string_view select_installation =
    "SELECT p.digest, b.id, b.version, p.state, ifnull(r.kind, ''), r.id, r.versions, r.digest "
    "FROM package p JOIN binding b ON b.digest = p.digest "
    "LEFT JOIN relation r ON r.package = p.digest ORDER BY p.digest, r.kind, r.position";

Error damaged(std::string subject) {
    return make_error(
        SKL_E_STORE_CORRUPT, "a package or one of its relations is not as it was written",
        std::move(subject), "someone or something changed the database; compare it with a backup");
}

Result<InstalledPackage> read_package(const Statement &row) {
    const auto digest = Digest::parse(row.text(package_digest));
    auto parsed = Semver::parse(row.text(version));
    const std::optional<State> known = state_of(row.text(state));
    if (!digest || !parsed || !known) return damaged(row.text(package_digest));
    return InstalledPackage{*digest, row.text(package_id), *std::move(parsed), *known, {}};
}

Result<void> read_relation(const Statement &row, Relations &relations) {
    auto range = SemverRange::parse(row.text(versions));
    if (!range) return damaged(row.text(package_digest));
    Relation relation{row.text(related_id), *std::move(range), {}};
    if (const std::string text = row.text(pin); !text.empty()) {
        const auto digest = Digest::parse(text);
        if (!digest) return damaged(row.text(package_digest));
        relation.digest = *digest;
    }
    const std::string name = row.text(kind);
    if (name == depends) relations.depends.push_back(std::move(relation));
    if (name == conflicts) relations.conflicts.push_back(std::move(relation));
    if (name == replaces) relations.replaces = std::move(relation);
    return {};
}

}  // namespace

Result<void> insert_relations(const Database &database, const Digest &package,
                              const Relations &relations) {
    SKL_TRY_ASSIGN(insert, database.prepare("INSERT INTO relation VALUES (?, ?, ?, ?, ?, ?)"));
    insert.bind(0, package.to_string());
    const auto write = [&](std::string_view name, std::span<const Relation> list) -> Result<void> {
        int64_t position = 0;
        for (const Relation &relation : list) {
            SKL_TRY(insert.bind(1, name)
                        .bind(2, position++)
                        .bind(3, relation.id)
                        .bind(4, relation.range.text())
                        .bind(5, relation.digest ? relation.digest->to_string() : "")
                        .run());
        }
        return {};
    };
    SKL_TRY(write(depends, relations.depends));
    SKL_TRY(write(conflicts, relations.conflicts));
    return relations.replaces ? write(replaces, {&*relations.replaces, 1}) : Result<void>();
}

// One statement, so that no other process changes anything between a package and its relations.
Result<Installation> read_installation(const Database &database) {
    SKL_TRY_ASSIGN(select, database.prepare(std::string(select_installation)));
    std::vector<InstalledPackage> packages;
    for (;;) {
        SKL_TRY_ASSIGN(found, select.step());
        if (!found) return Installation(std::move(packages));
        SKL_TRY_ASSIGN(package, read_package(select));
        if (packages.empty() || packages.back().digest != package.digest) {
            packages.push_back(std::move(package));
        }
        if (select.text(kind).empty()) continue;
        SKL_TRY(read_relation(select, packages.back().relations));
    }
}

}  // namespace skillet
