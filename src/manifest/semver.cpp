// SPDX-License-Identifier: Apache-2.0
#include "manifest/semver.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr size_t text_bytes_max = 128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_identifier_byte(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool is_numeric(std::string_view identifier) { return std::ranges::all_of(identifier, is_digit); }

bool has_leading_zero(std::string_view number) { return number.size() > 1 && number[0] == '0'; }

Error refuse(std::string_view text, std::string reason) {
    return make_error(
        SKL_E_INVALID_ARGUMENT, std::move(reason), std::string(text.substr(0, text_bytes_max)),
        "write it as semver.org says: MAJOR.MINOR.PATCH, such as 1.4.0 or 2.0.0-rc.1");
}

// Cuts the part before the first `separator` off `rest`; all of it if there is none.
std::string_view cut(std::string_view &rest, char separator) {
    const size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

Result<uint64_t> parse_number(std::string_view part, std::string_view text) {
    if (part.empty() || !is_numeric(part)) {
        return refuse(text, "a version starts with three numbers, separated by dots");
    }
    if (has_leading_zero(part)) {
        return refuse(text, fmt::format("the number {} of a version has a leading zero", part));
    }
    uint64_t number = 0;
    if (std::from_chars(part.data(), part.data() + part.size(), number).ec != std::errc()) {
        return refuse(text, fmt::format("the number {} of a version does not fit 64 bits", part));
    }
    return number;
}

// The identifiers of a pre-release or of build metadata.
Result<std::vector<std::string>> parse_identifiers(std::string_view part, std::string_view text) {
    std::vector<std::string> identifiers;
    // A trailing dot stands before an empty identifier, which cut() would not report.
    if (part.empty() || part.back() == '.') {
        return refuse(text, "a version has an empty identifier after its numbers");
    }
    while (!part.empty()) {
        const std::string_view identifier = cut(part, '.');
        if (identifier.empty() || !std::ranges::all_of(identifier, is_identifier_byte)) {
            return refuse(text,
                          "an identifier of a version is not made of letters, digits and '-'");
        }
        identifiers.emplace_back(identifier);
    }
    return identifiers;
}

// Numeric identifiers may have any length: without leading zeros, the longer one is greater.
std::weak_ordering compare_identifiers(const std::string &a, const std::string &b) {
    const bool a_is_numeric = is_numeric(a);
    const bool b_is_numeric = is_numeric(b);
    if (a_is_numeric != b_is_numeric) {
        return a_is_numeric ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    if (a_is_numeric && a.size() != b.size()) return a.size() <=> b.size();
    return a <=> b;
}

}  // namespace

Result<Semver> Semver::parse(std::string_view text) {
    if (text.size() > text_bytes_max) {
        return refuse(text, fmt::format("a version of {} bytes; at most {} are allowed",
                                        text.size(), text_bytes_max));
    }
    Semver version;
    version.text_ = text;

    const size_t build = text.find('+');
    if (build != std::string_view::npos) {
        SKL_TRY(parse_identifiers(text.substr(build + 1), text));
    }
    const std::string_view precedent = text.substr(0, build);
    const size_t prerelease = precedent.find('-');
    if (prerelease != std::string_view::npos) {
        SKL_TRY_ASSIGN(identifiers, parse_identifiers(precedent.substr(prerelease + 1), text));
        for (const std::string &identifier : identifiers) {
            if (is_numeric(identifier) && has_leading_zero(identifier)) {
                return refuse(
                    text, fmt::format("the pre-release number {} has a leading zero", identifier));
            }
        }
        version.prerelease_ = std::move(identifiers);
    }

    const std::string_view core = precedent.substr(0, prerelease);
    if (std::ranges::count(core, '.') != 2) {
        return refuse(text, "a version starts with three numbers, separated by dots");
    }
    std::string_view rest = core;
    for (uint64_t *number : {&version.major_, &version.minor_, &version.patch_}) {
        SKL_TRY_ASSIGN(value, parse_number(cut(rest, '.'), text));
        *number = value;
    }
    return version;
}

std::weak_ordering Semver::precedence(const Semver &other) const {
    if (const auto order = major_ <=> other.major_; order != 0) return order;
    if (const auto order = minor_ <=> other.minor_; order != 0) return order;
    if (const auto order = patch_ <=> other.patch_; order != 0) return order;
    if (is_prerelease() != other.is_prerelease()) {
        return is_prerelease() ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    const size_t shared = std::min(prerelease_.size(), other.prerelease_.size());
    for (size_t i = 0; i < shared; ++i) {
        const auto order = compare_identifiers(prerelease_[i], other.prerelease_[i]);
        if (order != 0) return order;
    }
    return prerelease_.size() <=> other.prerelease_.size();
}

}  // namespace skillet
