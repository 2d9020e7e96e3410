// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "prepare/prepare.h"

namespace skillet {
namespace {

std::vector<TokenId> tokens(size_t count) {
    std::vector<TokenId> ids(count);
    std::iota(ids.begin(), ids.end(), 0);
    return ids;
}

// First token and length of each window over tokens 0, 1, 2, ...
std::vector<std::pair<TokenId, size_t>> layout(size_t count, const WindowStep &window) {
    const auto ids = tokens(count);
    const auto spans = windows(ids, window);
    EXPECT_TRUE(spans);
    std::vector<std::pair<TokenId, size_t>> result;
    if (!spans) return result;
    for (const auto &span : *spans) result.emplace_back(span.empty() ? -1 : span[0], span.size());
    return result;
}

using Layout = std::vector<std::pair<TokenId, size_t>>;

TEST(Windows, one_window_holds_a_text_that_fits) {
    EXPECT_EQ(layout(0, {12, 10, 4}), (Layout{{-1, 0}}));
    EXPECT_EQ(layout(1, {12, 10, 4}), (Layout{{0, 1}}));
    EXPECT_EQ(layout(10, {12, 10, 4}), (Layout{{0, 10}}));
}

TEST(Windows, the_last_window_ends_with_the_text_and_is_full) {
    EXPECT_EQ(layout(11, {12, 10, 4}), (Layout{{0, 10}, {1, 10}}));
    EXPECT_EQ(layout(20, {12, 10, 4}), (Layout{{0, 10}, {10, 10}}));
    EXPECT_EQ(layout(21, {12, 10, 4}), (Layout{{0, 10}, {10, 10}, {11, 10}}));
}

TEST(Windows, a_smaller_stride_makes_windows_overlap) {
    EXPECT_EQ(layout(18, {12, 4, 4}), (Layout{{0, 10}, {4, 10}, {8, 10}}));
    EXPECT_EQ(layout(19, {12, 4, 4}), (Layout{{0, 10}, {4, 10}, {8, 10}, {9, 10}}));
}

TEST(Windows, every_token_is_in_a_window) {
    for (uint32_t size = 3; size <= 7; ++size) {
        for (uint32_t stride = 1; stride <= size - 2; ++stride) {
            for (size_t count = 1; count <= 40; ++count) {
                const auto ids = tokens(count);
                const auto spans = windows(ids, {size, stride, 64});
                ASSERT_TRUE(spans);
                std::vector<bool> covered(count);
                for (const auto &span : *spans) {
                    for (const TokenId id : span) covered[static_cast<size_t>(id)] = true;
                }
                EXPECT_EQ(covered, std::vector<bool>(count, true));
            }
        }
    }
}

TEST(Windows, tokens_max_is_the_most_that_is_accepted) {
    const WindowStep window{256, 254, 4};
    EXPECT_EQ(window.tokens_max(), 1016u);
    EXPECT_EQ(layout(1016, window).size(), 4u);
    const auto ids = tokens(1017);
    const auto spans = windows(ids, window);
    ASSERT_FALSE(spans);
    EXPECT_EQ(spans.error().code, SKL_E_CONTEXT_EXCEEDED);
    EXPECT_EQ(spans.error().message,
              "1017 tokens need 5 windows, more than the limit of 4 windows (1016 tokens)");
}

TEST(Windows, tokens_max_holds_for_overlapping_windows) {
    const WindowStep window{12, 3, 5};
    EXPECT_EQ(window.tokens_max(), 22u);
    EXPECT_TRUE(windows(tokens(22), window));
    EXPECT_FALSE(windows(tokens(23), window));
}

}  // namespace
}  // namespace skillet
