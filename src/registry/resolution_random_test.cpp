// SPDX-License-Identifier: Apache-2.0
// Random installations against a reference that works on whole sets: it knows no walk, no order
// and no path.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "registry/resolution.h"
#include "testing/installation_builder.h"

namespace skillet {
namespace {

using Packages = std::vector<InstalledPackage>;

constexpr const char *ranges[] = {"*", "^1", "^2", ">=1.1.0", "<2", "=1.0.0", "1.x", "~2.0"};
constexpr const char *versions[] = {"1.0.0", "1.1.0", "1.2.0-rc.1", "2.0.0", "2.0.1"};

class Dice {
public:
    explicit Dice(uint32_t seed) : random_(seed) {}
    size_t below(size_t end) { return random_() % end; }
    bool one_in(size_t n) { return below(n) == 0; }
    template <typename List>
    const auto &of(const List &list) {
        return list[below(std::size(list))];
    }

private:
    std::mt19937 random_;
};

Packages random_packages(Dice &dice) {
    const size_t ids = 2 + dice.below(6);
    const auto id = [](size_t number) { return "org.s" + std::to_string(number); };
    // In half of the cases skills depend on later ones only, so that circles are no rule.
    const bool ordered = dice.one_in(2);
    Packages packages;
    for (size_t number = 0; number < ids; ++number) {
        for (const char *version : versions) {
            if (dice.one_in(2)) continue;
            testing::RelationTexts texts;
            if (dice.one_in(5)) {
                texts.state = dice.of(std::vector{State::installed, State::suspended,
                                                  State::retired, State::quarantined});
            }
            for (size_t other = ordered ? number + 1 : 0; other < ids; ++other) {
                if (other == number) continue;
                const std::string relation = id(other) + " " + dice.of(ranges);
                if (dice.one_in(3)) {
                    texts.depends.push_back(
                        relation + (dice.one_in(6) ? " #" + id(other) + "@" + dice.of(versions)
                                                   : std::string()));
                }
                if (dice.one_in(12)) texts.conflicts.push_back(id(other) + " " + dice.of(ranges));
            }
            packages.push_back(testing::installed(id(number) + "@" + version, texts));
        }
    }
    return packages;
}

// Everything as relations over indices, by fixed points.
class Reference {
public:
    explicit Reference(const Packages &packages) : packages_(packages) {}

    // What `start` needs; nothing if it cannot have it.
    [[nodiscard]] std::optional<std::set<Digest>> needs(size_t start) const {
        std::set<size_t> closure = {start};
        for (size_t before = 0; before != closure.size();) {
            before = closure.size();
            for (const size_t from : std::set<size_t>(closure)) {
                for (const Relation &relation : packages_[from].relations.depends) {
                    const auto picked = pick(from, relation);
                    if (!picked) return {};
                    closure.insert(*picked);
                }
            }
        }
        std::set<Digest> digests;
        for (const size_t a : closure) {
            if (a != start && packages_[a].state != State::verified) return {};
            if (reaches(a, a)) return {};
            for (const size_t b : closure) {
                if (conflict(a, b)) return {};
            }
            if (a != start) digests.insert(packages_[a].digest);
        }
        return digests;
    }

    // Whether each step is what the one before picks. The last may be a dependency that picks
    // nothing.
    [[nodiscard]] bool is_path(const std::vector<std::string> &steps, size_t start) const {
        size_t at = start;
        if (steps.empty() || steps[0] != packages_[start].text()) return false;
        for (size_t i = 1; i < steps.size(); ++i) {
            const auto &depends = packages_[at].relations.depends;
            const auto leads = [&](const Relation &relation) {
                const auto picked = pick(at, relation);
                return picked ? packages_[*picked].text() == steps[i]
                              : relation.text() == steps[i] && i + 1 == steps.size();
            };
            const auto next = std::ranges::find_if(depends, leads);
            if (next == depends.end()) return false;
            if (const auto picked = pick(at, *next)) at = *picked;
        }
        return true;
    }

private:
    [[nodiscard]] bool conflict(size_t a, size_t b) const {
        return std::ranges::any_of(packages_[a].relations.conflicts, [&](const Relation &entry) {
            return entry.id == packages_[b].id && entry.range.contains(packages_[b].version);
        });
    }
    [[nodiscard]] std::optional<size_t> pick(size_t from, const Relation &relation) const {
        std::optional<size_t> best;
        const auto rank = [&](size_t i) { return packages_[i].state == State::verified; };
        for (size_t i = 0; i < packages_.size(); ++i) {
            const InstalledPackage &candidate = packages_[i];
            if (candidate.id != relation.id || !relation.range.contains(candidate.version) ||
                (relation.digest && *relation.digest != candidate.digest) || conflict(from, i) ||
                (candidate.state != State::verified && candidate.state != State::installed)) {
                continue;
            }
            if (!best || rank(i) > rank(*best) ||
                (rank(i) == rank(*best) &&
                 candidate.version.precedence(packages_[*best].version) > 0)) {
                best = i;
            }
        }
        return best;
    }
    [[nodiscard]] bool reaches(size_t from, size_t to) const {
        std::set<size_t> reached;
        for (bool grows = true; grows;) {
            grows = false;
            for (size_t i = 0; i < packages_.size(); ++i) {
                if (i != from && !reached.contains(i)) continue;
                for (const Relation &relation : packages_[i].relations.depends) {
                    const auto picked = pick(i, relation);
                    grows = (picked && reached.insert(*picked).second) || grows;
                }
            }
        }
        return reached.contains(to);
    }

