// SPDX-License-Identifier: Apache-2.0
#include "manifest/semver_range.h"

#include <gtest/gtest.h>

namespace skillet {
namespace {

bool contains(std::string_view range, std::string_view version) {
    const auto parsed = SemverRange::parse(range);
    EXPECT_TRUE(parsed) << range;
    return parsed && parsed->contains(*Semver::parse(version));
}

struct Case {
    const char *range;
    std::vector<const char *> inside;
    std::vector<const char *> outside;
};

TEST(SemverRange, admits_what_its_comparators_say) {
    const Case cases[] = {
        {"^1.2.3", {"1.2.3", "1.9.0", "1.2.3+build"}, {"1.2.2", "2.0.0", "2.0.0-rc.1", "0.9.9"}},
        {"^0.2.3", {"0.2.3", "0.2.9"}, {"0.3.0", "0.2.2", "1.0.0"}},
        {"^0.0.3", {"0.0.3"}, {"0.0.4", "0.0.2"}},
        {"^1", {"1.0.0", "1.99.99"}, {"2.0.0", "0.9.9"}},
        {"^0", {"0.0.0", "0.99.0"}, {"1.0.0"}},
        {"^0.0", {"0.0.0", "0.0.9"}, {"0.1.0"}},
        {"^0.1", {"0.1.0", "0.1.9"}, {"0.2.0"}},
        {"~1.2.3", {"1.2.3", "1.2.99"}, {"1.3.0", "1.2.2"}},
        {"~1.2", {"1.2.0", "1.2.9"}, {"1.3.0"}},
        {"~1", {"1.0.0", "1.9.9"}, {"2.0.0"}},
        {"1.2.3", {"1.2.3", "1.2.3+b"}, {"1.2.4", "1.2.3-a"}},
        {"=1.2", {"1.2.0", "1.2.7"}, {"1.3.0", "1.1.9"}},
        {"1.x", {"1.0.0", "1.7.0"}, {"2.0.0"}},
        {"1.2.*", {"1.2.0"}, {"1.3.0"}},
        {"*", {"0.0.0", "18446744073709551615.0.0"}, {"1.0.0-rc.1"}},
        {">=1.0.0 <3", {"1.0.0", "2.9.9"}, {"3.0.0", "3.0.0-rc.1", "0.9.9"}},
        {">=1.0.0,<=1.5.0", {"1.5.0"}, {"1.5.1"}},
        {">1.0.0 <2.0.0", {"1.0.1"}, {"1.0.0", "2.0.0"}},
        {"18446744073709551615", {"18446744073709551615.1.0"}, {"1.0.0"}},
    };
    for (const Case &one : cases) {
        for (const char *version : one.inside) {
            EXPECT_TRUE(contains(one.range, version)) << one.range << " " << version;
        }
        for (const char *version : one.outside) {
            EXPECT_FALSE(contains(one.range, version)) << one.range << " " << version;
        }
    }
}

TEST(SemverRange, admits_pre_releases_only_of_the_version_whose_pre_release_is_named) {
    EXPECT_TRUE(contains("^1.2.3-beta", "1.2.3-beta.2"));
    EXPECT_TRUE(contains("^1.2.3-beta", "1.2.3"));
    EXPECT_TRUE(contains("^1.2.3-beta", "1.4.0"));
    EXPECT_FALSE(contains("^1.2.3-beta", "1.2.3-alpha"));
    EXPECT_FALSE(contains("^1.2.3-beta", "1.4.0-rc.1"));
    EXPECT_FALSE(contains(">=1.0.0", "1.5.0-rc.1"));
    EXPECT_TRUE(contains("1.0.0-rc.1", "1.0.0-rc.1"));
}

TEST(SemverRange, refuses_what_is_no_range) {
    std::string many;
    for (int i = 0; i < 17; ++i) many += ">=1.0.0 ";
    const std::string hostile[] = {"",
                                   " ",
                                   ",",
                                   "^",
                                   "a",
                                   "1.2.3.4",
                                   "01",
                                   "1..2",
                                   "1.",
                                   ".1",
                                   "x.1",
                                   "1.x.2",
                                   "^1.2-",
                                   "1.2-rc",
                                   ">1.2",
                                   "<=1",
                                   ">>1.0.0",
                                   "= 1.0.0",
                                   "~>1.0",
                                   "1||2",
                                   "-1.0.0",
                                   "1.0.0 -2",
                                   many,
                                   "1.2.3-",
                                   "18446744073709551616",
                                   std::string(257, '1'),
                                   std::string("1\0", 2)};
    for (const std::string &text : hostile) {
        const auto range = SemverRange::parse(text);
        ASSERT_FALSE(range) << text;
        EXPECT_EQ(range.error().code, SKL_E_INVALID_ARGUMENT) << text;
        EXPECT_FALSE(range.error().hint.empty()) << text;
    }
}

}  // namespace
}  // namespace skillet
