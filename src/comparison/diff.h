// SPDX-License-Identifier: Apache-2.0
// What changed from one package to another, and which version step that deserves: the document
// "skillet.diff/1". Rules: docs/formats/diff.md.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/work.h"
#include "comparison/diff_rules.h"
#include "comparison/side.h"
#include "json/value.h"

namespace skillet {

struct Change {
    Rule rule = Rule::other;
    std::string subject;  // a JSON pointer of skill.json, a tensor, a label …
    std::string from;     // for people, cut if long; empty where there was nothing
    std::string to;
};

struct Diff {
    std::vector<Change> changes;    // in the order of skill.json, tensors last
    uint64_t tensors_left_out = 0;  // changes of tensors beyond tensors_listed_max
    Step deserved = Step::none;
    TakenStep taken = TakenStep::none;
    bool enough = false;
};

inline constexpr size_t tensors_listed_max = 256;

// Reads the tensors of both where the artifacts differ. SKL_E_INVALID_ARGUMENT for a GGUF file of
// its own: it promises nothing and has no version.
[[nodiscard]] Result<Diff> compare_packages(const Side &from, const Side &to, const Work &work);
[[nodiscard]] Result<json::Value> diff_document(const Side &from, const Side &to, const Work &work);

}  // namespace skillet
