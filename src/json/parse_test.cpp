// SPDX-License-Identifier: Apache-2.0
#include "json/parse.h"

#include <cmath>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "json/write.h"

namespace skillet::json {
namespace {

constexpr Code code = SKL_E_INPUT_SYNTAX;

Result<Value> parsed(std::string_view text) { return parse(text, code, "request"); }

std::string refusal(std::string_view text) {
    const auto value = parsed(text);
    return value ? "accepted: " + compact(*value) : value.error().message;
}

std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Parse, reads_every_type_of_value) {
    const auto value = parsed(R"({"null":null,"yes":true,"no":false,"integer":-7,"real":1.5,)"
                              R"("string":"a\"\\\/\b\f\n\r\t\u00e9","array":[1,[]],"object":{}})");
    ASSERT_TRUE(value) << value.error().message;
    const Object expected{{"null", nullptr},
                          {"yes", true},
                          {"no", false},
                          {"integer", -7},
                          {"real", 1.5},
                          {"string", "a\"\\/\b\f\n\r\t\xC3\xA9"},
                          {"array", Array{1, Array{}}},
                          {"object", Object{}}};
    EXPECT_EQ(*value, Value(expected));
}

TEST(Parse, reads_scalars_at_the_top) {
    EXPECT_EQ(*parsed(" 12 "), Value(12));
    EXPECT_EQ(*parsed("\t\"x\"\r\n"), Value("x"));
    EXPECT_EQ(*parsed("null"), Value());
}

TEST(Parse, keeps_members_in_their_order) {
    EXPECT_EQ(compact(*parsed(R"({"b":1,"a":2,"c":3})")), R"({"b":1,"a":2,"c":3})");
}

TEST(Parse, tells_integers_from_reals_by_how_they_are_written) {
    EXPECT_NE(parsed("1")->integer(), nullptr);
    EXPECT_NE(parsed("1.0")->real(), nullptr);
    EXPECT_NE(parsed("1e0")->real(), nullptr);
}

TEST(Parse, reads_minus_zero_as_the_integer_zero_and_keeps_its_sign_in_a_real) {
    EXPECT_EQ(*parsed("-0"), Value(0));
    const auto real = parsed("-0.0");
    ASSERT_NE(real->real(), nullptr);
    EXPECT_TRUE(std::signbit(*real->real()));
}

TEST(Parse, reads_reals_to_the_nearest_double) {
    EXPECT_EQ(*parsed("0.1")->real(), 0.1);
    EXPECT_EQ(*parsed("9007199254740993.0")->real(), 9007199254740992.0);
    EXPECT_EQ(*parsed("5e-324")->real(), 5e-324);
    EXPECT_EQ(*parsed("1.7976931348623157e308")->real(), 1.7976931348623157e308);
    EXPECT_EQ(*parsed("0e999")->real(), 0.0);
    EXPECT_EQ(*parsed("7.3177701707893310e+15")->real(), 7.3177701707893310e+15);
}

TEST(Parse, reads_the_whole_range_of_int64_and_nothing_beyond) {
    EXPECT_EQ(*parsed("9223372036854775807")->integer(), INT64_MAX);
    EXPECT_EQ(*parsed("-9223372036854775808")->integer(), INT64_MIN);
    for (const char *text : {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                             "-9223372036854775809", "1000000000000000000000000000000"}) {
        EXPECT_EQ(refusal(text), "line 1, column 1: the integer is outside the range of 64 bits");
    }
}

TEST(Parse, reads_back_reals_that_are_written_without_a_point) {
    for (const double value : {1e19, 1e20, 666634953495621349564.5, -9223372036854776000.0}) {
        const auto read = parsed(canonical(value));
        ASSERT_TRUE(read) << canonical(value);
        ASSERT_NE(read->real(), nullptr);
        EXPECT_EQ(*read->real(), value);
    }
    EXPECT_FALSE(parsed("100000000000000000001"));
}

TEST(Parse, refuses_numbers_outside_the_range_of_a_double) {
    EXPECT_EQ(refusal("[1e999]"), "line 1, column 2: the number is outside the range of a double");
    EXPECT_FALSE(parsed("-1e999"));
    EXPECT_FALSE(parsed("1e-400"));
}

TEST(Parse, refuses_what_is_no_json_number) {
    for (const char *text : {"NaN", "Infinity", "-Infinity", "nan", "+1", "01", "-", "1.", ".5",
                             "1e", "1e+", "0x10", "1_000", "1.2.3"}) {
        EXPECT_FALSE(parsed(text)) << text;
    }
}

TEST(Parse, joins_surrogate_pairs) {
    EXPECT_EQ(*parsed(R"("\ud83d\ude00")"), Value("\xF0\x9F\x98\x80"));
    EXPECT_EQ(*parsed(R"("\uD834\uDD1E\u0041")"), Value("\xF0\x9D\x84\x9E"
                                                        "A"));
}

TEST(Parse, refuses_lone_surrogates) {
    for (const char *text :
         {R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\ud800\ud800")", R"("\ud800x")",
          R"("\ud800\n")", R"("\udc00\ud800")", R"({"\ud800":1})", R"("\\\ud800")"}) {
        EXPECT_NE(refusal(text).find("a lone surrogate escape"), std::string::npos) << text;
    }
}

