// SPDX-License-Identifier: Apache-2.0
#include "gguf/text.h"

#include <string>

#include <gtest/gtest.h>

namespace skillet::gguf {
namespace {

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
