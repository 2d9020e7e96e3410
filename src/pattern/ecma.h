// SPDX-License-Identifier: Apache-2.0
// Regular expressions as JSON Schema means them (ECMA-262 of 2020 with the flag `u`), written anew
// in the syntax of RE2, so that every text is found or not found alike; or the reason why not.
#pragma once

#include <string>
#include <string_view>

namespace skillet::pattern {

struct Reading {
    std::string malformed;      // why it is no regular expression of ECMA-262
    std::string inexpressible;  // why it is one that has no equal in RE2
    std::string re2;            // the equal, unless one of them says why there is none
};

// One pass over valid UTF-8, without recursion. Greed makes no difference to whether a text is
// found, and is left out.
[[nodiscard]] Reading read_ecma(std::string_view text);

}  // namespace skillet::pattern
