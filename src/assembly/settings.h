// SPDX-License-Identifier: Apache-2.0
// Defaults of a runtime: what the caller leaves open comes from the environment, then the machine.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace skillet {

// $SKILLET_ROOT, else $XDG_DATA_HOME/skillet, else $HOME/.local/share/skillet.
[[nodiscard]] Result<std::string> default_root();

// $SKILLET_BUDGET ("512M", "2G", plain bytes), else half of the machine's memory.
[[nodiscard]] Result<uint64_t> default_budget_bytes();

// "64K", "512M", "2G" (powers of 1024) or a number of bytes; at least 1.
[[nodiscard]] Result<uint64_t> parse_bytes(std::string_view text);

// The user's login name, or their number.
[[nodiscard]] std::string user_name();

}  // namespace skillet
