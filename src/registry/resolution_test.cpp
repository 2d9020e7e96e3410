// SPDX-License-Identifier: Apache-2.0
// What a package needs, and why it may not have it.
#include "registry/resolution.h"

#include <gtest/gtest.h>

#include "testing/installation_builder.h"

namespace skillet {
namespace {

using testing::installed;
using Packages = std::vector<InstalledPackage>;

Result<Resolution> resolve_in(const Packages &packages, const std::string &name) {
    const Installation installation(packages);
    return resolve(installation, *installation.find(sha256(name)));
}

// "org.b@1.0.0 org.c@2.0.0": what is needed, in order.
std::string needs_of(const Packages &packages, const std::string &name) {
    const auto resolution = resolve_in(packages, name);
    if (!resolution) return resolution.error().message;
    std::string out;
    for (const Resolution::Need &need : resolution->needs) {
        out += (out.empty() ? "" : " ") + need.id + "@" + need.version;
    }
    return out;
}

void expect_unsatisfied(const Packages &packages, const std::string &name, const std::string &path,
                        const std::string &message) {
    const auto resolution = resolve_in(packages, name);
    ASSERT_FALSE(resolution);
    EXPECT_EQ(resolution.error().code, SKL_E_DEPENDENCY_UNSATISFIED);
    EXPECT_EQ(resolution.error().subject, path);
    EXPECT_EQ(resolution.error().message, message);
    EXPECT_FALSE(resolution.error().hint.empty());
}

TEST(Resolution, of_a_package_without_dependencies_is_empty) {
    EXPECT_EQ(needs_of({installed("org.a@1.0.0"), installed("org.b@1.0.0")}, "org.a@1.0.0"), "");
}

TEST(Resolution, takes_the_newest_verified_version_in_the_range) {
    const Packages packages = {installed("org.a@1.0.0", {.depends = {"org.b ^1"}}),
                               installed("org.b@1.9.0"),
                               installed("org.b@1.10.0"),
                               installed("org.b@1.11.0", {.state = State::suspended}),
                               installed("org.b@1.12.0-rc.1"),
                               installed("org.b@1.12.0", {.state = State::installed}),
                               installed("org.b@2.0.0")};
    EXPECT_EQ(needs_of(packages, "org.a@1.0.0"), "org.b@1.10.0");
}

TEST(Resolution, lists_each_package_once_and_after_all_it_needs) {
    const Packages packages = {installed("org.a@1.0.0", {.depends = {"org.b *", "org.c *"}}),
                               installed("org.b@1.0.0", {.depends = {"org.d ^1"}}),
                               installed("org.c@1.0.0", {.depends = {"org.d *", "org.e *"}}),
                               installed("org.d@1.0.0", {.depends = {"org.e *"}}),
                               installed("org.d@2.0.0"),
                               installed("org.e@1.0.0")};
    EXPECT_EQ(needs_of(packages, "org.a@1.0.0"),
              "org.e@1.0.0 org.d@1.0.0 org.b@1.0.0 org.d@2.0.0 org.c@1.0.0");
    EXPECT_EQ(testing::made(resolve_in(packages, "org.a@1.0.0")).needs[0].path,
              "org.a@1.0.0 -> org.b@1.0.0 -> org.d@1.0.0 -> org.e@1.0.0");
}

TEST(Resolution, is_of_a_package_that_is_not_installed_too) {
    const Installation installation({installed("org.b@1.0.0")});
    const InstalledPackage file = installed("org.a@1.0.0", {.depends = {"org.b *"}});
    EXPECT_EQ(testing::made(resolve(installation, file)).needs.size(), 1u);
}

TEST(Resolution, says_that_a_skill_is_not_installed_at_all) {
    expect_unsatisfied({installed("org.a@1.0.0", {.depends = {"org.b ^1"}}),
                        installed("org.b@1.0.0", {.depends = {"org.c >=2"}})},
                       "org.a@1.0.0", "org.a@1.0.0 -> org.b@1.0.0 -> org.c >=2",
                       "org.b@1.0.0 needs org.c >=2, which is not installed");
}

TEST(Resolution, says_which_versions_there_are_and_why_none_will_do) {
    const InstalledPackage a = installed("org.a@1.0.0", {.depends = {"org.b ^1"}});
    expect_unsatisfied({a, installed("org.b@0.9.0"), installed("org.b@2.0.0")}, "org.a@1.0.0",
                       "org.a@1.0.0 -> org.b ^1",
                       "org.a@1.0.0 needs org.b ^1; installed: 0.9.0 (verified), 2.0.0 (verified)");
    expect_unsatisfied({a, installed("org.b@1.0.0", {.state = State::suspended}),
                        installed("org.b@1.1.0", {.state = State::quarantined}),
                        installed("org.b@1.2.0", {.state = State::retired})},
                       "org.a@1.0.0", "org.a@1.0.0 -> org.b ^1",
                       "org.a@1.0.0 needs org.b ^1; installed: 1.0.0 (suspended), 1.1.0 "
                       "(quarantined), 1.2.0 (retired)");
}

TEST(Resolution, says_what_an_unverified_dependency_waits_for) {
    const InstalledPackage a = installed("org.a@1.0.0", {.depends = {"org.b *"}});
    expect_unsatisfied({a, installed("org.b@1.0.0", {.state = State::installed})}, "org.a@1.0.0",
                       "org.a@1.0.0 -> org.b@1.0.0", "org.b@1.0.0 is installed, not verified");
    expect_unsatisfied(
        {a, installed("org.b@1.0.0", {.depends = {"org.c *"}, .state = State::installed})},
        "org.a@1.0.0", "org.a@1.0.0 -> org.b@1.0.0 -> org.c *",
        "org.b@1.0.0 needs org.c *, which is not installed");
}

TEST(Resolution, takes_exactly_the_package_that_is_pinned) {
    const Packages packages = {installed("org.a@1.0.0", {.depends = {"org.b ^1 #org.b@1.0.0"}}),
                               installed("org.c@1.0.0", {.depends = {"org.b ^1 #org.b@1.0.7"}}),
                               installed("org.d@1.0.0", {.depends = {"org.b ^1 #org.b@2.0.0"}}),
                               installed("org.b@1.0.0"),
                               installed("org.b@1.1.0"),
                               installed("org.b@2.0.0")};
    EXPECT_EQ(needs_of(packages, "org.a@1.0.0"), "org.b@1.0.0");
    const auto digest = [](const char *name) { return sha256(name).to_string(); };
    expect_unsatisfied(packages, "org.c@1.0.0", "org.c@1.0.0 -> org.b ^1",
                       "org.c@1.0.0 needs org.b ^1 pinned to " + digest("org.b@1.0.7") +
                           "; installed: 1.0.0 (" + digest("org.b@1.0.0") + "), 1.1.0 (" +
                           digest("org.b@1.1.0") + "), 2.0.0 (verified)");
    EXPECT_FALSE(resolve_in(packages, "org.d@1.0.0")) << "a pin does not widen the range";
}

TEST(Resolution, shows_a_circle_as_a_path) {
    const Packages packages = {
        installed("org.a@1.0.0", {.depends = {"org.b *"}}),
        installed("org.b@2.1.0", {.depends = {"org.c *"}}),
        installed("org.c@1.0.0", {.depends = {"org.b *"}}),
        installed("org.d@1.0.0", {.depends = {"org.e *"}, .state = State::installed}),
        installed("org.e@1.0.0", {.depends = {"org.d *"}, .state = State::installed})};
    expect_unsatisfied(packages, "org.b@2.1.0", "org.b@2.1.0 -> org.c@1.0.0 -> org.b@2.1.0",
                       "org.b@2.1.0 depends on itself");
    expect_unsatisfied(packages, "org.a@1.0.0",
                       "org.a@1.0.0 -> org.b@2.1.0 -> org.c@1.0.0 -> org.b@2.1.0",
                       "org.b@2.1.0 depends on itself");
    expect_unsatisfied(packages, "org.d@1.0.0", "org.d@1.0.0 -> org.e@1.0.0 -> org.d@1.0.0",
                       "org.d@1.0.0 depends on itself");
}

TEST(Resolution, finds_a_conflict_whichever_side_declares_it) {
    for (const bool first_declares : {true, false}) {
        const Packages packages = {
            installed("org.a@1.0.0", {.depends = {"org.b *", "org.c *"}}),
            installed("org.b@1.0.0",
                      {.conflicts = first_declares ? std::vector<std::string>{"org.d ^1"}
                                                   : std::vector<std::string>{}}),
            installed("org.c@1.0.0", {.depends = {"org.d *"}}),
            installed("org.d@1.5.0",
                      {.conflicts = first_declares ? std::vector<std::string>{}
                                                   : std::vector<std::string>{"org.b *"}})};
        const std::string b = "org.a@1.0.0 -> org.b@1.0.0";
        const std::string d = "org.a@1.0.0 -> org.c@1.0.0 -> org.d@1.5.0";
        expect_unsatisfied(packages, "org.a@1.0.0",
                           first_declares ? b + " conflicts with " + d : d + " conflicts with " + b,
                           first_declares
                               ? "org.b@1.0.0 conflicts with org.d ^1, and both are needed"
                               : "org.d@1.5.0 conflicts with org.b *, and both are needed");
        EXPECT_EQ(needs_of(packages, "org.c@1.0.0"), "org.d@1.5.0") << "apart they get along";
    }
}

TEST(Resolution, does_not_take_a_version_that_the_skill_itself_conflicts_with) {
    Packages packages = {
        installed("org.a@1.0.0", {.depends = {"org.b ^1"}, .conflicts = {"org.b =1.3.0"}}),
        installed("org.b@1.2.0"), installed("org.b@1.3.0")};
    EXPECT_EQ(needs_of(packages, "org.a@1.0.0"), "org.b@1.2.0");
    packages.erase(packages.begin() + 1);
    expect_unsatisfied(packages, "org.a@1.0.0", "org.a@1.0.0 -> org.b ^1",
                       "org.a@1.0.0 needs org.b ^1; installed: 1.3.0 (in conflict)");
}

TEST(Resolution, names_what_a_package_replaces_even_if_it_does_not_serve) {
    const Packages packages = {installed("org.a@2.0.0", {.replaces = "org.a <2"}),
                               installed("org.a@1.0.0"),
                               installed("org.a@1.1.0", {.state = State::retired}),
                               installed("org.c@1.0.0", {.replaces = "org.a * #org.a@1.0.0"}),
                               installed("org.d@1.0.0", {.replaces = "org.x *"})};
    EXPECT_EQ(testing::made(resolve_in(packages, "org.a@2.0.0")).replaced->version, "1.1.0");
    EXPECT_EQ(testing::made(resolve_in(packages, "org.c@1.0.0")).replaced->version, "1.0.0");
    EXPECT_FALSE(testing::made(resolve_in(packages, "org.d@1.0.0")).replaced);
}

Packages chain(size_t length) {
    Packages packages;
    for (size_t i = 0; i < length; ++i) {
        const auto name = [](size_t n) { return "org.s" + std::to_string(n); };
        packages.push_back(installed(name(i) + "@1.0.0", {.depends = {name(i + 1) + " *"}}));
    }
    packages.back().relations = {};
    return packages;
}

TEST(Resolution, is_bounded_and_shortens_long_paths_in_the_middle) {
    const auto longest = resolve_in(chain(1025), "org.s0@1.0.0");
    ASSERT_TRUE(longest) << longest.error().message;
    EXPECT_EQ(longest->needs.size(), 1024u);
    EXPECT_EQ(longest->needs[0].path,
              "org.s0@1.0.0 -> org.s1@1.0.0 -> org.s2@1.0.0 -> org.s3@1.0.0 -> org.s4@1.0.0 -> "
              "org.s5@1.0.0 -> (1013 more) -> org.s1019@1.0.0 -> org.s1020@1.0.0 -> "
              "org.s1021@1.0.0 -> org.s1022@1.0.0 -> org.s1023@1.0.0 -> org.s1024@1.0.0");
    expect_unsatisfied(chain(1026), "org.s0@1.0.0", "org.s0@1.0.0",
                       "needs more than 1024 packages");
}

TEST(Dependants, are_those_that_would_lose_what_they_need) {
    const Installation installation(
        {installed("org.a@1.0.0", {.depends = {"org.b ^1"}}), installed("org.b@1.0.0"),
         installed("org.top@1.0.0", {.depends = {"org.a *"}}),
         installed("org.idle@1.0.0", {.depends = {"org.b *"}, .state = State::suspended}),
         installed("org.broken@1.0.0", {.depends = {"org.b *", "org.x *"}})});
    const auto dependants = dependants_of(installation, sha256("org.b@1.0.0"));
    ASSERT_EQ(dependants.size(), 2u);
    EXPECT_EQ(dependants[0]->id, "org.a");
    EXPECT_EQ(dependants[1]->id, "org.top");
    EXPECT_TRUE(dependants_of(installation, sha256("org.top@1.0.0")).empty());
}

TEST(Dependants, are_none_where_another_version_will_do) {
    const Installation installation({installed("org.a@1.0.0", {.depends = {"org.b ^1"}}),
                                     installed("org.b@1.0.0"), installed("org.b@1.1.0")});
    EXPECT_TRUE(dependants_of(installation, sha256("org.b@1.1.0")).empty());
    EXPECT_TRUE(dependants_of(installation, sha256("org.b@1.0.0")).empty());
}

}  // namespace
}  // namespace skillet
