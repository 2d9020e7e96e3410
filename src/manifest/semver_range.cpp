// SPDX-License-Identifier: Apache-2.0
#include "manifest/semver_range.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr size_t text_bytes_max = 256;
constexpr size_t comparators_max = 16;

Error refuse(std::string_view text, std::string reason) {
    return make_error(SKL_E_INVALID_ARGUMENT, std::move(reason),
                      std::string(text.substr(0, text_bytes_max)),
                      "write a range as ^1.2, ~1.2.3, 1.x, or >=1.0.0 <3.0.0");
}

// "1", "1.2", "1.2.x", "1.2.3-rc.1" or "*": the numbers that are there, and the whole text.
struct Partial {
    std::array<uint64_t, 3> numbers{};
    size_t count = 0;
    std::string whole;  // of a complete version; empty otherwise

    [[nodiscard]] std::string padded() const {
        if (!whole.empty()) return whole;
        return fmt::format("{}.{}.{}", numbers[0], numbers[1], numbers[2]);
    }
    // The first version beyond all that agree in the first `keep` numbers, their successors'
    // pre-releases left out. None if there is nothing beyond.
    [[nodiscard]] std::optional<std::string> beyond(size_t keep) const {
        if (keep == 0) return {};
        std::array<uint64_t, 3> next{};
        std::copy_n(numbers.begin(), keep, next.begin());
        if (next[keep - 1] == std::numeric_limits<uint64_t>::max()) return {};
        ++next[keep - 1];
        return fmt::format("{}.{}.{}-0", next[0], next[1], next[2]);
    }
};

bool is_wildcard(std::string_view part) { return part == "*" || part == "x" || part == "X"; }

Result<Partial> parse_partial(std::string_view text) {
    Partial partial;
    if (const auto version = Semver::parse(text)) partial.whole = text;
    const size_t core_end = std::min(text.find_first_of("-+"), text.size());
    if (core_end < text.size() && partial.whole.empty()) {
        return refuse(text, "only a whole version has a pre-release");
    }
    std::string_view rest = text.substr(0, core_end);
    for (bool open = true; open;) {
        const size_t dot = std::min(rest.find('.'), rest.size());
        const std::string_view part = rest.substr(0, dot);
        open = dot < rest.size();
        if (open) rest.remove_prefix(dot + 1);
        if (is_wildcard(part) && !open) return partial;
        uint64_t number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        const bool is_number = !part.empty() && error == std::errc() &&
                               end == part.data() + part.size() &&
                               (part.size() == 1 || part[0] != '0');
        if (!is_number || partial.count == partial.numbers.size()) {
            return refuse(text, "a range is made of versions or of their first numbers");
        }
        partial.numbers[partial.count++] = number;
    }
    return partial;
}

// How many numbers a caret keeps: up to the first that is not zero, or all that are written.
size_t kept_by_caret(const Partial &partial) {
    for (size_t i = 0; i < partial.count; ++i) {
        if (partial.numbers[i] != 0) return i + 1;
    }
    return partial.count;
}

std::string_view take_operator(std::string_view &comparator) {
    for (const std::string_view known : {">=", "<=", ">", "<", "=", "^", "~"}) {
        if (!comparator.starts_with(known)) continue;
        comparator.remove_prefix(known.size());
        return known;
    }
    return "";
}

// The numbers of a version, without what follows them.
std::string_view core_of(const Semver &version) {
    const std::string_view text = version.text();
    return text.substr(0, text.find_first_of("-+"));
}

}  // namespace

Result<SemverRange> SemverRange::parse(std::string_view text) {
    if (text.size() > text_bytes_max) return refuse(text, "a range of more than 256 bytes");
    SemverRange range;
    range.text_ = text;
    size_t comparators = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const size_t end = std::min(rest.find_first_of(" ,"), rest.size());
        const std::string_view comparator = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (comparator.empty()) continue;
        if (++comparators > comparators_max) return refuse(text, "more than 16 comparators");
        SKL_TRY(range.add(comparator));
    }
    if (comparators == 0) return refuse(text, "an empty range");
    return range;
}

Result<void> SemverRange::add_bound(Relation relation, const std::string &version, bool written) {
    SKL_TRY_ASSIGN(parsed, Semver::parse(version));
    bounds_.push_back({relation, std::move(parsed), written});
    return {};
}

Result<void> SemverRange::add(std::string_view comparator) {
    using enum Relation;
    std::string_view text = comparator;
    const std::string_view sign = take_operator(text);
    SKL_TRY_ASSIGN(partial, parse_partial(text));
    const bool whole = !partial.whole.empty();
    if (sign == ">" || sign == "<=") {
        if (!whole) return refuse(comparator, "this comparator needs a whole version");
        return add_bound(sign == ">" ? greater : less_or_equal, partial.whole, true);
    }
    if (sign == ">=") return add_bound(greater_or_equal, partial.padded(), whole);
    // A partial bound leaves the pre-releases of its version out, too.
    if (sign == "<") return add_bound(less, whole ? partial.whole : partial.padded() + "-0", whole);
    if (sign.empty() || sign == "=") {
        if (whole) return add_bound(equal, partial.whole, true);
    }
    size_t keep = partial.count;
    if (sign == "^") keep = kept_by_caret(partial);
    if (sign == "~") keep = std::min<size_t>(partial.count, 2);
    SKL_TRY(add_bound(greater_or_equal, partial.padded(), whole));
    const auto beyond = partial.beyond(keep);
    return beyond ? add_bound(less, *beyond, false) : Result<void>();
}

bool SemverRange::Bound::admits(const Semver &candidate) const {
    const auto order = candidate.precedence(version);
    switch (relation) {
        case Relation::equal: return order == 0;
        case Relation::less: return order < 0;
        case Relation::less_or_equal: return order <= 0;
        case Relation::greater: return order > 0;
        case Relation::greater_or_equal: return order >= 0;
    }
    return false;
}

bool SemverRange::contains(const Semver &version) const {
    const bool inside =
        std::ranges::all_of(bounds_, [&](const Bound &bound) { return bound.admits(version); });
    if (!inside || !version.is_prerelease()) return inside;
    // Who asks for ^1.2 wants no experiments: only who names a pre-release of a version gets one.
    return std::ranges::any_of(bounds_, [&](const Bound &bound) {
        return bound.written && bound.version.is_prerelease() &&
               core_of(bound.version) == core_of(version);
    });
}

}  // namespace skillet
