// SPDX-License-Identifier: Apache-2.0
#include "measurement/split.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace skillet {
namespace {

std::vector<Case> numbered(size_t count) {
    std::vector<Case> cases;
    for (size_t i = 0; i < count; ++i) cases.push_back({i + 1, fmt::format("{}", i), 0, ""});
    return cases;
}

std::set<std::string> inputs(const std::vector<Case> &cases, const std::vector<size_t> &indexes) {
    std::set<std::string> found;
    for (const size_t i : indexes) found.insert(cases[i].input);
    return found;
}

TEST(SplitCases, gives_each_case_to_one_part_a_quarter_a_quarter_and_a_half) {
    const auto cases = numbered(4000);
    const auto parts = split_cases(cases, {});
    ASSERT_TRUE(parts);
    std::set<size_t> all;
    for (const auto &part : *parts) all.insert(part.begin(), part.end());
    EXPECT_EQ(all.size(), cases.size());
    EXPECT_EQ((*parts)[0].size() + (*parts)[1].size() + (*parts)[2].size(), cases.size());
    EXPECT_NEAR(static_cast<double>((*parts)[0].size()), 1000, 100);
    EXPECT_NEAR(static_cast<double>((*parts)[1].size()), 1000, 100);
}

TEST(SplitCases, depends_on_seed_and_input_and_on_nothing_else) {
    auto cases = numbered(200);
    const auto before = split_cases(cases, {});
    std::vector<Case> turned(cases.rbegin(), cases.rend());
    turned.resize(150);
    const auto after = split_cases(turned, {});
    ASSERT_TRUE(before && after);
    for (size_t part = 0; part < part_count; ++part) {
        const auto there = inputs(cases, (*before)[part]);
        for (const std::string &input : inputs(turned, (*after)[part])) {
            EXPECT_TRUE(there.contains(input)) << input;
        }
    }
    EXPECT_NE((*split_cases(cases, {1, ""}))[0], (*before)[0]);
}

TEST(SplitCases, keeps_equal_inputs_together) {
    auto cases = numbered(100);
    const auto copies = numbered(100);
    cases.insert(cases.end(), copies.begin(), copies.end());
    const auto parts = split_cases(cases, {});
    ASSERT_TRUE(parts);
    for (const auto &part : *parts) EXPECT_EQ(inputs(cases, part).size() * 2, part.size());
}

TEST(SplitCases, fits_on_the_split_that_is_named_and_on_no_other) {
    auto cases = numbered(300);
    for (size_t i = 0; i < 100; ++i) cases[i].split = "validation";
    const auto parts = split_cases(cases, {0, "validation"});
    ASSERT_TRUE(parts);
    EXPECT_EQ((*parts)[0].size() + (*parts)[1].size(), 100u);
    for (const size_t i : (*parts)[2]) EXPECT_GE(i, 100u);
}

TEST(SplitCases, refuses_a_named_split_that_shares_an_input_with_the_rest) {
    auto cases = numbered(300);
    for (size_t i = 0; i < 100; ++i) cases[i].split = "validation";
    cases[200].input = cases[3].input;
    const auto parts = split_cases(cases, {0, "validation"});
    ASSERT_FALSE(parts);
    EXPECT_EQ(parts.error().code, SKL_E_INPUT_SCHEMA);
    EXPECT_NE(parts.error().message.find("lines 4 and 201"), std::string::npos);
}

TEST(SplitCases, refuses_parts_that_say_nothing) {
    for (const auto &rule : {SplitRule{}, SplitRule{0, "nowhere"}}) {
        const auto parts = split_cases(numbered(rule.fit_on.empty() ? 12 : 500), rule);
        ASSERT_FALSE(parts);
        EXPECT_EQ(parts.error().code, SKL_E_INVALID_ARGUMENT);
        EXPECT_NE(parts.error().message.find("each needs 10"), std::string::npos);
    }
}

}  // namespace
}  // namespace skillet
