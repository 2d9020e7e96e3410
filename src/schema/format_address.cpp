// SPDX-License-Identifier: Apache-2.0
#include "schema/format_address.h"

#include "schema/scan.h"

namespace skillet::schema {
namespace {

constexpr size_t hostname_bytes_max = 253;
constexpr size_t label_bytes_max = 63;
constexpr size_t ipv6_groups = 8;

bool is_label_character(char c) { return is_alphanumeric(c) || c == '-'; }

bool is_label(std::string_view text) {
    Scan scan(text);
    return scan.take_while(is_label_character) == text.size() && !text.empty() &&
           text.size() <= label_bytes_max && text.front() != '-' && text.back() != '-';
}

// Of a local part without quotes.
bool is_atom_character(char c) {
    return is_alphanumeric(c) ||
           (c != '\0' && std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos);
}

bool take_quoted(Scan &scan) {
    while (!scan.take("\"")) {
        scan.take("\\");
        if (scan.next() < ' ' || scan.next() > '~') return false;
        scan.take(scan.rest().substr(0, 1));
    }
    return true;
}

bool take_local_part(Scan &scan) {
    if (scan.take("\"")) return take_quoted(scan);
    do {
        if (scan.take_while(is_atom_character) == 0) return false;
    } while (scan.take("."));
    return true;
}

bool is_literal_character(char c) { return c >= '!' && c <= '~' && (c < '[' || c > ']'); }

bool is_address_literal(std::string_view text) {
    if (is_ipv4(text)) return true;
    Scan scan(text);
    const size_t tag = scan.take_while(is_label_character);
    if (tag == 0 || text[tag - 1] == '-' || !scan.take(":")) return false;
    const auto name = text.substr(0, tag);
    const auto is_letter = [&](size_t i, char c) { return (name[i] | 0x20) == c; };
    if (tag == 4 && is_letter(0, 'i') && is_letter(1, 'p') && is_letter(2, 'v') && name[3] == '6')
        return is_ipv6(scan.rest());
    return scan.take_while(is_literal_character) > 0 && scan.done();
}

}  // namespace

bool is_ipv4(std::string_view text) {
    Scan scan(text);
    for (int part = 0; part < 4; ++part) {
        if (part > 0 && !scan.take(".")) return false;
        const std::string_view digits = scan.rest();
        const size_t count = scan.take_while(is_digit, 3);
        int number = 0;
        for (size_t i = 0; i < count; ++i) number = number * 10 + (digits[i] - '0');
        if (count == 0 || number > 255 || (count > 1 && digits[0] == '0')) return false;
    }
    return scan.done();
}

bool is_ipv6(std::string_view text) {
    Scan scan(text);
    bool shortened = scan.take("::");
    size_t groups = 0;
    for (bool more = !scan.done(); more;) {
        if (groups + 2 <= ipv6_groups && is_ipv4(scan.rest())) {
            groups += 2;
            scan = Scan({});
            break;
        }
        if (scan.take_while(is_hex, 4) == 0) return false;
        ++groups;
        if (scan.take("::")) {
            if (shortened) return false;
            shortened = true;
            more = !scan.done();
        } else {
            more = scan.take(":");
        }
    }
    return scan.done() && (shortened ? groups < ipv6_groups : groups == ipv6_groups);
}

bool is_hostname(std::string_view text) {
    if (text.size() > hostname_bytes_max) return false;
    for (;;) {
        const size_t dot = text.find('.');
        if (!is_label(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_email(std::string_view text) {
    Scan scan(text);
    if (!take_local_part(scan) || !scan.take("@")) return false;
    const std::string_view domain = scan.rest();
    if (domain.starts_with("[") && domain.ends_with("]")) {
        return is_address_literal(domain.substr(1, domain.size() - 2));
    }
    return is_hostname(domain);
}

}  // namespace skillet::schema
