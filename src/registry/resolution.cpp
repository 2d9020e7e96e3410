// SPDX-License-Identifier: Apache-2.0
// One walk, depth first. Which package a dependency means follows from the dependency and from what
// is installed, never from the way to it, so nothing is tried twice and nothing is taken back
// (docs/decisions/0008-dependencies-are-picked-not-searched.md).
#include "registry/resolution.h"

#include <algorithm>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr size_t needs_max = 1024;
constexpr size_t path_steps_max = 12;

bool comes_before(const InstalledPackage &a, const InstalledPackage &b) {
    if (a.id != b.id) return a.id < b.id;
    const std::weak_ordering order = a.version.precedence(b.version);
    return order != 0 ? order < 0 : a.version.text() < b.version.text();
}

Error unsatisfied(std::string message, std::string path, std::string hint) {
    return make_error(SKL_E_DEPENDENCY_UNSATISFIED, std::move(message), std::move(path),
                      std::move(hint));
}

// "a -> b -> c", without its middle if it is long.
std::string join_path(const std::vector<std::string> &steps) {
    if (steps.size() <= path_steps_max) return fmt::format("{}", fmt::join(steps, " -> "));
    const auto half = static_cast<std::ptrdiff_t>(path_steps_max / 2);
    return fmt::format(
        "{} -> ({} more) -> {}", fmt::join(steps.begin(), steps.begin() + half, " -> "),
        steps.size() - path_steps_max, fmt::join(steps.end() - half, steps.end(), " -> "));
}

bool excludes(const InstalledPackage &package, const InstalledPackage &candidate) {
    return std::ranges::any_of(package.relations.conflicts, [&](const Relation &conflict) {
        return conflict.id == candidate.id && conflict.range.contains(candidate.version);
    });
}

class Walk {
public:
    Walk(const Installation &installation, const InstalledPackage &start,
         const std::optional<Digest> &without)
        : installation_(installation), start_(start), without_(without) {}

    // Visits everything that is needed, each package once it is known what it needs itself.
    Result<void> run() {
        SKL_TRY(enter(start_));
        while (!open_.empty()) {
            Frame &frame = open_.back();
            const std::vector<Relation> &depends = frame.package->relations.depends;
            if (frame.next < depends.size()) {
                SKL_TRY_ASSIGN(picked, pick(*frame.package, depends[frame.next]));
                ++frame.next;
                SKL_TRY(enter(*picked));
            } else {
                SKL_TRY(leave());
            }
        }
        return check_conflicts();
    }

    [[nodiscard]] std::vector<Resolution::Need> needs() const {
        std::vector<Resolution::Need> needs;
        for (const InstalledPackage *package : done_) {
            if (package == &start_) continue;
            needs.push_back(
                {package->digest, package->id, package->version.text(), path_to(*package)});
        }
        return needs;
    }

private:
    struct Frame {
        const InstalledPackage *package;
        size_t next = 0;  // of its dependencies
    };
    struct Visit {
        const InstalledPackage *from;  // null: the start
        bool open = true;
    };

    Result<void> enter(const InstalledPackage &package) {
        const InstalledPackage *from = open_.empty() ? nullptr : open_.back().package;
        const auto [visit, is_new] = visits_.emplace(package.digest, Visit{from});
        if (!is_new && visit->second.open) return circle(package);
        if (visits_.size() > needs_max + 1) {
            return unsatisfied(fmt::format("needs more than {} packages", needs_max), start_.text(),
                               "depend on less");
        }
        if (is_new) open_.push_back({&package});
        return {};
    }

    Result<void> leave() {
        const InstalledPackage &package = *open_.back().package;
        // What it needs itself was looked at first: that would be the reason.
        if (&package != &start_ && package.state != State::verified) {
            return unsatisfied(
                fmt::format("{} is {}, not verified", package.text(), name_of(package.state)),
                open_path(), fmt::format("`skillet verify {}`", package.text()));
        }
        visits_.at(package.digest).open = false;
        done_.push_back(&package);
        open_.pop_back();
        return {};
    }

    // The newest verified version; where none is, one that only has to be verified.
    Result<const InstalledPackage *> pick(const InstalledPackage &from, const Relation &relation) {
        const InstalledPackage *picked = nullptr;
        for (const InstalledPackage &candidate : installation_.versions(relation.id)) {
            if (!is_there(candidate) || !relation.range.contains(candidate.version)) continue;
            if (relation.digest && candidate.digest != *relation.digest) continue;
            if (excludes(from, candidate)) continue;
            const bool verified = candidate.state == State::verified;
            if (verified || (candidate.state == State::installed &&
                             (picked == nullptr || picked->state != State::verified))) {
                picked = &candidate;
            }
        }
        if (picked != nullptr) return picked;
        return missing(from, relation);
    }

    [[nodiscard]] bool is_there(const InstalledPackage &package) const {
        return !without_ || package.digest != *without_;
    }