TEST(Parse, takes_an_escaped_backslash_for_no_escape) {
    EXPECT_EQ(*parsed(R"("\\ud800")"), Value("\\ud800"));
}

TEST(Parse, accepts_an_escaped_nul_and_refuses_raw_controls) {
    EXPECT_EQ(*parsed(R"("a\u0000b")"), Value(std::string("a\0b", 3)));
    for (const char byte : {'\0', '\x01', '\t', '\n', '\x1f'}) {
        EXPECT_FALSE(parsed(std::string("\"a") + byte + "\"")) << int{byte};
    }
    EXPECT_TRUE(parsed("\"\x7f\""));
}

TEST(Parse, refuses_invalid_utf8) {
    for (const char *bytes : {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                              "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF"}) {
        EXPECT_FALSE(parsed(std::string("\"") + bytes + "\""));
        EXPECT_FALSE(parsed(std::string("{\"") + bytes + "\":1}"));
        EXPECT_FALSE(parsed(bytes));
    }
}

TEST(Parse, refuses_a_byte_order_mark) {
    EXPECT_EQ(refusal("\xEF\xBB\xBF{}"), "line 1, column 1: a byte order mark is not allowed");
}

TEST(Parse, refuses_comments_and_trailing_commas) {
    for (const char *text : {"// x\n1", "/* x */ 1", "[1 /* x */]", "[1] // x", "1//", "[1,]",
                             "{\"a\":1,}", "[,1]", "1,", "1 ,", "1,2", "{},"}) {
        EXPECT_FALSE(parsed(text)) << text;
    }
}

TEST(Parse, refuses_bytes_after_the_document) {
    EXPECT_EQ(refusal("{} x"), "line 1, column 4: bytes after the end of the document");
    EXPECT_EQ(refusal("1,\n"), "line 1, column 2: bytes after the end of the document");
    EXPECT_FALSE(parsed("{}{}"));
    EXPECT_FALSE(parsed(std::string("{}\0", 3)));
}

TEST(Parse, refuses_a_text_that_ends_too_early) {
    for (const char *text : {"", " ", "[", "{\"a\"", "{\"a\":", "\"abc", "tru", "[1", "\"\\u12"}) {
        EXPECT_FALSE(parsed(text)) << text;
    }
    EXPECT_EQ(refusal("[1,\n 2"), "line 2, column 3: the text ends too early");
}

TEST(Parse, names_a_duplicate_member_and_where_it_stands) {
    EXPECT_EQ(refusal("{\n  \"id\": 1,\n  \"x\": 2, \"id\": 3\n}"),
              "line 3, column 11: duplicate member \"id\"");
    EXPECT_EQ(refusal("[\"é\", {\"a\":1, \"\\u0061\":2}]"),
              "line 1, column 15: duplicate member \"a\"");
    EXPECT_TRUE(parsed(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})"));
}

TEST(Parse, finds_a_duplicate_among_many_members) {
    std::string text = "{";
    for (int i = 0; i < 50000; ++i) text += "\"member" + std::to_string(i) + "\":0,";
    EXPECT_TRUE(parsed(text + "\"last\":0}"));
    EXPECT_NE(refusal(text + "\"member7\":0}").find("duplicate member \"member7\""),
              std::string::npos);
}

TEST(Parse, cuts_a_long_name_at_a_character) {
    std::string name(99, 'x');
    for (int i = 0; i < 1000; ++i) name += "é";
    const auto message = refusal("{\"" + name + "\":1,\"" + name + "\":2}");
    EXPECT_TRUE(message.ends_with(": duplicate member \"" + std::string(99, 'x') + "\""));
}

TEST(Parse, accepts_the_deepest_nesting_and_refuses_one_more) {
    EXPECT_TRUE(parsed(nested(64)));
    EXPECT_EQ(refusal(nested(65)), "line 1, column 66: nested deeper than the limit of 64");
    EXPECT_TRUE(parse(nested(3), code, "request", {.depth_max = 3}));
    EXPECT_FALSE(parse(nested(4), code, "request", {.depth_max = 3}));
}

TEST(Parse, refuses_a_hundred_thousand_open_brackets) {
    EXPECT_FALSE(parsed(nested(100000)));
    EXPECT_FALSE(parsed(std::string(100000, '[')));
    std::string objects;
    for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
    EXPECT_FALSE(parsed(objects));
}

TEST(Parse, refuses_more_bytes_than_the_limit_and_says_both_numbers) {
    EXPECT_TRUE(parse("[1, 2]", code, "request", {.bytes_max = 6}));
    const auto value = parse("[1, 2]", code, "request", {.bytes_max = 5});
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().message, "the text has 6 bytes, more than the limit of 5");
    EXPECT_EQ(value.error().required_bytes, 6u);
    EXPECT_EQ(value.error().available_bytes, 5u);
}

TEST(Parse, fails_with_the_code_and_subject_of_the_caller) {
    const auto value = parse("[", SKL_E_MANIFEST_INVALID, "skill.json");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, SKL_E_MANIFEST_INVALID);
    EXPECT_EQ(value.error().subject, "skill.json");
    EXPECT_FALSE(value.error().hint.empty());
}

TEST(Parse, counts_lines_by_line_feeds) {
    EXPECT_TRUE(refusal("{\r\n\r\n  x").starts_with("line 3, column 3: "));
}

}  // namespace
}  // namespace skillet::json
