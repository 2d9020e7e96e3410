// SPDX-License-Identifier: Apache-2.0
#include "manifest/relation.h"

#include <algorithm>

#include <fmt/format.h>

#include "manifest/skill.h"

namespace skillet {
namespace {

constexpr size_t relations_max = 64;

Result<Relation> read_relation(const json::Value &value, const std::string &pointer, Code code,
                               bool may_pin) {
    json::MemberReader reader(value, pointer, code);
    Relation relation;
    SKL_TRY_ASSIGN(id, reader.string("id"));
    if (!is_skill_id(id)) return reader.refuse("id", "must be the id of a skill");
    relation.id = std::move(id);
    SKL_TRY_ASSIGN(range, reader.string("range"));
    auto parsed = SemverRange::parse(range);
    if (!parsed) return reader.refuse("range", parsed.error().message);
    relation.range = *std::move(parsed);
    if (may_pin && reader.optional("digest") != nullptr) {
        SKL_TRY_ASSIGN(text, reader.string("digest"));
        auto digest = Digest::parse(text);
        if (!digest) return reader.refuse("digest", digest.error().message);
        relation.digest = *digest;
    }
    SKL_TRY(reader.done());
    return relation;
}

// A list that names each skill once, and never the one whose list it is.
Result<std::vector<Relation>> read_list(json::MemberReader &reader, std::string_view name,
                                        std::string_view own_id, Code code, bool may_pin) {
    std::vector<Relation> relations;
    if (reader.optional(name) == nullptr) return relations;
    SKL_TRY_ASSIGN(elements, reader.array(name));
    if (elements->size() > relations_max) {
        return reader.refuse(
            name, fmt::format("{} entries; at most {} are read", elements->size(), relations_max));
    }
    for (const json::Value &element : *elements) {
        const std::string pointer =
            json::pointer_join(reader.pointer(name), std::to_string(relations.size()));
        SKL_TRY_ASSIGN(relation, read_relation(element, pointer, code, may_pin));
        if (relation.id == own_id) {
            return make_error(code, "names the skill itself", pointer + "/id");
        }
        const auto same = [&](const Relation &other) { return other.id == relation.id; };
        if (std::ranges::any_of(relations, same)) {
            return make_error(code, fmt::format("names {} again", relation.id), pointer + "/id",
                              "say all of it in one range, such as \">=1.2 <3\"");
        }
        relations.push_back(std::move(relation));
    }
    return relations;
}

}  // namespace

Result<Relations> read_relations(json::MemberReader &reader, std::string_view id, Code code) {
    Relations relations;
    SKL_TRY_ASSIGN(depends, read_list(reader, "depends", id, code, true));
    SKL_TRY_ASSIGN(conflicts, read_list(reader, "conflicts", id, code, false));
    relations.depends = std::move(depends);
    relations.conflicts = std::move(conflicts);
    if (const json::Value *value = reader.optional("replaces")) {
        SKL_TRY_ASSIGN(replaced, read_relation(*value, reader.pointer("replaces"), code, true));
        relations.replaces = std::move(replaced);
    }
    return relations;
}

}  // namespace skillet