    // Why there is nothing to pick.
    [[nodiscard]] Error missing(const InstalledPackage &from, const Relation &relation) const {
        std::vector<std::string> have;
        bool has_range = false;
        for (const InstalledPackage &candidate : installation_.versions(relation.id)) {
            if (!is_there(candidate)) continue;
            const bool inside = relation.range.contains(candidate.version);
            has_range = has_range || inside;
            std::string why = name_of(candidate.state);
            if (inside && excludes(from, candidate)) why = "in conflict";
            if (inside && relation.digest && candidate.digest != *relation.digest) {
                why = candidate.digest.to_string();
            }
            have.push_back(fmt::format("{} ({})", candidate.version.text(), why));
        }
        std::string message = fmt::format("{} needs {}", from.text(), relation.text());
        if (relation.digest) message += fmt::format(" pinned to {}", relation.digest->to_string());
        message += have.empty() ? ", which is not installed"
                                : fmt::format("; installed: {}", fmt::join(have, ", "));
        std::string hint = fmt::format("install a version in {}", relation.range.text());
        if (relation.digest) hint = "install the package that is pinned";
        if (has_range && !relation.digest) hint = "bring one back into service, or " + hint;
        return unsatisfied(std::move(message), open_path() + " -> " + relation.text(), hint);
    }

    [[nodiscard]] Error circle(const InstalledPackage &package) const {
        std::vector<std::string> steps;
        for (const Frame &frame : open_) steps.push_back(frame.package->text());
        steps.push_back(package.text());
        return unsatisfied(fmt::format("{} depends on itself", package.text()), join_path(steps),
                           "a new version of one of them has to depend on the others no more");
    }

    // Whoever of the two declares it.
    [[nodiscard]] Result<void> check_conflicts() const {
        std::map<std::string, std::vector<const InstalledPackage *>> by_id;
        for (const InstalledPackage *package : done_) by_id[package->id].push_back(package);
        for (const InstalledPackage *package : done_) {
            for (const Relation &conflict : package->relations.conflicts) {
                const auto others = by_id.find(conflict.id);
                if (others == by_id.end()) continue;
                for (const InstalledPackage *other : others->second) {
                    if (!conflict.range.contains(other->version)) continue;
                    return unsatisfied(
                        fmt::format("{} conflicts with {}, and both are needed", package->text(),
                                    conflict.text()),
                        fmt::format("{} conflicts with {}", path_to(*package), path_to(*other)),
                        "install a version of one of them that gets along with the other");
                }
            }
        }
        return {};
    }

    [[nodiscard]] std::string open_path() const {
        std::vector<std::string> steps;
        for (const Frame &frame : open_) steps.push_back(frame.package->text());
        return join_path(steps);
    }

    // The way it was found.
    [[nodiscard]] std::string path_to(const InstalledPackage &package) const {
        std::vector<std::string> steps;
        for (const InstalledPackage *at = &package; at != nullptr;) {
            steps.push_back(at->text());
            at = visits_.at(at->digest).from;
        }
        std::ranges::reverse(steps);
        return join_path(steps);
    }

    const Installation &installation_;
    const InstalledPackage &start_;
    const std::optional<Digest> &without_;
    std::vector<Frame> open_;  // the way to where we are
    std::map<Digest, Visit> visits_;
    std::vector<const InstalledPackage *> done_;
};

std::optional<Resolution::Need> find_replaced(const Installation &installation,
                                              const InstalledPackage &package) {
    const std::optional<Relation> &relation = package.relations.replaces;
    if (!relation) return {};
    std::optional<Resolution::Need> newest;
    for (const InstalledPackage &candidate : installation.versions(relation->id)) {
        if (candidate.digest == package.digest) continue;
        if (!relation->range.contains(candidate.version)) continue;
        if (relation->digest && candidate.digest != *relation->digest) continue;
        newest = Resolution::Need{candidate.digest, candidate.id, candidate.version.text(), ""};
    }
    return newest;
}

}  // namespace

Installation::Installation(std::vector<InstalledPackage> packages)
    : packages_(std::move(packages)) {
    std::ranges::sort(packages_, comes_before);
    for (size_t i = 0; i < packages_.size(); ++i) places_.emplace(packages_[i].digest, i);
}

std::span<const InstalledPackage> Installation::versions(const std::string &id) const {
    const auto begin = std::ranges::lower_bound(packages_, id, {}, &InstalledPackage::id);
    const auto end =
        std::ranges::upper_bound(begin, packages_.end(), id, {}, &InstalledPackage::id);
    return {begin, end};
}

const InstalledPackage *Installation::find(const Digest &digest) const {
    const auto place = places_.find(digest);
    return place != places_.end() ? &packages_[place->second] : nullptr;
}

Result<Resolution> resolve(const Installation &installation, const InstalledPackage &package,
                           const std::optional<Digest> &without) {
    Walk walk(installation, package, without);
    SKL_TRY(walk.run());
    return Resolution{walk.needs(), find_replaced(installation, package)};
}

std::vector<const InstalledPackage *> dependants_of(const Installation &installation,
                                                    const Digest &digest) {
    std::vector<const InstalledPackage *> dependants;
    for (const InstalledPackage &package : installation.packages()) {
        if (package.state != State::verified || package.digest == digest) continue;
        if (package.relations.depends.empty() || !resolve(installation, package)) continue;
        if (!resolve(installation, package, digest)) dependants.push_back(&package);
    }
    return dependants;
}

}  // namespace skillet
