// SPDX-License-Identifier: Apache-2.0
#include "manifest/semver.h"

#include <gtest/gtest.h>

namespace skillet {
namespace {

Semver version(std::string_view text) {
    Result<Semver> parsed = Semver::parse(text);
    EXPECT_TRUE(parsed) << text;
    return std::move(*parsed);
}

void expect_refused(std::string_view text) {
    const Result<Semver> parsed = Semver::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, SKL_E_INVALID_ARGUMENT) << text;
    EXPECT_FALSE(parsed.error().hint.empty()) << text;
}

TEST(Semver, orders_the_chain_of_the_specification) {
    const std::vector<std::string_view> chain = {
        "0.0.0-0",      "0.0.0",          "1.0.0-alpha",   "1.0.0-alpha.1", "1.0.0-alpha.beta",
        "1.0.0-beta",   "1.0.0-beta.2",   "1.0.0-beta.11", "1.0.0-rc.1",    "1.0.0",
        "2.0.0",        "2.1.0",          "2.1.1",         "2.1.9",         "2.1.10",
        "2.10.0-1",     "2.10.0-2",       "2.10.0--",      "2.10.0-A",      "2.10.0-a",
        "2.10.0-a.a.1", "2.10.0-a.a.1.0", "2.10.0",        "10.0.0",
    };
    for (size_t i = 0; i < chain.size(); ++i) {
        for (size_t j = 0; j < chain.size(); ++j) {
            EXPECT_EQ(version(chain[i]).precedence(version(chain[j])), i <=> j)
                << chain[i] << " and " << chain[j];
        }
    }
}

TEST(Semver, ignores_build_metadata_in_precedence) {
    EXPECT_EQ(version("1.0.0+1").precedence(version("1.0.0+2")), std::weak_ordering::equivalent);
    EXPECT_EQ(version("1.0.0-rc.1+1").precedence(version("1.0.0-rc.1")),
              std::weak_ordering::equivalent);
    EXPECT_EQ(version("1.0.0+z").precedence(version("1.0.1+a")), std::weak_ordering::less);
}

TEST(Semver, orders_prerelease_numbers_of_any_length) {
    const Semver largest_of_64_bits = version("1.0.0-18446744073709551615");
    const Semver one_more = version("1.0.0-18446744073709551616");
    EXPECT_EQ(largest_of_64_bits.precedence(one_more), std::weak_ordering::less);
    EXPECT_EQ(one_more.precedence(version("1.0.0-9")), std::weak_ordering::greater);
}

TEST(Semver, keeps_the_text_and_knows_prereleases) {
    EXPECT_EQ(version("1.2.3-rc.1+build-7").text(), "1.2.3-rc.1+build-7");
    EXPECT_TRUE(version("1.2.3-rc.1").is_prerelease());
    EXPECT_FALSE(version("1.2.3").is_prerelease());
    EXPECT_FALSE(version("1.2.3+not-a-prerelease").is_prerelease());
}

TEST(Semver, accepts_what_the_specification_accepts) {
    for (const std::string_view text :
         {"0.0.4", "1.0.0-0A.is.legal", "1.0.0-alpha0.valid", "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
          "1.0.0+001", "1.0.0----RC-SNAPSHOT.12.9.1--.12", "1.2.3----R-S.12.9.1--.12+meta",
          "18446744073709551615.0.0"}) {
        EXPECT_TRUE(Semver::parse(text)) << text;
    }
}

TEST(Semver, refuses_leading_zeros) {
    for (const std::string_view text : {"01.0.0", "1.00.0", "1.0.01", "1.0.0-01", "1.0.0-rc.00"}) {
        expect_refused(text);
    }
}

TEST(Semver, refuses_numbers_that_do_not_fit_64_bits) {
    expect_refused("18446744073709551616.0.0");
    expect_refused("0.99999999999999999999999.0");
    expect_refused("0.0." + std::string(100, '9'));
}

TEST(Semver, refuses_what_is_not_a_version) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {""sv,         "1"sv,        "1.2"sv,       "1.2.3.4"sv,    "1..3"sv,
          ".2.3"sv,     "1.2."sv,     "v1.2.3"sv,    "1.2.x"sv,      "-1.2.3"sv,
          "+1.2.3"sv,   "1.2.3-"sv,   "1.2.3+"sv,    "1.2.3-+b"sv,   "1.2.3-a..b"sv,
          "1.2.3-.a"sv, "1.2.3-a."sv, "1.2.3+a+b"sv, "1.2.3+a..b"sv, "1.2.3-a_b"sv,
          " 1.2.3"sv,   "1.2.3 "sv,   "1.2.3\n"sv,   "1.2.3\0"sv,    "1.2.3-\xc3\xa4"sv,
          "0x1.2.3"sv}) {
        expect_refused(text);
    }
}

TEST(Semver, refuses_more_than_128_bytes) {
    EXPECT_TRUE(Semver::parse("1.0.0-" + std::string(122, 'a')));
    expect_refused("1.0.0-" + std::string(123, 'a'));
}

}  // namespace
}  // namespace skillet
