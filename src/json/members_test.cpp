// SPDX-License-Identifier: Apache-2.0
#include "json/members.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace skillet::json {
namespace {

constexpr Code code = SKL_E_MANIFEST_INVALID;

template <typename T>
void expect_refusal(const Result<T> &result, std::string_view subject, std::string_view message) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(result.error().subject, subject);
    EXPECT_EQ(result.error().message, message);
}

TEST(MemberReader, reads_each_type) {
    const Value value =
        Object{{"s", "x"},      {"i", 5},      {"n", 0.5}, {"b", true}, {"l", Array{"a", "b"}},
               {"o", Object{}}, {"v", nullptr}};
    MemberReader reader(value, "/top", code);
    EXPECT_EQ(*reader.string("s"), "x");
    EXPECT_EQ(*reader.integer("i", 0, 5), 5);
    EXPECT_EQ(*reader.number("n", 0, 1), 0.5);
    EXPECT_EQ(*reader.number("i", 0, 10), 5.0);
    EXPECT_TRUE(*reader.boolean("b"));
    EXPECT_EQ(*reader.strings("l"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ((*reader.array("l"))->size(), 2u);
    EXPECT_TRUE((*reader.object("o"))->empty());
    EXPECT_TRUE((*reader.any("v"))->is_null());
    EXPECT_TRUE(reader.done());
}

TEST(MemberReader, names_a_missing_member_by_its_pointer) {
    const Value value = Object{};
    MemberReader reader(value, "/top", code);
    expect_refusal(reader.string("a/b"), "/top/a~1b", "missing member \"a/b\"");
    expect_refusal(reader.object("o"), "/top/o", "missing member \"o\"");
}

TEST(MemberReader, names_the_type_it_found) {
    const Value value = Object{{"x", 1.5}, {"l", Array{"a", 2}}};
    MemberReader reader(value, "", code);
    expect_refusal(reader.string("x"), "/x", "expected a string, found number");
    expect_refusal(reader.integer("x", 0, 9), "/x", "expected an integer, found number");
    expect_refusal(reader.boolean("x"), "/x", "expected a boolean, found number");
    expect_refusal(reader.object("x"), "/x", "expected an object, found number");
    expect_refusal(reader.array("x"), "/x", "expected an array, found number");
    expect_refusal(reader.number("l", 0, 1), "/l", "expected a number, found array");
    expect_refusal(reader.strings("l"), "/l/1", "expected a string, found integer");
}

TEST(MemberReader, refuses_numbers_outside_their_range) {
    const Value value = Object{{"i", -1}, {"n", 1.5}};
    MemberReader reader(value, "", code);
    expect_refusal(reader.integer("i", 0, 9), "/i", "-1 is outside 0..9");
    expect_refusal(reader.number("n", 0, 1), "/n", "1.5 is outside 0..1");
}

TEST(MemberReader, refuses_a_member_that_nobody_read) {
    const Value value = Object{{"known", 1}, {"maybe", 2}, {"other", 3}};
    MemberReader reader(value, "/top", code);
    EXPECT_TRUE(reader.integer("known", 0, 9));
    EXPECT_NE(reader.optional("maybe"), nullptr);
    expect_refusal(reader.done(), "/top/other", "unknown member");
    EXPECT_NE(reader.optional("other"), nullptr);
    EXPECT_TRUE(reader.done());
}

TEST(MemberReader, treats_optional_members_as_known) {
    const Value value = Object{{"title", "x"}, {"count", 1}};
    MemberReader reader(value, "", code);
    EXPECT_EQ(reader.optional("absent"), nullptr);
    EXPECT_EQ(*reader.string_or("title", "none"), "x");
    EXPECT_EQ(*reader.string_or("owner", "none"), "none");
    expect_refusal(reader.string_or("count", "none"), "/count", "expected a string, found integer");
}

TEST(MemberReader, fails_everywhere_on_what_is_no_object) {
    const Value value = Array{};
    MemberReader reader(value, "/top", code);
    expect_refusal(reader.string("x"), "/top", "expected an object");
    EXPECT_EQ(reader.optional("x"), nullptr);
    expect_refusal(reader.done(), "/top", "expected an object");
}

}  // namespace
}  // namespace skillet::json
