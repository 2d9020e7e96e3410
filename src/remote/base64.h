// SPDX-License-Identifier: Apache-2.0
// Base64 with padding (RFC 4648), as HTTP's basic authorization uses it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skillet {

[[nodiscard]] std::string base64_encode(std::string_view bytes);
// Nothing for what the other one does not give.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace skillet
