// SPDX-License-Identifier: Apache-2.0
#include "decode/label_forest.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>

#include <fmt/format.h>

namespace skillet {
namespace {

size_t find_or_add(std::vector<TokenTree::Node> &list, TokenId token, uint32_t after) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const TokenTree::Node &node) {
        return node.token == token && node.after == after;
    });
    if (found != list.end()) return static_cast<size_t>(found - list.begin());
    list.push_back({token, after});
    return list.size() - 1;
}

// The edges of the label, which the tree has afterwards.
std::vector<size_t> add_label(TokenTree &tree, std::span<const TokenId> label) {
    std::vector<size_t> edges;
    uint32_t after = TokenTree::prompt;
    for (const TokenId token : label) {
        edges.push_back(find_or_add(tree.edges, token, after));
        if (edges.size() < label.size())
            after = static_cast<uint32_t>(find_or_add(tree.nodes, token, after));
    }
    return edges;
}

bool fits(const TokenTree &tree) {
    if (tree.nodes.size() > TokenTree::nodes_max) return false;
    const auto is_end = [&](uint32_t node) {
        return std::none_of(tree.nodes.begin(), tree.nodes.end(),
                            [&](const TokenTree::Node &other) { return other.after == node; });
    };
    size_t branches = 0;
    for (uint32_t i = 0; i < tree.nodes.size(); ++i) branches += is_end(i) ? 1 : 0;
    return branches <= TokenTree::branches_max;
}

Error refuse(size_t label, std::string message, std::string hint) {
    return make_error(SKL_E_MANIFEST_INVALID, std::move(message), fmt::format("/{}", label),
                      std::move(hint));
}

// A label that another one continues would take part of that one's probability for its own.
Result<void> check_labels(const std::vector<std::vector<TokenId>> &labels) {
    for (size_t i = 0; i < labels.size(); ++i) {
        if (labels[i].size() < 2) return refuse(i, "the label has no tokens", "give it some text");
        if (labels[i].size() - 1 <= TokenTree::nodes_max) continue;
        return refuse(i,
                      fmt::format("the label has {} tokens where at most {} are scored",
                                  labels[i].size() - 1, TokenTree::nodes_max),
                      "use a shorter label");
    }
    std::vector<size_t> order(labels.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](size_t one, size_t other) { return labels[one] < labels[other]; });
    for (size_t i = 1; i < order.size(); ++i) {
        const auto &shorter = labels[order[i - 1]];
        const auto &longer = labels[order[i]];
        if (shorter.size() > longer.size() ||
            !std::equal(shorter.begin(), shorter.end(), longer.begin()))
            continue;
        return refuse(order[i], "the model's tokens do not tell the label from another one",
                      "use labels that differ in more than white space");
    }
    return {};
}

}  // namespace

Result<LabelForest> LabelForest::plant(const std::vector<std::vector<TokenId>> &labels) {
    SKL_TRY(check_labels(labels));
    LabelForest forest;
    forest.trees_.emplace_back();
    for (const std::vector<TokenId> &label : labels) {
        TokenTree grown = forest.trees_.back();
        auto edges = add_label(grown, label);
        if (!fits(grown)) {
            grown = {};
            edges = add_label(grown, label);
            forest.trees_.emplace_back();
        }
        forest.trees_.back() = std::move(grown);
        forest.paths_.push_back({forest.trees_.size() - 1, std::move(edges)});
    }
    return forest;
}

uint32_t LabelForest::nodes_max() const {
    size_t most = 0;
    for (const TokenTree &tree : trees_) most = std::max(most, tree.nodes.size());
    return static_cast<uint32_t>(most);
}

std::vector<double> LabelForest::label_scores(std::span<const double> edges) const {
    std::vector<size_t> first_edges;
    size_t count = 0;
    for (const TokenTree &tree : trees_) {
        first_edges.push_back(count);
        count += tree.edges.size();
    }
    assert(edges.size() == count);
    std::vector<double> scores;
    for (const Path &path : paths_) {
        double score = 0;
        for (const size_t edge : path.edges) score += edges[first_edges[path.tree] + edge];
        scores.push_back(score);
    }
    return scores;
}

}  // namespace skillet
