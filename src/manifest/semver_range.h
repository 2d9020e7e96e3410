// SPDX-License-Identifier: Apache-2.0
// Ranges of versions, such as "^1.2", "~0.4.1" or ">=1.0.0 <3": docs/formats/semver-range.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "manifest/semver.h"

namespace skillet {

class SemverRange {
public:
    // At most 256 bytes and 16 comparators; SKL_E_INVALID_ARGUMENT otherwise.
    static Result<SemverRange> parse(std::string_view text);

    [[nodiscard]] bool contains(const Semver &version) const;
    [[nodiscard]] const std::string &text() const { return text_; }

private:
    enum class Relation { equal, less, less_or_equal, greater, greater_or_equal };
    // All of them must hold.
    struct Bound {
        Relation relation;
        Semver version;
        bool written;  // by the author, not derived from a shorthand

        [[nodiscard]] bool admits(const Semver &candidate) const;
    };

    Result<void> add(std::string_view comparator);
    Result<void> add_bound(Relation relation, const std::string &version, bool written);

    std::string text_;
    std::vector<Bound> bounds_;
};

}  // namespace skillet
