// SPDX-License-Identifier: Apache-2.0
// The names on SPDX's licence list. The table is made at build time (cmake/skillet_spdx.cmake).
#pragma once

#include <span>
#include <string_view>

namespace skillet {

struct SpdxName {
    std::string_view id;  // in its canonical spelling
    bool deprecated;
};

[[nodiscard]] std::span<const SpdxName> spdx_licenses();
[[nodiscard]] std::span<const SpdxName> spdx_exceptions();

}  // namespace skillet
