// SPDX-License-Identifier: Apache-2.0
// Whether two artifacts belong together, explained component by component: the document
// "skillet.compat/1".
#pragma once

#include <string>
#include <vector>

#include "comparison/side.h"
#include "json/value.h"

namespace skillet {

// One row of the comparison.
struct ComparedComponent {
    std::string name;
    std::string a;  // for people
    std::string b;
    bool matches = false;
    bool decides = true;  // whether the verdict depends on it
    std::string reason;   // why it does not match, where more can be said than that both differ
};

struct Compatibility {
    // "independent": two models. "attachment": an adapter and a model. "adapters": two of them.
    std::string relation;
    std::vector<ComparedComponent> components;  // in the order in which they count
    bool compatible = false;                    // every component that decides matches
    std::string verdict;                        // in one sentence

    // The first component that decides and does not match, or null.
    [[nodiscard]] const ComparedComponent *first_mismatch() const;
};

[[nodiscard]] Compatibility compare_compatibility(const Side &a, const Side &b);
[[nodiscard]] json::Value compatibility_document(const Side &a, const Side &b);

}  // namespace skillet
