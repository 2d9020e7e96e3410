// SPDX-License-Identifier: Apache-2.0
// What somebody's registry calls a package: HOST[:PORT]/NAME[:TAG|@sha256:…].
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace skillet {

struct RemoteReference {
    std::string host;  // with its port, if one is named
    std::string name;
    std::string tag;  // of tag and digest at most one
    std::optional<Digest> digest;

    // SKL_E_INVALID_ARGUMENT for anything that the OCI distribution specification does not admit.
    static Result<RemoteReference> parse(std::string_view text);
    [[nodiscard]] std::string text() const;
    // What a manifest is asked for by.
    [[nodiscard]] std::string selector() const { return digest ? digest->to_string() : tag; }
};

// A tag for a version: what no tag may hold becomes '_'.
[[nodiscard]] std::string tag_of_version(std::string_view version);

// The tag under which registries without the referrers API keep the index of a manifest's
// referrers.
[[nodiscard]] std::string referrers_tag(const Digest &subject);

}  // namespace skillet
