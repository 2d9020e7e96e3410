// SPDX-License-Identifier: Apache-2.0
// Installed packages for tests of resolution, written down in short:
//
//     installed("org.a@1.0.0", {.depends = {"org.b ^1"}, .conflicts = {"org.c *"}})
#pragma once

#include <string>
#include <vector>

#include "registry/resolution.h"
#include "testing/made.h"

namespace skillet::testing {

// "ID RANGE", or "ID RANGE #" with the digest that installed() gives this "ID@VERSION" behind '#'.
inline Relation relation(const std::string &text) {
    const size_t space = text.find(' ');
    const size_t hash = text.find(" #");
    Relation out{text.substr(0, space),
                 made(SemverRange::parse(text.substr(space + 1, hash - space - 1))),
                 {}};
    if (hash != std::string::npos) out.digest = sha256(text.substr(hash + 2));
    return out;
}

struct RelationTexts {
    std::vector<std::string> depends = {};
    std::vector<std::string> conflicts = {};
    std::string replaces = {};
    State state = State::verified;
};

inline InstalledPackage installed(const std::string &name, const RelationTexts &texts = {}) {
    const size_t at = name.find('@');
    InstalledPackage package;
    package.digest = sha256(name);
    package.id = name.substr(0, at);
    package.version = made(Semver::parse(name.substr(at + 1)));
    package.state = texts.state;
    for (const std::string &text : texts.depends) {
        package.relations.depends.push_back(relation(text));
    }
    for (const std::string &text : texts.conflicts) {
        package.relations.conflicts.push_back(relation(text));
    }
    if (!texts.replaces.empty()) package.relations.replaces = relation(texts.replaces);
    return package;
}

}  // namespace skillet::testing
