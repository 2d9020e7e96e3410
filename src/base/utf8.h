// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace skillet {

// Well-formed UTF-8: no overlong form, no surrogate, nothing past U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace skillet
