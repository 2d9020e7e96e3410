// SPDX-License-Identifier: Apache-2.0
#include "remote/url.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr size_t url_bytes_max = 8192;

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Error refuse(std::string_view text, std::string message) {
    // The query may hold a signature that is as good as a password.
    const std::string_view shown = text.substr(0, std::min<size_t>(text.find('?'), 200));
    return make_error(SKL_E_REMOTE_INVALID, std::move(message), std::string(shown));
}

bool is_host(std::string_view host) {
    const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (bracketed) host = host.substr(1, host.size() - 2);
    return !host.empty() && host.size() <= 255 &&
           std::all_of(host.begin(), host.end(), [bracketed](char c) {
               return is_alphanumeric(c) || is_one_of(c, bracketed ? ":." : ".-_");
           });
}

bool read_port(std::string_view text, uint16_t &port) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    return failure == std::errc() && end == text.data() + text.size() && port != 0;
}

bool is_target(std::string_view target) {
    return target.starts_with('/') && std::all_of(target.begin(), target.end(), [](char c) {
               return is_alphanumeric(c) || is_one_of(c, "-._~!$&'()*+,;=:@/?%");
           });
}

bool read_authority(std::string_view authority, Url &url) {
    // The colons inside of brackets are no port's.
    const size_t bracket = authority.find(']');
    const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view host = authority.substr(0, colon);
    if (!is_host(host)) return false;
    url.host = host;
    std::transform(url.host.begin(), url.host.end(), url.host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    url.port = url.tls ? 443 : 80;
    return colon == std::string_view::npos || read_port(authority.substr(colon + 1), url.port);
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > url_bytes_max) {
        return refuse(text, fmt::format("an address of {} bytes, at most {} are read", text.size(),
                                        url_bytes_max));
    }
    Url url;
    url.tls = text.starts_with("https://");
    if (!url.tls && !text.starts_with("http://")) {
        return refuse(text, "not an http:// or https:// address");
    }
    const std::string_view rest = text.substr(url.tls ? 8 : 7);
    const size_t slash = std::min(rest.find_first_of("/?"), rest.size());
    url.target = rest.substr(slash);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    if (!read_authority(rest.substr(0, slash), url) || !is_target(url.target)) {
        return refuse(text, "an address that could be read in several ways");
    }
    return url;
}

Result<Url> Url::of_host(std::string_view authority, bool plain) {
    return parse(fmt::format("{}://{}/", plain ? "http" : "https", authority));
}

Result<Url> Url::resolve(std::string_view location) const {
    if (location.find("://") < location.find_first_of("/?")) return parse(location);
    const std::string origin = fmt::format("{}://{}:{}", tls ? "https" : "http", host, port);
    if (location.starts_with("//") || !location.starts_with('/')) {
        return refuse(location, "an address that is neither whole nor a path from the root");
    }
    return parse(origin + std::string(location));
}

bool Url::same_origin(const Url &other) const {
    return tls == other.tls && host == other.host && port == other.port;
}

Url Url::with_query(std::string_view name, std::string_view value) const {
    Url url = *this;
    url.target += url.target.find('?') == std::string::npos ? '?' : '&';
    url.target += name;
    url.target += '=';
    for (const char c : value) {
        if (is_alphanumeric(c) || is_one_of(c, "-._~")) {
            url.target += c;
        } else {
            url.target += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return url;
}

std::string Url::text() const {
    const bool usual = port == (tls ? 443 : 80);
    return fmt::format("{}://{}{}{}", tls ? "https" : "http", host,
                       usual ? std::string() : fmt::format(":{}", port), target);
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "[::1]") return true;
    return host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace skillet
