// SPDX-License-Identifier: Apache-2.0
// Names and addresses of machines and mailboxes.
#pragma once

#include <string_view>

namespace skillet::schema {

// RFC 2673 and 4291; without a zone.
[[nodiscard]] bool is_ipv4(std::string_view text);
[[nodiscard]] bool is_ipv6(std::string_view text);
// RFC 1123: letters, digits and hyphens. What "xn--" stands for is not looked at.
[[nodiscard]] bool is_hostname(std::string_view text);
// RFC 5321, a mailbox.
[[nodiscard]] bool is_email(std::string_view text);

}  // namespace skillet::schema
