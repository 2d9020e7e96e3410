// SPDX-License-Identifier: Apache-2.0
#include "schema/reference.h"

#include <algorithm>
#include <charconv>

#include "schema/scan.h"

namespace skillet::schema {
namespace {

int hex_digit(char digit) {
    int value = -1;
    std::from_chars(&digit, &digit + 1, value, 16);
    return value;
}

// Subschemas applied to the same value as the node itself.
std::vector<NodeIndex> applied_in_place(const Node &node) {
    std::vector<NodeIndex> indices;
    for (const auto *list : {&node.all_of, &node.any_of, &node.one_of}) {
        indices.insert(indices.end(), list->begin(), list->end());
    }
    for (const auto &index :
         {node.reference, node.negated, node.condition, node.consequence, node.alternative}) {
        if (index) indices.push_back(*index);
    }
    for (const auto &[name, index] : node.dependent_schemas) indices.push_back(index);
    return indices;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded.push_back(text[i]);
            continue;
        }
        if (text.size() - i < 3) return {};
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return {};
        decoded.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return decoded;
}

ReferenceParts reference_parts(std::string_view uri) {
    const size_t hash = uri.find('#');
    if (hash == std::string_view::npos) return {uri, {}};
    return {uri.substr(0, hash), uri.substr(hash + 1)};
}

bool is_anchor(std::string_view text) {
    if (text.empty() || (!is_alpha(text[0]) && text[0] != '_')) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
    });
}

bool LoopSearch::finds_loop(NodeIndex index) {
    if (visits_[index] != Visit::unseen) return visits_[index] == Visit::open;
    visits_[index] = Visit::open;
    for (const NodeIndex next : applied_in_place(nodes_[index])) {
        if (finds_loop(next)) return true;
    }
    visits_[index] = Visit::done;
    return false;
}

}  // namespace skillet::schema
