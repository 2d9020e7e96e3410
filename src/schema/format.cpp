// SPDX-License-Identifier: Apache-2.0
#include "schema/format.h"

#include <algorithm>
#include <array>

#include "pattern/ecma.h"
#include "schema/format_address.h"
#include "schema/format_time.h"
#include "schema/format_uri.h"
#include "schema/scan.h"

namespace skillet::schema {
namespace {

// RFC 4122: 8-4-4-4-12.
bool is_uuid(std::string_view text) {
    Scan scan(text);
    for (const size_t digits : {8, 4, 4, 4, 12}) {
        if (digits != 8 && !scan.take("-")) return false;
        if (scan.take_while(is_hex, digits) != digits) return false;
    }
    return scan.done();
}

// RFC 6901.
bool is_json_pointer(std::string_view text) {
    if (!text.empty() && text[0] != '/') return false;
    for (size_t i = text.find('~'); i != std::string_view::npos; i = text.find('~', i + 1)) {
        if (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) return false;
    }
    return true;
}

bool take_index(Scan &scan) {
    const bool zero = scan.next() == '0';
    const size_t digits = scan.take_while(is_digit);
    return digits == 1 || (digits > 1 && !zero);
}

// draft-bhutton-relative-json-pointer-00: levels up, a step among the elements, a pointer or '#'.
bool is_relative_json_pointer(std::string_view text) {
    Scan scan(text);
    if (!take_index(scan)) return false;
    if (scan.take("+") || scan.take("-")) {
        if (scan.next() == '0' || !take_index(scan)) return false;
    }
    return scan.rest() == "#" || is_json_pointer(scan.rest());
}

// Also one that cannot be used as "pattern", if it is one of ECMA-262.
bool is_regex(std::string_view text) { return pattern::read_ecma(text).malformed.empty(); }

constexpr auto formats = std::to_array<Format>({
    {"date", is_date},
    {"date-time", is_date_time},
    {"duration", is_duration},
    {"email", is_email},
    {"hostname", is_hostname},
    {"ipv4", is_ipv4},
    {"ipv6", is_ipv6},
    {"json-pointer", is_json_pointer},
    {"regex", is_regex},
    {"relative-json-pointer", is_relative_json_pointer},
    {"time", is_time},
    {"uri", is_uri},
    {"uri-reference", is_uri_reference},
    {"uri-template", is_uri_template},
    {"uuid", is_uuid},
});

}  // namespace

const Format *find_format(std::string_view name) {
    const auto found = std::find_if(formats.begin(), formats.end(),
                                    [name](const Format &format) { return format.name == name; });
    return found != formats.end() ? &*found : nullptr;
}

}  // namespace skillet::schema
