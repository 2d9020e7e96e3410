// SPDX-License-Identifier: Apache-2.0
// The labels of a skill as trees of tokens: labels that begin alike share what they begin with, so
// that a decoder reads each token once. As many trees as the engine's calls need; one, mostly.
//
// Immutable.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace skillet {

class LabelForest {
public:
    // From each label's tokens, of which the last one ends it. SKL_E_MANIFEST_INVALID, with the
    // index of the label as subject ("/3"), if one has no token before its end, has too many, or
    // cannot be told from another one.
    static Result<LabelForest> plant(const std::vector<std::vector<TokenId>> &labels);

    [[nodiscard]] std::span<const TokenTree> trees() const { return trees_; }
    // Of the largest tree.
    [[nodiscard]] uint32_t nodes_max() const;

    // The logarithm of each label's probability: the sum over its tokens, in their order.
    // REQUIRES: one number for each edge, in the order of trees and edges.
    [[nodiscard]] std::vector<double> label_scores(std::span<const double> edges) const;

private:
    struct Path {
        size_t tree;
        std::vector<size_t> edges;  // of the tree
    };
    std::vector<TokenTree> trees_;
    std::vector<Path> paths_;  // of each label
};

}  // namespace skillet
