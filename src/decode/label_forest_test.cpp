// SPDX-License-Identifier: Apache-2.0
#include "decode/label_forest.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace skillet {
namespace {

using Labels = std::vector<std::vector<TokenId>>;
constexpr TokenId end = 9;

LabelForest planted(const Labels &labels) {
    auto forest = LabelForest::plant(labels);
    EXPECT_TRUE(forest) << forest.error().message;
    return *std::move(forest);
}

std::string refusal(const Labels &labels) {
    const auto forest = LabelForest::plant(labels);
    if (forest) return "planted";
    EXPECT_EQ(forest.error().code, SKL_E_MANIFEST_INVALID);
    EXPECT_FALSE(forest.error().hint.empty());
    return forest.error().subject;
}

// What the engine would answer if log P(token | path) were minus the token, at every place.
std::vector<double> minus_tokens(const LabelForest &forest) {
    std::vector<double> edges;
    for (const TokenTree &tree : forest.trees())
        for (const TokenTree::Node &edge : tree.edges) edges.push_back(-edge.token);
    return edges;
}

TEST(LabelForest, shares_what_labels_begin_with) {
    const LabelForest forest = planted({{1, 2, end}, {1, 3, end}, {1, end}});
    ASSERT_EQ(forest.trees().size(), 1u);
    EXPECT_EQ(forest.trees()[0].nodes.size(), 3u);  // 1, 2 and 3
    EXPECT_EQ(forest.trees()[0].edges.size(), 6u);  // those, and an end behind each
    EXPECT_EQ(forest.nodes_max(), 3u);
}

TEST(LabelForest, asks_for_the_end_behind_every_label_and_reads_no_end) {
    const LabelForest forest = planted({{1, end}, {2, end}});
    for (const TokenTree::Node &node : forest.trees()[0].nodes) EXPECT_NE(node.token, end);
    size_t ends = 0;
    for (const TokenTree::Node &edge : forest.trees()[0].edges) ends += edge.token == end;
    EXPECT_EQ(ends, 2u);
}

TEST(LabelForest, scores_a_label_by_the_sum_of_its_tokens_with_the_end) {
    const LabelForest forest = planted({{1, 2, end}, {1, end}, {4, 4, 4, end}});
    EXPECT_EQ(forest.label_scores(minus_tokens(forest)), (std::vector<double>{-12, -10, -21}));
}

TEST(LabelForest, refuses_labels_that_tokens_do_not_tell_apart) {
    EXPECT_EQ(refusal({{1, end}, {2, end}, {1, end}}), "/2");
    EXPECT_EQ(refusal({{1, end}, {1, end, 3, end}}), "/1");
    EXPECT_EQ(refusal({{1, end}, {end}}), "/1");
    EXPECT_EQ(refusal({{}, {1, end}}), "/0");
}

TEST(LabelForest, refuses_a_label_longer_than_one_call) {
    std::vector<TokenId> longest(TokenTree::nodes_max, 1);
    longest.push_back(end);
    planted({longest, {2, end}});
    longest.insert(longest.begin(), 1);
    EXPECT_EQ(refusal({{2, end}, longest}), "/1");
}

// Each node comes after its parent, trees keep to the engine's limits, and sums come out right.
TEST(LabelForest, keeps_random_labels_within_the_limits_of_one_call) {
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        std::set<std::vector<TokenId>> distinct;
        const size_t count = 2 + random() % 60;
        while (distinct.size() < count) {
            std::vector<TokenId> label(1 + random() % 6);
            for (TokenId &token : label) token = static_cast<TokenId>(random() % 4);
            label.push_back(end);
            distinct.insert(label);
        }
        const Labels labels(distinct.begin(), distinct.end());
        const LabelForest forest = planted(labels);
        for (const TokenTree &tree : forest.trees()) {
            ASSERT_LE(tree.nodes.size(), TokenTree::nodes_max);
            std::set<uint32_t> parents;
            for (uint32_t i = 0; i < tree.nodes.size(); ++i) {
                ASSERT_TRUE(tree.nodes[i].after == TokenTree::prompt || tree.nodes[i].after < i);
                parents.insert(tree.nodes[i].after);
            }
            parents.erase(TokenTree::prompt);
            ASSERT_LE(tree.nodes.size() - parents.size(), TokenTree::branches_max);
            for (const TokenTree::Node &edge : tree.edges)
                ASSERT_TRUE(edge.after == TokenTree::prompt || edge.after < tree.nodes.size());
        }
        const auto scores = forest.label_scores(minus_tokens(forest));
        ASSERT_EQ(scores.size(), labels.size());
        for (size_t i = 0; i < labels.size(); ++i) {
            double due = 0;
            for (const TokenId token : labels[i]) due -= token;
            ASSERT_EQ(scores[i], due);
        }
    }
}

}  // namespace
}  // namespace skillet
