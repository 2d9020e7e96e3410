// SPDX-License-Identifier: Apache-2.0
#include "json/value.h"

#include <string>

#include <gtest/gtest.h>

namespace skillet::json {
namespace {

// The example document of RFC 6901, section 5.
Value pointer_example() {
    return Object{{"foo", Array{"bar", "baz"}},
                  {"", 0},
                  {"a/b", 1},
                  {"c%d", 2},
                  {"e^f", 3},
                  {"g|h", 4},
                  {"i\\j", 5},
                  {"k\"l", 6},
                  {" ", 7},
                  {"m~n", 8}};
}

TEST(Value, names_its_type) {
    EXPECT_STREQ(Value().type_name(), "null");
    EXPECT_STREQ(Value(true).type_name(), "boolean");
    EXPECT_STREQ(Value(uint64_t{1}).type_name(), "integer");
    EXPECT_STREQ(Value(1.0).type_name(), "number");
    EXPECT_STREQ(Value("x").type_name(), "string");
    EXPECT_STREQ(Value(Array{}).type_name(), "array");
    EXPECT_STREQ(Value(Object{}).type_name(), "object");
}

TEST(Value, gives_pointers_to_its_own_type_only) {
    const Value value(7);
    EXPECT_EQ(*value.integer(), 7);
    EXPECT_EQ(value.real(), nullptr);
    EXPECT_EQ(value.string(), nullptr);
    EXPECT_FALSE(value.is_null());
    EXPECT_TRUE(value.is_number());
    EXPECT_EQ(value.number(), 7.0);
    EXPECT_EQ(Value(2.5).number(), 2.5);
}

TEST(Object, replaces_in_place_and_erases) {
    Object object{{"a", 1}, {"b", 2}};
    object.set("a", "x");
    object.set("c", 3);
    EXPECT_EQ(object, (Object{{"a", "x"}, {"b", 2}, {"c", 3}}));
    object.erase("b");
    object.erase("unknown");
    EXPECT_EQ(object, (Object{{"a", "x"}, {"c", 3}}));
    EXPECT_EQ(object.find("b"), nullptr);
}

TEST(Resolve, finds_everything_in_the_example_of_the_rfc) {
    const Value root = pointer_example();
    EXPECT_EQ(*resolve(root, ""), root);
    EXPECT_EQ(*resolve(root, "/foo"), Value(Array{"bar", "baz"}));
    EXPECT_EQ(*resolve(root, "/foo/0"), Value("bar"));
    const char *pointers[] = {"/",     "/a~1b", "/c%d", "/e^f", "/g|h",
                              "/i\\j", "/k\"l", "/ ",   "/m~0n"};
    int expected = 0;
    for (const char *pointer : pointers) {
        const Value *value = resolve(root, pointer);
        ASSERT_NE(value, nullptr) << pointer;
        EXPECT_EQ(*value, Value(expected++)) << pointer;
    }
}

TEST(Resolve, gives_null_for_what_is_not_there) {
    const Value root = pointer_example();
    for (const char *pointer :
         {"foo", "/bar", "/foo/2", "/foo/00", "/foo/-1", "/foo/-", "/foo/", "/foo/0x", "/foo/0/x",
          "/m~n", "/m~2n", "/m~", "/foo/99999999999999999999"}) {
        EXPECT_EQ(resolve(root, pointer), nullptr) << pointer;
    }
}

TEST(PointerJoin, escapes_tilde_and_slash) {
    EXPECT_EQ(pointer_join("/a/b", "x~y"), "/a/b/x~0y");
    EXPECT_EQ(pointer_join("", "a/b"), "/a~1b");
    EXPECT_EQ(pointer_join("", ""), "/");
}

}  // namespace
}  // namespace skillet::json
