// SPDX-License-Identifier: Apache-2.0
#include "registry/serving.h"

#include <optional>

#include <fmt/format.h>

#include "manifest/semver_range.h"

namespace skillet {
namespace {

Result<std::vector<VersionedRow>> verified_versions(const Database &database, std::string_view id,
                                                    std::string_view condition) {
    SKL_TRY_ASSIGN(
        select,
        select_packages(database, std::string("WHERE b.id = ? AND p.state = ?").append(condition)));
    select.bind(0, id).bind(1, name_of(State::verified));
    return read_sorted(select);
}

// Null if none can.
Result<std::optional<PackageRow>> choose_serving(const Database &database, std::string_view id) {
    SKL_TRY_ASSIGN(able, verified_versions(database, id, " AND p.held_back = 0"));
    if (able.empty()) return std::optional<PackageRow>();
    VersionedRow *best = &able.back();
    for (VersionedRow &package : able) {
        if (package.row.current && package.version.precedence(best->version) == 0) best = &package;
    }
    return std::optional(std::move(best->row));
}

// The versions of its own id that the package says it replaces; null if it says nothing of them.
Result<std::optional<SemverRange>> replaced_versions(const Database &database,
                                                     const PackageRow &package) {
    SKL_TRY_ASSIGN(select, database.prepare("SELECT versions FROM relation WHERE package = ? AND "
                                            "kind = 'replaces' AND id = ?"));
    SKL_TRY_ASSIGN(found, select.bind(0, package.digest.to_string()).bind(1, package.id).step());
    if (!found) return std::optional<SemverRange>();
    auto range = SemverRange::parse(select.text(0));
    if (!range) return damaged_database("a relation has a malformed range", reference_to(package));
    return std::optional(*std::move(range));
}

Error nothing_to_go_back_to(const PackageRow &serving) {
    return make_error(SKL_E_NOT_FOUND,
                      fmt::format("{} serves, and no verified version below it is installed",
                                  reference_to(serving)),
                      serving.id, "install the version to go back to first");
}

}  // namespace

Result<void> update_serving(const Database &database, const std::string &id) {
    SKL_TRY_ASSIGN(chosen, choose_serving(database, id));
    SKL_TRY_ASSIGN(clear, database.prepare("DELETE FROM serving WHERE id = ?"));
    SKL_TRY(clear.bind(0, id).run());
    if (!chosen) return {};
    SKL_TRY_ASSIGN(insert, database.prepare("INSERT INTO serving VALUES (?, ?)"));
    return insert.bind(0, id).bind(1, chosen->digest.to_string()).run();
}

Result<void> hold_back_above(const Database &database, const PackageRow &package) {
    SKL_TRY_ASSIGN(select, select_packages(database, "WHERE b.id = ?"));
    SKL_TRY_ASSIGN(versions, read_sorted(select.bind(0, package.id)));
    SKL_TRY_ASSIGN(own, Semver::parse(package.version));
    SKL_TRY_ASSIGN(update, database.prepare("UPDATE package SET held_back = ? WHERE digest = ?"));
    for (const VersionedRow &version : versions) {
        const bool is_above =
            version.row.digest != package.digest && version.version.precedence(own) >= 0;
        SKL_TRY(update.bind(0, is_above ? 1 : 0).bind(1, version.row.digest.to_string()).run());
    }
    return {};
}

Result<PackageRow> find_predecessor(const Database &database, std::string_view id) {
    SKL_TRY_ASSIGN(select, select_packages(database, "WHERE s.id = ?"));
    SKL_TRY_ASSIGN(serving, read_packages(select.bind(0, id)));
    if (serving.empty()) {
        return make_error(SKL_E_NOT_FOUND, "no version of this skill serves", std::string(id),
                          "`skillet list` shows what is installed, and in which state");
    }
    SKL_TRY_ASSIGN(range, replaced_versions(database, serving.front()));
    SKL_TRY_ASSIGN(own, Semver::parse(serving.front().version));
    SKL_TRY_ASSIGN(versions, verified_versions(database, id, ""));
    const VersionedRow *best = nullptr;
    bool best_is_replaced = false;
    for (const VersionedRow &version : versions) {  // oldest first
        if (version.version.precedence(own) >= 0) break;
        const bool is_replaced = range && range->contains(version.version);
        if (best_is_replaced && !is_replaced) continue;
        best = &version;
        best_is_replaced = is_replaced;
    }
    return best != nullptr ? Result<PackageRow>(best->row) : nothing_to_go_back_to(serving.front());
}

Result<std::vector<std::string>> ids_served_wrongly(const Database &database) {
    SKL_TRY_ASSIGN(select, database.prepare("SELECT b.id, max(s.package) FROM package p "
                                            "JOIN binding b ON b.digest = p.digest "
                                            "LEFT JOIN serving s ON s.id = b.id GROUP BY b.id"));
    std::vector<std::string> wrong;
    for (;;) {
        SKL_TRY_ASSIGN(found, select.step());
        if (!found) return wrong;
        std::string id = select.text(0);
        SKL_TRY_ASSIGN(chosen, choose_serving(database, id));
        if (select.text(1) != (chosen ? chosen->digest.to_string() : "")) {
            wrong.push_back(std::move(id));
        }
    }
}

}  // namespace skillet
