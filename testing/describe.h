// SPDX-License-Identifier: Apache-2.0
// The descriptor of some text, as a package would carry it.
#pragma once

#include <string>
#include <string_view>

#include "store/oci.h"

namespace skillet::testing {

inline Descriptor describe(std::string_view text, std::string_view media_type = media::doc) {
    Descriptor descriptor;
    descriptor.media_type = media_type;
    descriptor.digest = sha256(text);
    descriptor.size = text.size();
    return descriptor;
}

}  // namespace skillet::testing
