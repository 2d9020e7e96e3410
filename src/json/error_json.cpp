// SPDX-License-Identifier: Apache-2.0
#include "json/error_json.h"

namespace skillet::json {

Value error_members(const Error &error) {
    const CodeInfo &info = code_info(error.code);
    constexpr const char *retry_names[] = {"never", "after_change", "later"};
    Object members{{"code", info.name},        {"number", error.code},
                   {"message", error.message}, {"subject", error.subject},
                   {"hint", error.hint},       {"retry", retry_names[info.retry]}};
    if (error.required_bytes) members.append("required_bytes", *error.required_bytes);
    if (error.available_bytes) members.append("available_bytes", *error.available_bytes);
    return members;
}

}  // namespace skillet::json
