// SPDX-License-Identifier: Apache-2.0
#include "registry/known_good.h"

#include <algorithm>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr size_t name_bytes_max = 64;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

Error not_found(std::string_view name, const std::vector<KnownGoodSet> &sets) {
    std::vector<std::string> names;
    for (const KnownGoodSet &set : sets) names.push_back(set.name);
    return make_error(SKL_E_NOT_FOUND,
                      names.empty() ? "no known-good set was saved"
                                    : fmt::format("no known-good set of this name; there are {}",
                                                  fmt::join(names, ", ")),
                      std::string(name), "`skillet known-good save NAME` saves what serves now");
}

Result<bool> is_taken(const Database &database, std::string_view name) {
    SKL_TRY_ASSIGN(select, database.prepare("SELECT 1 FROM known_good WHERE name = ?"));
    return select.bind(0, name).step();
}

}  // namespace

Result<void> check_set_name(std::string_view name) {
    if (!name.empty() && name.size() <= name_bytes_max &&
        std::all_of(name.begin(), name.end(), is_name_character)) {
        return {};
    }
    return make_error(SKL_E_INVALID_ARGUMENT, "not a name for a known-good set", std::string(name),
                      "use 1 to 64 of a-z, 0-9, '.', '_' and '-'");
}

Result<void> insert_known_good(const Database &database, std::string_view name,
                               std::string_view now, std::string_view reason) {
    SKL_TRY_ASSIGN(taken, is_taken(database, name));
    if (taken) {
        return make_error(SKL_E_CONFLICT, "there is a known-good set of this name",
                          std::string(name), "remove it first, or choose another name");
    }
    SKL_TRY_ASSIGN(serving, database.prepare("SELECT 1 FROM serving LIMIT 1"));
    SKL_TRY_ASSIGN(any, serving.step());
    if (!any) {
        return make_error(SKL_E_NOT_FOUND, "no skill serves: there is nothing to save",
                          std::string(name), "install and verify one first");
    }
    SKL_TRY_ASSIGN(insert, database.prepare("INSERT INTO known_good VALUES (?, ?, ?)"));
    SKL_TRY(insert.bind(0, name).bind(1, now).bind(2, reason).run());
    SKL_TRY_ASSIGN(members, database.prepare("INSERT INTO known_good_member "
                                             "SELECT ?, package FROM serving"));
    return members.bind(0, name).run();
}

Result<void> delete_known_good(const Database &database, std::string_view name) {
    SKL_TRY(get_known_good(database, name));
    SKL_TRY_ASSIGN(statement, database.prepare("DELETE FROM known_good WHERE name = ?"));
    return statement.bind(0, name).run();
}

Result<std::vector<KnownGoodSet>> read_known_good(const Database &database) {
    SKL_TRY_ASSIGN(select, database.prepare("SELECT name, saved_at, reason FROM known_good "
                                            "ORDER BY name"));
    std::vector<KnownGoodSet> sets;
    for (;;) {
        SKL_TRY_ASSIGN(found, select.step());
        if (!found) return sets;
        KnownGoodSet set{select.text(0), select.text(1), select.text(2), {}};
        SKL_TRY_ASSIGN(members, select_packages(database,
                                                "JOIN known_good_member k ON k.package = p.digest "
                                                "WHERE k.name = ? ORDER BY b.id"));
        SKL_TRY_ASSIGN(rows, read_packages(members.bind(0, set.name)));
        set.members = std::move(rows);
        sets.push_back(std::move(set));
    }
}

Result<KnownGoodSet> get_known_good(const Database &database, std::string_view name) {
    SKL_TRY_ASSIGN(sets, read_known_good(database));
    const auto set = std::find_if(sets.begin(), sets.end(),
                                  [&](const KnownGoodSet &one) { return one.name == name; });
    return set != sets.end() ? Result<KnownGoodSet>(std::move(*set)) : not_found(name, sets);
}

Result<void> check_in_no_set(const Database &database, const PackageRow &package) {
    SKL_TRY_ASSIGN(select, database.prepare("SELECT name FROM known_good_member WHERE package = ? "
                                            "ORDER BY name"));
    SKL_TRY_ASSIGN(found, select.bind(0, package.digest.to_string()).step());
    if (!found) return {};
    return make_error(
        SKL_E_DEPENDENCY_UNSATISFIED,
        fmt::format("{} is in the known-good set '{}'", reference_to(package), select.text(0)),
        select.text(0), "remove that set first: `skillet known-good remove NAME`");
}

}  // namespace skillet
