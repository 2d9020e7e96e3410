// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <string>

#include <gtest/gtest.h>

namespace skillet {
namespace {

const std::string empty_hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Digest, round_trips_its_text_form) {
    const std::string text = "sha256:" + empty_hex;
    const auto digest = Digest::parse(text);
    ASSERT_TRUE(digest);
    EXPECT_EQ(digest->to_string(), text);
    EXPECT_EQ(digest->hex(), empty_hex);
    EXPECT_EQ(digest->bytes()[0], 0xe3);
    EXPECT_EQ(digest->bytes()[31], 0x55);
}

TEST(Digest, refuses_every_text_but_the_one_form) {
    const std::string hostile[] = {
        "",
        "sha256:",
        empty_hex,
        "sha256-" + empty_hex,
        "SHA256:" + empty_hex,
        "sha512:" + empty_hex,
        "sha256:" + empty_hex.substr(1),
        "sha256:" + empty_hex + "0",
        "sha256:" + empty_hex + "\n",
        " sha256:" + empty_hex,
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256:../../../../../../../../../../../../../../../../../../etc/passwd",
        "sha256:" + empty_hex.substr(0, 63) + "g",
        "sha256:" + empty_hex.substr(0, 63) + std::string(1, '\0'),
        "sha256:" + empty_hex.substr(0, 62) + "/.",
    };
    for (const std::string &text : hostile) {
        const auto digest = Digest::parse(text);
        ASSERT_FALSE(digest) << text;
        EXPECT_EQ(digest.error().code, SKL_E_INVALID_ARGUMENT);
        EXPECT_FALSE(digest.error().hint.empty());
    }
}

TEST(Digest, quotes_only_the_beginning_of_a_long_refused_text) {
    const auto digest = Digest::parse(std::string(100000, 'x'));
    ASSERT_FALSE(digest);
    EXPECT_LE(digest.error().subject.size(), 100u);
}

TEST(Digest, orders_by_bytes) {
    const auto low = Digest::parse("sha256:" + std::string(64, '0'));
    const auto high = Digest::parse("sha256:" + empty_hex);
    ASSERT_TRUE(low && high);
    EXPECT_LT(*low, *high);
    EXPECT_EQ(*low, Digest());
}

// FIPS 180-2, appendix B.
TEST(Sha256, gives_the_published_values) {
    EXPECT_EQ(sha256(std::string_view()).hex(), empty_hex);
    EXPECT_EQ(sha256("abc").hex(),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex(),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256(std::string(1000000, 'a')).hex(),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, does_not_depend_on_how_the_bytes_are_split) {
    const std::string text(1000, 'q');
    for (const size_t split : {size_t{0}, size_t{1}, size_t{63}, size_t{64}, size_t{999}}) {
        Sha256 hash;
        hash.update(std::string_view(text).substr(0, split));
        hash.update(std::string_view(text).substr(split));
        EXPECT_EQ(hash.finish(), sha256(text)) << split;
    }
}

}  // namespace
}  // namespace skillet
