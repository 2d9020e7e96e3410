// SPDX-License-Identifier: Apache-2.0
// How a caller names a package: ID, ID@VERSION, ID@RANGE, ID@sha256:HEX, or a path to a .skill
// file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "manifest/semver_range.h"

namespace skillet {

// Exactly one of: path; id alone (the version that serves it); id and version; id and range (the
// newest version in it that is fit to serve); id and digest.
struct Reference {
    std::string path;
    std::string id;
    std::string version;
    std::optional<SemverRange> range;
    std::optional<Digest> digest;

    // A path contains a '/' or ends in ".skill"; everything else is an id.
    static Result<Reference> parse(std::string_view text);
};

}  // namespace skillet
