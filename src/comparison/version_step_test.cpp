// SPDX-License-Identifier: Apache-2.0
#include "comparison/version_step.h"

#include <gtest/gtest.h>

#include "manifest/semver_range.h"
#include "testing/made.h"

namespace skillet {
namespace {

using testing::made;

Semver version(const char *text) { return made(Semver::parse(text)); }

TEST(VersionStep, is_the_largest_number_that_grew) {
    const auto step = [](const char *from, const char *to) {
        return step_between(version(from), version(to));
    };
    EXPECT_EQ(step("1.2.3", "1.2.4"), TakenStep::patch);
    EXPECT_EQ(step("1.2.3", "1.3.0"), TakenStep::minor);
    EXPECT_EQ(step("1.2.3", "2.0.0"), TakenStep::major);
    EXPECT_EQ(step("1.2.3", "1.2.3"), TakenStep::none);
    EXPECT_EQ(step("1.2.3+a", "1.2.3+b"), TakenStep::none);
    EXPECT_EQ(step("1.2.3", "1.2.2"), TakenStep::backwards);
    EXPECT_EQ(step("1.2.3", "1.2.3-rc.1"), TakenStep::backwards);
    EXPECT_EQ(step("2.0.0-rc.1", "2.0.0-rc.2"), TakenStep::prerelease);
    EXPECT_EQ(step("2.0.0-rc.1", "2.0.0"), TakenStep::prerelease);
    EXPECT_EQ(step("1.2.3", "2.0.0-rc.1"), TakenStep::major);
    EXPECT_EQ(step("0.2.3", "0.2.4"), TakenStep::minor);
    EXPECT_EQ(step("0.2.3", "0.3.0"), TakenStep::major);
    EXPECT_EQ(step("0.0.3", "0.0.4"), TakenStep::major);
}

TEST(VersionStep, is_major_exactly_where_a_caret_range_ends) {
    for (const char *from : {"1.2.3", "0.2.3", "0.0.3"}) {
        const SemverRange range = made(SemverRange::parse(std::string("^") + from));
        for (const char *to :
             {"0.0.4", "0.1.0", "0.2.4", "0.3.0", "1.0.0", "1.2.4", "1.3.0", "2.0.0"}) {
            const TakenStep taken = step_between(version(from), version(to));
            if (taken == TakenStep::backwards) continue;
            EXPECT_EQ(range.contains(version(to)), taken != TakenStep::major) << from << " " << to;
        }
    }
}

TEST(VersionStep, is_enough_if_it_is_no_smaller_than_deserved) {
    EXPECT_TRUE(is_enough(TakenStep::none, Step::none));
    EXPECT_FALSE(is_enough(TakenStep::none, Step::patch));
    EXPECT_TRUE(is_enough(TakenStep::patch, Step::patch));
    EXPECT_FALSE(is_enough(TakenStep::patch, Step::minor));
    EXPECT_TRUE(is_enough(TakenStep::minor, Step::minor));
    EXPECT_FALSE(is_enough(TakenStep::minor, Step::major));
    EXPECT_TRUE(is_enough(TakenStep::major, Step::major));
    EXPECT_TRUE(is_enough(TakenStep::prerelease, Step::major));
    EXPECT_FALSE(is_enough(TakenStep::backwards, Step::none));
}

}  // namespace
}  // namespace skillet
