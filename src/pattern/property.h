// SPDX-License-Identifier: Apache-2.0
// Unicode properties: what ECMA-262 writes between the braces of \p{…}.
#pragma once

#include <string>
#include <string_view>

namespace skillet::pattern {

// The same set of characters as items of an RE2 character class. Without items: `known` says
// whether ECMA-262 has the property at all.
struct PropertySet {
    std::string items;
    bool known = false;
};

[[nodiscard]] PropertySet property_set(std::string_view expression, bool negated);

}  // namespace skillet::pattern
