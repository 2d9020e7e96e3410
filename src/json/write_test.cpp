// SPDX-License-Identifier: Apache-2.0
#include "json/write.h"

#include <bit>
#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "json/parse.h"

namespace skillet::json {
namespace {

Value parsed(std::string_view text) {
    auto value = parse(text, SKL_E_INPUT_SYNTAX, "test");
    EXPECT_TRUE(value) << text;
    return value ? *value : Value();
}

TEST(Canonical, writes_numbers_as_in_appendix_b_of_the_rfc) {
    const std::pair<uint64_t, const char *> vectors[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (const auto &[bits, text] : vectors) {
        EXPECT_EQ(canonical(Value(std::bit_cast<double>(bits))), text);
    }
}

TEST(Canonical, writes_the_numbers_of_section_3_2_2) {
    EXPECT_EQ(canonical(parsed("[333333333.33333329, 1E30, 4.50, 2e-3, "
                               "0.000000000000000000000000001]")),
              "[333333333.3333333,1e+30,4.5,0.002,1e-27]");
}

TEST(Canonical, sorts_by_utf16_code_units_as_in_section_3_2_3) {
    const Value value = parsed(R"({"\u20ac":"Euro Sign","\r":"Carriage Return",)"
                               R"("\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",)"
                               R"("\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",)"
                               R"("\u00f6":"Latin Small Letter O With Diaeresis"})");
    EXPECT_EQ(canonical(value),
              "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\","
              "\"\xC3\xB6\":\"Latin Small Letter O With Diaeresis\",\"\xE2\x82\xAC\":\"Euro Sign\","
              "\"\xF0\x9F\x98\x80\":\"Emoji: Grinning Face\","
              "\"\xEF\xAC\xB3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(Canonical, sorts_a_prefix_first_and_at_every_depth) {
    EXPECT_EQ(canonical(parsed(R"({"ab":1,"a":{"d":1,"c":[{"z":1,"y":2}]},"":0})")),
              R"({"":0,"a":{"c":[{"y":2,"z":1}],"d":1},"ab":1})");
}

TEST(Canonical, escapes_only_what_it_must) {
    EXPECT_EQ(canonical(parsed(R"("\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\b\t\f\r\u007f")")),
              "\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\b\\t\\f\\r\x7f\"");
    EXPECT_EQ(canonical(parsed(R"("\u2028\u0000")")), "\"\xE2\x80\xA8\\u0000\"");
}

TEST(Canonical, writes_literals_and_empty_containers) {
    EXPECT_EQ(canonical(parsed("[ null , true , false , [] , {} ]")), "[null,true,false,[],{}]");
}

TEST(Canonical, gives_equal_bytes_for_integers_and_reals_of_equal_value) {
    EXPECT_EQ(canonical(parsed("[1.0, 1e2, -0, -0.0]")), "[1,100,0,0]");
}

TEST(Canonical, writes_integers_beyond_2_to_the_53_as_they_are) {
    EXPECT_EQ(canonical(parsed("[9007199254740993,-9223372036854775808]")),
              "[9007199254740993,-9223372036854775808]");
}

TEST(Compact, keeps_the_order_of_members) {
    EXPECT_EQ(compact(parsed(R"({ "b" : [1, 2], "a" : "x" })")), R"({"b":[1,2],"a":"x"})");
}

TEST(Pretty, indents_by_two_spaces_and_keeps_empty_containers_closed) {
    EXPECT_EQ(pretty(parsed(R"({"b":[1,{"c":null}],"a":{},"d":[]})")),
              "{\n"
              "  \"b\": [\n"
              "    1,\n"
              "    {\n"
              "      \"c\": null\n"
              "    }\n"
              "  ],\n"
              "  \"a\": {},\n"
              "  \"d\": []\n"
              "}");
}

TEST(Write, every_form_parses_back_to_the_same_value) {
    const Value value =
        parsed(R"({"k":[0.1,1e300,-5e-324,9223372036854775807,"\u0001\ud83d\ude00"]})");
    EXPECT_EQ(parsed(canonical(value)), value);
    EXPECT_EQ(parsed(compact(value)), value);
    EXPECT_EQ(parsed(pretty(value)), value);
}

}  // namespace
}  // namespace skillet::json
