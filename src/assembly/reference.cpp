// SPDX-License-Identifier: Apache-2.0
#include "assembly/reference.h"

#include "manifest/semver.h"
#include "manifest/skill.h"

namespace skillet {

Result<Reference> Reference::parse(std::string_view text) {
    constexpr const char *forms =
        "use ID, ID@VERSION, ID@^1.2, ID@sha256:HEX, or a path such as ./my.skill";
    Reference reference;
    if (text.find('/') != std::string_view::npos || text.ends_with(".skill")) {
        reference.path = text;
        return reference;
    }
    const size_t at = text.find('@');
    reference.id = text.substr(0, at);
    if (!is_skill_id(reference.id)) {
        return make_error(SKL_E_INVALID_ARGUMENT, "not a skill reference", std::string(text),
                          forms);
    }
    if (at == std::string_view::npos) return reference;
    const std::string_view tail = text.substr(at + 1);
    if (tail.starts_with("sha256:")) {
        SKL_TRY_ASSIGN(digest, Digest::parse(tail));
        reference.digest = digest;
        return reference;
    }
    if (const auto version = Semver::parse(tail)) {
        reference.version = version->text();
        return reference;
    }
    auto range = SemverRange::parse(tail);
    if (!range) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          "neither a version nor a range: " + range.error().message,
                          std::string(text), forms);
    }
    reference.range = *std::move(range);
    return reference;
}

}  // namespace skillet
