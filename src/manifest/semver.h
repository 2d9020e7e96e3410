// SPDX-License-Identifier: Apache-2.0
// Semantic Versioning 2.0.0: parsing and precedence.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skillet {

class Semver {
public:
    // At most 128 bytes; SKL_E_INVALID_ARGUMENT otherwise.
    static Result<Semver> parse(std::string_view text);

    [[nodiscard]] const std::string &text() const { return text_; }
    [[nodiscard]] bool is_prerelease() const { return !prerelease_.empty(); }
    // Major, minor and patch.
    using Core = std::array<uint64_t, 3>;
    [[nodiscard]] Core core() const { return {major_, minor_, patch_}; }

    // Precedence (semver.org §11): build metadata does not count, so versions that differ only
    // there compare as equivalent.
    [[nodiscard]] std::weak_ordering precedence(const Semver &other) const;

private:
    std::string text_;
    uint64_t major_ = 0;
    uint64_t minor_ = 0;
    uint64_t patch_ = 0;
    std::vector<std::string> prerelease_;
};

}  // namespace skillet
