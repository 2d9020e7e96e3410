// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace skillet {
namespace {

TEST(Utf8, accepts_utf8_at_the_edges_of_every_length) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(
        is_utf8("\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
    EXPECT_TRUE(is_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_what_lies_past_unicode) {
    for (const char *text : {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
                             "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"})
        EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, refuses_utf8_that_stops_in_the_middle) {
    for (const char *text : {"\x80", "\xc2", "\xe1\x80", "\xf1\x80\x80", "a\xe1\x80 ", "\xc2\x41"})
        EXPECT_FALSE(is_utf8(text)) << text;
}

}  // namespace
}  // namespace skillet
