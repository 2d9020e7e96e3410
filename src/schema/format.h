// SPDX-License-Identifier: Apache-2.0
// What "format" says about strings, as an assertion.
#pragma once

#include <string_view>

namespace skillet::schema {

struct Format {
    std::string_view name;
    bool (*admits)(std::string_view text);  // in time proportional to the text
};

// Null if there is no such format.
[[nodiscard]] const Format *find_format(std::string_view name);

}  // namespace skillet::schema
