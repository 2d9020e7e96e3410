// SPDX-License-Identifier: Apache-2.0
// Addresses of documents: RFC 3986 (in ASCII, as it is written) and templates of them, RFC 6570.
#pragma once

#include <string_view>

namespace skillet::schema {

[[nodiscard]] bool is_uri(std::string_view text);
[[nodiscard]] bool is_uri_reference(std::string_view text);
[[nodiscard]] bool is_uri_template(std::string_view text);

}  // namespace skillet::schema
