// SPDX-License-Identifier: Apache-2.0
// Where "$ref" leads: only within the document, and never in a circle.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/node.h"

namespace skillet::schema {

// A URI fragment without its percent escapes; nothing if one is malformed.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

// What stands before and after the '#' of a reference.
struct ReferenceParts {
    std::string_view document;
    std::string_view fragment;
};
[[nodiscard]] ReferenceParts reference_parts(std::string_view uri);

// A name for "$anchor".
[[nodiscard]] bool is_anchor(std::string_view text);

// Finds nodes that lead back to themselves without a step into the value.
class LoopSearch {
public:
    explicit LoopSearch(const Nodes &nodes) : nodes_(nodes), visits_(nodes.size(), Visit::unseen) {}
    // Depth-first; as deep as there are subschemas at most.
    bool finds_loop(NodeIndex index);

private:
    enum class Visit : uint8_t { unseen, open, done };

    const Nodes &nodes_;
    std::vector<Visit> visits_;
};

}  // namespace skillet::schema
