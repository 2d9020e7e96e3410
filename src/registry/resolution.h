// SPDX-License-Identifier: Apache-2.0
// Which packages a package needs: its dependencies, theirs, and so on, each as one digest. A pure
// function of what is installed: docs/formats/dependencies.md.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "manifest/relation.h"
#include "manifest/semver.h"
#include "registry/state.h"

namespace skillet {

// A package as resolution sees it.
struct InstalledPackage {
    Digest digest;
    std::string id;
    Semver version;
    State state = State::installed;
    Relations relations;

    // "org.example.other@1.2.0"
    [[nodiscard]] std::string text() const { return id + "@" + version.text(); }
};

// Everything that is installed at one moment. Immutable.
class Installation {
public:
    Installation() = default;
    explicit Installation(std::vector<InstalledPackage> packages);

    // By id, then version: oldest first.
    [[nodiscard]] const std::vector<InstalledPackage> &packages() const { return packages_; }
    // The versions of one id, oldest first.
    [[nodiscard]] std::span<const InstalledPackage> versions(const std::string &id) const;
    [[nodiscard]] const InstalledPackage *find(const Digest &digest) const;

private:
    std::vector<InstalledPackage> packages_;
    std::map<Digest, size_t> places_;
};

struct Resolution {
    // A package that is needed, and the path to it, such as "org.a.b@1.0.0 -> org.c.d@2.1.0". Long
    // paths are shortened in the middle.
    struct Need {
        Digest digest;
        std::string id;
        std::string version;
        std::string path;
    };
    std::vector<Need> needs;       // without the package itself; each after all that it needs
    std::optional<Need> replaced;  // the newest that `replaces` means, in whatever state it is
};

// Resolves what `package` needs, at most 1024 packages; it need not be installed itself. Of the
// verified versions in a range the newest is taken. SKL_E_DEPENDENCY_UNSATISFIED, with the path as
// its subject, if one is missing or does not serve, if skills depend on each other in a circle, or
// if two that are needed together conflict. `without` names a package that counts as not installed.
[[nodiscard]] Result<Resolution> resolve(const Installation &installation,
                                         const InstalledPackage &package,
                                         const std::optional<Digest> &without = {});

// The verified packages whose needs are met now and would not be met without this one.
[[nodiscard]] std::vector<const InstalledPackage *> dependants_of(const Installation &installation,
                                                                  const Digest &digest);
// They would point into what is gone.
std::vector<const InstalledPackage *> dependants_of(Installation &&, const Digest &) = delete;

}  // namespace skillet
