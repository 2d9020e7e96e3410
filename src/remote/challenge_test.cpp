// SPDX-License-Identifier: Apache-2.0
#include "remote/challenge.h"

#include <gtest/gtest.h>

namespace skillet {
namespace {

TEST(Challenge, reads_the_parameters_of_a_token_server) {
    const auto challenge = Challenge::parse(
        "Bearer realm=\"https://auth.example.org/token\",service=\"registry\","
        "scope=\"repository:a/b:pull,push\"");
    ASSERT_TRUE(challenge);
    EXPECT_TRUE(challenge->bearer);
    EXPECT_EQ(challenge->parameter("realm"), "https://auth.example.org/token");
    EXPECT_EQ(challenge->parameter("service"), "registry");
    EXPECT_EQ(challenge->parameter("scope"), "repository:a/b:pull,push");
    EXPECT_EQ(challenge->parameter("error"), "");
}

TEST(Challenge, admits_what_the_grammar_admits) {
    const auto spaced = Challenge::parse(" ,\tBEARER Realm = x , SERVICE=\"a \\\"b\\\"\"");
    ASSERT_TRUE(spaced);
    EXPECT_EQ(spaced->parameter("realm"), "x");
    EXPECT_EQ(spaced->parameter("service"), "a \"b\"");
    const auto bare = Challenge::parse("Basic");
    ASSERT_TRUE(bare);
    EXPECT_FALSE(bare->bearer);
}

TEST(Challenge, passes_over_schemes_that_we_do_not_know) {
    const auto challenge =
        Challenge::parse("Negotiate, Digest realm=\"a, Basic b\", nonce=c, Basic realm=\"d\"");
    ASSERT_TRUE(challenge);
    EXPECT_FALSE(challenge->bearer);
    EXPECT_EQ(challenge->parameter("realm"), "d");
}

TEST(Challenge, gives_nothing_for_nonsense) {
    for (const char *text : {"", " ", ",,,", "=", "\"Basic\"", "Negotiate", "Digest realm=\"",
                             "Digest a=\"b\\", "Bear\x01 er"}) {
        EXPECT_FALSE(Challenge::parse(text)) << text;
    }
}

}  // namespace
}  // namespace skillet
