// SPDX-License-Identifier: Apache-2.0
#include "prepare/prepare.h"

#include <string>

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"

namespace skillet {
namespace {

constexpr const char *every_step =
    R"([{"step":"strip-html@1","members":["/body","/parts/0/a~1b"]},)"
    R"({"step":"truncate@1","tokens":1016},)"
    R"({"step":"window@1","size":256,"stride":254,"max":4,"combine":"mean-logits"}])";

Result<PrepareSpec> parsed(std::string_view text) {
    auto value = json::parse(text, SKL_E_MANIFEST_INVALID, "test");
    EXPECT_TRUE(value) << text;
    return PrepareSpec::parse(*value, "/contract/prepare");
}

// "POINTER: MESSAGE", the pointer without "/contract/prepare".
std::string refusal(std::string_view text) {
    const auto spec = parsed(text);
    if (spec) return "accepted";
    EXPECT_EQ(spec.error().code, SKL_E_MANIFEST_INVALID);
    EXPECT_TRUE(spec.error().subject.starts_with("/contract/prepare"));
    return spec.error().subject.substr(std::string_view("/contract/prepare").size()) + ": " +
           spec.error().message;
}

std::string window(const char *size, const char *stride, const char *max) {
    return std::string(R"([{"step":"window@1","size":)") + size + R"(,"stride":)" + stride +
           R"(,"max":)" + max + R"(,"combine":"mean-logits"}])";
}

TEST(PrepareSpec, reads_every_step) {
    const auto spec = parsed(every_step);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->strip_html, (std::vector<std::string>{"/body", "/parts/0/a~1b"}));
    EXPECT_EQ(spec->truncate_tokens, 1016u);
    ASSERT_TRUE(spec->window);
    EXPECT_EQ(spec->window->size, 256u);
    EXPECT_EQ(spec->window->stride, 254u);
    EXPECT_EQ(spec->window->max, 4u);
}

TEST(PrepareSpec, writes_what_it_read) {
    EXPECT_EQ(json::compact(parsed(every_step)->to_json()), every_step);
    EXPECT_EQ(json::compact(parsed("[]")->to_json()), "[]");
    const char *one = R"([{"step":"truncate@1","tokens":1}])";
    EXPECT_EQ(json::compact(parsed(one)->to_json()), one);
}

TEST(PrepareSpec, refuses_what_is_no_list_of_steps) {
    EXPECT_EQ(refusal("{}"), ": expected an array of steps, found object");
    EXPECT_EQ(refusal("[1]"), "/0: expected an object");
    EXPECT_EQ(refusal("[{}]"), "/0/step: missing member \"step\"");
}

TEST(PrepareSpec, refuses_unknown_steps_and_versions) {
    for (const char *step : {"strip-html", "strip-html@2", "truncate", "lowercase@1", ""}) {
        EXPECT_EQ(refusal(std::string(R"([{"step":")") + step + R"("}])"), "/0/step: unknown step");
    }
}

TEST(PrepareSpec, refuses_another_order_and_repetition) {
    const std::string message =
        "/1/step: steps must stand in the order strip-html, truncate, window, each at most once";
    EXPECT_EQ(
        refusal(R"([{"step":"truncate@1","tokens":1},{"step":"strip-html@1","members":[""]}])"),
        message);
    EXPECT_EQ(refusal(R"([{"step":"truncate@1","tokens":1},{"step":"truncate@1","tokens":1}])"),
              message);
}

TEST(PrepareSpec, refuses_unknown_members_of_a_step) {
    EXPECT_EQ(refusal(R"([{"step":"truncate@1","tokens":1,"side":"left"}])"),
              "/0/side: unknown member");
}

TEST(PrepareSpec, refuses_sizes_outside_their_range) {
    EXPECT_EQ(refusal(R"([{"step":"truncate@1","tokens":0}])"),
              "/0/tokens: 0 is outside 1..1048576");
    EXPECT_EQ(refusal(R"([{"step":"truncate@1","tokens":1048577}])"),
              "/0/tokens: 1048577 is outside 1..1048576");
    EXPECT_EQ(refusal(window("2", "1", "1")), "/0/size: 2 is outside 3..65536");
    EXPECT_EQ(refusal(window("65537", "1", "1")), "/0/size: 65537 is outside 3..65536");
    EXPECT_EQ(refusal(window("256", "255", "1")), "/0/stride: 255 is outside 1..254");
    EXPECT_EQ(refusal(window("3", "0", "1")), "/0/stride: 0 is outside 1..1");
    EXPECT_EQ(refusal(window("3", "1", "65")), "/0/max: 65 is outside 1..64");
    EXPECT_EQ(refusal(window("3", "1", "1")), "accepted");
    EXPECT_EQ(refusal(window("65536", "65534", "64")), "accepted");
}

TEST(PrepareSpec, refuses_other_ways_to_combine_windows) {
    EXPECT_EQ(refusal(R"([{"step":"window@1","size":9,"stride":7,"max":1,"combine":"max"}])"),
              "/0/combine: must be \"mean-logits\"");
}

TEST(PrepareSpec, refuses_members_that_are_no_json_pointers) {
    for (const char *member : {"body", "/a~", "/a~2", "#/body"}) {
        EXPECT_EQ(refusal(std::string(R"([{"step":"strip-html@1","members":["/x",")") + member +
                          R"("]}])"),
                  "/0/members/1: not a JSON pointer");
    }
    EXPECT_EQ(refusal(R"([{"step":"strip-html@1","members":["","/a~0~1"]}])"), "accepted");
}

TEST(PrepareSpec, refuses_no_members_too_many_and_the_same_twice) {
    EXPECT_EQ(refusal(R"([{"step":"strip-html@1","members":[]}])"),
              "/0/members: 0 members, expected 1 to 16");
    std::string many = R"([{"step":"strip-html@1","members":["/0")";
    for (int i = 1; i < 17; ++i) many += ",\"/" + std::to_string(i) + "\"";
    EXPECT_EQ(refusal(many + "]}]"), "/0/members: 17 members, expected 1 to 16");
    EXPECT_EQ(refusal(R"([{"step":"strip-html@1","members":["/a","/a"]}])"),
              "/0/members/1: this member is named twice");
}

}  // namespace
}  // namespace skillet
