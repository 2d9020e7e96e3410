// SPDX-License-Identifier: Apache-2.0
#include "gguf/text.h"

#include <string>

#include <gtest/gtest.h>

namespace skillet::gguf {
namespace {

TEST(GgufText, accepts_utf8_at_the_edges_of_every_length) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(
        is_utf8("\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
    EXPECT_TRUE(is_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

TEST(GgufText, refuses_overlong_forms_surrogates_and_what_lies_past_unicode) {
    for (const char *text : {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
                             "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"})
        EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(GgufText, refuses_utf8_that_stops_in_the_middle) {
    for (const char *text : {"\x80", "\xc2", "\xe1\x80", "\xf1\x80\x80", "a\xe1\x80 ", "\xc2\x41"})
        EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(GgufText, a_line_has_no_control_characters) {
    EXPECT_TRUE(is_one_line("caf\xc3\xa9"));
    EXPECT_FALSE(is_one_line("a\nb"));
    EXPECT_FALSE(is_one_line(std::string_view("a\0b", 3)));
    EXPECT_FALSE(is_one_line("\x7f"));
}

TEST(GgufText, an_identifier_has_1_to_64_plain_characters) {
    EXPECT_TRUE(is_identifier("nomic-bert-moe"));
    EXPECT_TRUE(is_identifier("a.x-4.0_B"));
    EXPECT_TRUE(is_identifier(std::string(64, 'a')));
    EXPECT_FALSE(is_identifier(std::string(65, 'a')));
    EXPECT_FALSE(is_identifier(""));
    EXPECT_FALSE(is_identifier("a/b"));
    EXPECT_FALSE(is_identifier(std::string_view("a\0", 2)));
}

TEST(GgufText, finds_a_duplicate_wherever_it_stands) {
    EXPECT_EQ(duplicate({"b", "a", "b"}), "b");
    EXPECT_EQ(duplicate({"b", "a", ""}), std::nullopt);
    EXPECT_EQ(duplicate({}), std::nullopt);
}

}  // namespace
}  // namespace skillet::gguf
