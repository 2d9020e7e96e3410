// SPDX-License-Identifier: Apache-2.0
#include "schema/format_uri.h"

#include <cstdint>

#include "schema/format_address.h"
#include "schema/scan.h"

namespace skillet::schema {
namespace {

constexpr std::string_view unreserved = "-._~";
constexpr std::string_view delimiters = "!$&'()*+,;=";

bool contains(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

// Unreserved characters, sub-delimiters, percent escapes and what else stands in `more`.
bool consists_of(std::string_view text, std::string_view more) {
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
            i += 2;
        } else if (!is_alphanumeric(c) && !contains(unreserved, c) && !contains(delimiters, c) &&
                   !contains(more, c)) {
            return false;
        }
    }
    return true;
}

bool is_scheme_character(char c) { return is_alphanumeric(c) || contains("+-.", c); }

// Takes "scheme:", if that is there.
bool take_scheme(std::string_view &text) {
    Scan scan(text);
    if (!is_alpha(scan.next())) return false;
    scan.take_while(is_scheme_character);
    if (!scan.take(":")) return false;
    text = scan.rest();
    return true;
}

bool is_ip_literal(std::string_view text) {
    if (is_ipv6(text)) return true;
    Scan scan(text);
    if (!scan.take("v") && !scan.take("V")) return false;
    if (scan.take_while(is_hex) == 0 || !scan.take(".") || scan.done()) return false;
    return !contains(scan.rest(), '%') && consists_of(scan.rest(), ":");
}

bool is_host_and_port(std::string_view text) {
    std::string_view port;
    if (text.starts_with("[")) {
        const size_t end = text.find(']');
        if (end == std::string_view::npos || !is_ip_literal(text.substr(1, end - 1))) return false;
        port = text.substr(end + 1);
        if (!port.empty() && port[0] != ':') return false;
    } else {
        const size_t colon = text.find(':');
        if (!consists_of(text.substr(0, colon), "")) return false;
        if (colon != std::string_view::npos) port = text.substr(colon);
    }
    Scan scan(port);
    scan.take(":");
    scan.take_while(is_digit);
    return scan.done();
}

bool is_authority(std::string_view text) {
    const size_t at = text.find('@');
    if (at == std::string_view::npos) return is_host_and_port(text);
    return consists_of(text.substr(0, at), ":") && is_host_and_port(text.substr(at + 1));
}

// All after the scheme, or all of a relative reference.
bool is_hierarchy(std::string_view text, bool relative) {
    const size_t hash = text.find('#');
    if (hash != std::string_view::npos) {
        if (!consists_of(text.substr(hash + 1), ":@/?")) return false;
        text = text.substr(0, hash);
    }
    const size_t question = text.find('?');
    if (question != std::string_view::npos) {
        if (!consists_of(text.substr(question + 1), ":@/?")) return false;
        text = text.substr(0, question);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const size_t slash = text.find('/');
        if (!is_authority(text.substr(0, slash))) return false;
        text = slash == std::string_view::npos ? "" : text.substr(slash);
    } else if (relative && contains(text.substr(0, text.find('/')), ':')) {
        return false;
    }
    return consists_of(text, ":@/");
}

// RFC 6570's literals beyond ASCII: characters that an IRI may have.
bool is_international(uint32_t c) {
    if (c < 0xA0 || (c >= 0xFDD0 && c <= 0xFDEF) || (c >= 0xFFF0 && c <= 0xFFFF)) return false;
    return (c & 0xFFFE) != 0xFFFE && !(c >= 0xE0000 && c <= 0xE0FFF);
}

// Takes the first character of a literal, escape included.
bool take_literal(std::string_view &text) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) {
        const size_t size = first == '%' ? 3 : 1;
        const bool fits = first == '%'
                              ? text.size() >= 3 && is_hex(text[1]) && is_hex(text[2])
                              : first > ' ' && first < 0x7F && !contains("\"'<>\\^`{|}", text[0]);
        if (fits) text.remove_prefix(size);
        return fits;
    }
    const size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    uint32_t character = first & (0x3Fu >> more);
    for (size_t i = 1; i <= more; ++i) {
        character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    }
    text.remove_prefix(more + 1);
    return is_international(character);
}

bool is_variable_name(std::string_view text) {
    char before = '.';  // no dot at the beginning, at the end or beside another
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
            i += 2;
        } else if (c == '.' ? before == '.' : !is_alphanumeric(c) && c != '_') {
            return false;
        }
        before = c;
    }
    return before != '.';
}

bool is_variable(std::string_view text) {
    if (text.ends_with("*")) return is_variable_name(text.substr(0, text.size() - 1));
    const size_t colon = text.find(':');
    if (!is_variable_name(text.substr(0, colon))) return false;
    if (colon == std::string_view::npos) return true;
    Scan length(text.substr(colon + 1));
    const bool begins = is_digit(length.next()) && length.next() != '0';
    return begins && length.take_while(is_digit, 4) > 0 && length.done();
}

// What stands between braces.
bool is_expression(std::string_view text) {
    if (!text.empty() && contains("+#./;?&=,!@|", text[0])) text.remove_prefix(1);
    for (;;) {
        const size_t comma = text.find(',');
        if (!is_variable(text.substr(0, comma))) return false;
        if (comma == std::string_view::npos) return true;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

bool is_uri(std::string_view text) { return take_scheme(text) && is_hierarchy(text, false); }

bool is_uri_reference(std::string_view text) {
    const bool absolute = take_scheme(text);
    return is_hierarchy(text, !absolute);
}

bool is_uri_template(std::string_view text) {
    while (!text.empty()) {
        if (text[0] != '{') {
            if (!take_literal(text)) return false;
            continue;
        }
        const size_t end = text.find('}');
        if (end == std::string_view::npos || !is_expression(text.substr(1, end - 1))) return false;
        text.remove_prefix(end + 1);
    }
    return true;
}

}  // namespace skillet::schema
