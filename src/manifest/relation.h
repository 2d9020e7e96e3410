// SPDX-License-Identifier: Apache-2.0
// What a skill says about other skills: the members depends, conflicts and replaces of skill.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "json/members.h"
#include "manifest/semver_range.h"

namespace skillet {

// Versions of another skill. Whose relation it is, and which, says where it is kept.
struct Relation {
    std::string id;
    SemverRange range;
    std::optional<Digest> digest;  // exactly this package; conflicts have none

    // "org.example.other ^1.2"
    [[nodiscard]] std::string text() const { return id + " " + range.text(); }
};

struct Relations {
    std::vector<Relation> depends;     // must serve before this skill can
    std::vector<Relation> conflicts;   // must not be needed together with this skill
    std::optional<Relation> replaces;  // what to go back to if this skill disappoints
};

// Reads the three members, all of them optional. `id` is the skill's own, which neither depends nor
// conflicts may name. Errors carry the member's JSON pointer.
[[nodiscard]] Result<Relations> read_relations(json::MemberReader &reader, std::string_view id,
                                               Code code);

}  // namespace skillet
