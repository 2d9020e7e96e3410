// SPDX-License-Identifier: Apache-2.0
// Which texts a pattern is found in, and which patterns are refused.
#include "pattern/pattern.h"

#include <string>

#include <gtest/gtest.h>

#include "pattern/ecma.h"

namespace skillet::pattern {
namespace {

bool found(std::string_view pattern, std::string_view text) {
    const auto compiled = Pattern::compile(pattern);
    EXPECT_TRUE(compiled) << pattern << ": " << compiled.error().message;
    return compiled && compiled->found_in(text);
}

std::string refusal(std::string_view pattern) {
    const auto compiled = Pattern::compile(pattern);
    return compiled ? "" : compiled.error().message;
}

struct Search {
    std::string pattern;
    std::string text;
    bool found;
};

using namespace std::string_literals;

// By ECMA-262 with the flag u.
const Search searches[] = {
    // Anywhere, unless it is anchored; never by line.
    {"b", "abc", true},
    {"", "", true},
    {"^b", "abc", false},
    {"^b", "a\nb", false},
    {"b$", "ab", true},
    {"b$", "ab\n", false},
    {"^$", "", true},
    {"a|^b$|c", "b", true},
    {"^(?:a|b)$", "c", false},
    // The dot is no line end, and one character.
    {"^.$", "\n", false},
    {"^.$", "\r", false},
    {"^.$", "\u2028", false},
    {"^.$", "\u2029", false},
    {"^.$", "\u0085", true},
    {"^.$", "😀", true},
    {"^.$", "\0"s, true},
    // Classes are ASCII's, but for white space.
    {"^\\d$", "\u0663", false},
    {"^\\D$", "\u0663", true},
    {"^\\w+$", "aZ_09", true},
    {"^\\w$", "é", false},
    {"^\\W$", "é", true},
    {"^\\s+$", "\t\n\v\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff", true},
    {"\\s", "\u200b\u180e\u0085\u001c", false},
    {"\\S", "\t\n\v\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff", false},
    {"^[\\s]$", "\ufeff", true},
    {"^[^\\s]$", "\ufeff", false},
    {"^[\\S]$", "x", true},
    {"^[^\\S]$", "x", false},
    {"^[\\S\\s]$", "\n", true},
    {"^[\\D5]+$", "a5", true},
    {"^[^\\D5]$", "5", false},
    {"^[^\\W_]$", "_", false},
    // Words.
    {"\\bb", "a b", true},
    {"\\bb", "ab", false},
    {"é\\b", "é", false},
    {"\\Bb", "ab", true},
    {"^\\B$", "", true},
    {"\\B", "a", false},
    {"\\B", "aéa", false},
    {"\\B", "é", true},
    {"\\B", "aéé", true},
    {"[\\b]", "\b", true},
    // Escapes.
    {"^\\t\\n\\v\\f\\r$", "\t\n\v\f\r", true},
    {"^\\0$", "\0"s, true},
    {"^\\cJ\\cj$", "\n\n", true},
    {"^\\x41\\u0042\\u{43}$", "ABC", true},
    {"^\\u{1F600}$", "😀", true},
    {"^\\uD83D\\uDE00$", "😀", true},
    {"^[\\uD83D\\uDE00-\\u{1F602}]$", "😁", true},
    {"^😀{2}$", "😀😀", true},
    {"^\\^\\$\\\\\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/$", "^$\\.*+?()[]{}|/", true},
    {"^/-:\"#&~=!<>,@%`';_ $", "/-:\"#&~=!<>,@%`';_ ", true},
    // Sets of characters.
    {"[^]", "\n", true},
    {"[^]", "", false},
    {"[]", "a", false},
    {"a[]|b", "b", true},
    {"^[]*$", "", true},
    {"^[^a]$", "\n", true},
    {"^[a-]$", "-", true},
    {"^[-a]$", "-", true},
    {"^[a\\-z]$", "b", false},
    {"^[.*+^$|(){}?/[]$", "[", true},
    {"^[^^]$", "^", false},
    {"^[:alpha:]$", "b", false},
    {"^[[:alpha:\\]]$", "[", true},
    {"^[à-é]$", "ç", true},
    {"^\\p{L}+$", "aéж中", true},
    {"^\\p{Letter}$", "1", false},
    {"^\\P{Lu}$", "É", false},
    {"^[^\\p{Lu}]$", "É", false},
    {"^[\\p{Nd}x]+$", "\u0663x", true},
    {"^\\p{General_Category=Decimal_Number}$", "7", true},
    {"^\\p{Script=Greek}+$", "αβγ", true},
    {"^\\p{sc=Greek}$", "a", false},
    {"^\\p{ASCII}$", "é", false},
    {"^\\P{ASCII}$", "é", true},
    {"^\\p{Any}$", "é", true},
    // Repetition and groups.
    {"^a*?b+?c??$", "aabb", true},
    {"^a{2}$", "aa", true},
    {"^a{2,}$", "aaa", true},
    {"^a{2,3}?$", "aaaa", false},
    {"^a{0}$", "", true},
    {"^(?<year>\\d{4})-(?:x)(y)$", "2024-xy", true},
    {"^(a*)*$", "b", false},
    {"^(?:|a)+$", "aaa", true},
    {"^(?:^|,)+a$", ",a", true},
    {"^()$", "", true},
    {"^.{0,255}$", std::string(255, 'x'), true},
    {"^.{0,255}$", std::string(256, 'x'), false},
};

TEST(Pattern, is_found_where_ecma_262_finds_it) {
    for (const Search &search : searches) {
        EXPECT_EQ(found(search.pattern, search.text), search.found)
            << search.pattern << " in " << search.text;
    }
}

// clang-format off
constexpr const char *malformed[] = {
    "(", ")", "(a", "a)", "[", "[a", "]", "{", "}", "a{", "a{1", "a{,2}", "{1}", "a{2,1}", "*",
    "+a", "a**", "a+{2}", "a|*", "(*)", "^*", "$+", "\\b*", "(?=a)*", "\\", "\\a", "\\-", "\\_",
    "\\e", "\\c", "\\c1", "\\x4", "\\u12", "\\u{}", "\\u{110000}", "\\u{1", "\\u{12345678901}",
    "\\1", "(a)\\2", "\\00", "\\01", "[\\1]", "[\\B]", "[b-a]", "[\\d-x]", "[a-\\d]", "[a-",
    "\\p", "\\pL", "\\p{}", "\\p{L", "\\p{letter}", "\\p{gc=}", "\\p{Script=}", "\\p{x=L}",
    "\\p{IsGreek}", "(?a)", "(?", "(?i)", "(?-:a)", "(?i:a)",
    "(?<x>a)|(?<x>b)", "(?ii:a)", "(?<>a)", "(?<1>a)", "(?<a",
    "\\k", "\\k<a>", "(?<a>x)\\k<b>", "(?P<a>x)", "\\Q.\\E", "\\z", "\\A", "(?#x)", "(?>a)",
    "a++",
};
// clang-format on

TEST(Pattern, refuses_what_is_no_regular_expression) {
    for (const char *text : malformed) {
        EXPECT_TRUE(refusal(text).starts_with("no regular expression of ECMA-262: ")) << text;
        EXPECT_NE(read_ecma(text).malformed, "") << text;
    }
}

TEST(Pattern, refuses_what_has_no_equal_by_its_reason) {
    const std::pair<const char *, const char *> cases[] = {
        {"a(?=b)", "looks ahead or behind"},
        {"a(?!b)", "looks ahead or behind"},
        {"(?<=a)b", "looks ahead or behind"},
        {"(?<!a)b", "looks ahead or behind"},
        {"(a)\\1", "refers back to a group"},
        {"(?<x>a)\\k<x>", "refers back to a group"},
        {"\\k<x>(?<x>a)", "refers back to a group"},
        {"\\uD83D", "asks for a lone surrogate"},
        {"[\\uD800-\\uDBFF]", "asks for a lone surrogate"},
        {"a{1001}", "repeats more than 1000 times"},
        {"a{0,99999999999999999999}", "repeats more than 1000 times"},
        {"\\p{Alphabetic}", "asks for the property \"Alphabetic\""},
        {"\\p{C}", "asks for the property \"C\""},
        {"\\P{Any}", "asks for the property \"Any\""},
        {"\\p{scx=Greek}", "asks for the property \"scx=Greek\""},
    };
    for (const auto &[text, reason] : cases) {
        EXPECT_EQ(refusal(text), std::string("the pattern ") + reason + ", which is not supported");
        EXPECT_EQ(read_ecma(text).malformed, "") << text;
    }
}

TEST(Pattern, refuses_what_re2_does_not_know) {
    EXPECT_NE(refusal("\\p{Script=Nonsense}"), "");
    EXPECT_NE(refusal("\\p{Script=Grek}"), "");
    EXPECT_NE(refusal("\\p{Script=Lu}"), "");
    EXPECT_NE(refusal("\\p{Script=Any}"), "");
}

TEST(Pattern, is_bounded_in_size) {
    EXPECT_EQ(refusal(std::string(text_bytes_max, 'a')), "");
    EXPECT_EQ(refusal(std::string(text_bytes_max + 1, 'a')),
              "the pattern has 8193 bytes, more than the limit of 8192");
    EXPECT_NE(refusal("(?:(?:a{100}){100}){100}"), "");
    EXPECT_NE(refusal("\\p{L}{1000}"), "");
    const std::string deep(4000, '(');
    EXPECT_NE(refusal(deep), "");
    (void)refusal(deep + std::string(4000, ')'));
    (void)refusal(deep + "a" + std::string(4000, ')') + "{2}");
}

TEST(Pattern, takes_time_in_proportion_to_the_text) {
    // Each of these takes a backtracking engine longer than anybody waits.
    const std::string text(100'000, 'a');
    for (const char *pattern : {"^(a+)+$b", "(a|a)*b", "^(a|aa)+$b", "(.*)*x", "(?:a?){100}b",
                                "(?:a|b)*a(?:a|b){60}c", "^(([a-z])+.)+[A-Z]([a-z])+$"}) {
        EXPECT_FALSE(found(pattern, text)) << pattern;
    }
}

}  // namespace
}  // namespace skillet::pattern