    const Packages &packages_;
};

std::vector<std::string> split(const std::string &text, const std::string &separator) {
    std::vector<std::string> parts;
    size_t begin = 0;
    for (size_t end = 0; end != std::string::npos; begin = end + separator.size()) {
        end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
    }
    return parts;
}

// Each need once, after its own; every path true.
void expect_sound(const Packages &packages, const Resolution &resolution, size_t start,
                  const std::set<Digest> &expected) {
    std::set<Digest> seen;
    const Installation installation(packages);
    const Reference reference(packages);
    for (const Resolution::Need &need : resolution.needs) {
        const auto own = resolve(installation, *installation.find(need.digest));
        ASSERT_TRUE(own) << own.error().message;
        for (const Resolution::Need &deeper : own->needs) {
            EXPECT_TRUE(seen.contains(deeper.digest)) << need.path << " before " << deeper.path;
        }
        EXPECT_TRUE(seen.insert(need.digest).second) << need.path;
        const auto steps = split(need.path, " -> ");
        EXPECT_TRUE(reference.is_path(steps, start)) << need.path;
        EXPECT_EQ(steps.back(), need.id + "@" + need.version);
    }
    EXPECT_EQ(seen, expected);
}

TEST(RandomResolution, agrees_with_the_reference_and_shows_true_paths) {
    std::map<std::string, int> outcomes;
    for (uint32_t seed = 0; seed < 1500; ++seed) {
        SCOPED_TRACE(seed);
        Dice dice(seed);
        const Packages packages = random_packages(dice);
        const Installation installation(packages);
        const Reference reference(packages);
        for (size_t start = 0; start < packages.size(); ++start) {
            const auto expected = reference.needs(start);
            const auto resolution = resolve(installation, packages[start]);
            ASSERT_EQ(resolution.has_value(), expected.has_value())
                << packages[start].text() << (resolution ? "" : resolution.error().message);
            if (resolution) {
                expect_sound(packages, *resolution, start, *expected);
                ++outcomes[resolution->needs.empty() ? "alone" : "satisfied"];
                continue;
            }
            const std::string &path = resolution.error().subject;
            for (const std::string &side : split(path, " conflicts with ")) {
                EXPECT_TRUE(reference.is_path(split(side, " -> "), start)) << path;
            }
            const std::string &message = resolution.error().message;
            ++outcomes[message.find("conflicts with") != std::string::npos ? "conflict"
                       : message.find("itself") != std::string::npos       ? "circle"
                       : message.find("not verified") != std::string::npos ? "unverified"
                                                                           : "missing"];
        }
    }
    for (const char *kind : {"satisfied", "conflict", "circle", "unverified", "missing"}) {
        EXPECT_GT(outcomes[kind], 50) << kind << " hardly ever happened";
    }
}

TEST(RandomResolution, finds_the_dependants_that_removing_shows) {
    for (uint32_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        Dice dice(seed);
        const Packages packages = random_packages(dice);
        if (packages.empty()) continue;
        const size_t removed = dice.below(packages.size());
        Packages rest = packages;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(removed));
        std::set<Digest> expected;
        for (size_t i = 0; i < rest.size(); ++i) {
            const size_t before = i < removed ? i : i + 1;
            if (rest[i].state != State::verified) continue;
            if (Reference(packages).needs(before) && !Reference(rest).needs(i)) {
                expected.insert(rest[i].digest);
            }
        }
        const Installation installation(packages);
        std::set<Digest> found;
        for (const InstalledPackage *dependant :
             dependants_of(installation, packages[removed].digest)) {
            found.insert(dependant->digest);
        }
        EXPECT_EQ(found, expected);
    }
}

}  // namespace
}  // namespace skillet
