// SPDX-License-Identifier: Apache-2.0
// Dates and times as RFC 3339 writes them; durations by its appendix A.
#pragma once

#include <string_view>

namespace skillet::schema {

[[nodiscard]] bool is_date(std::string_view text);
// With an offset; a leap second at the end of a day of UTC only.
[[nodiscard]] bool is_time(std::string_view text);
[[nodiscard]] bool is_date_time(std::string_view text);
[[nodiscard]] bool is_duration(std::string_view text);

}  // namespace skillet::schema
