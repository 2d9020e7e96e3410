// SPDX-License-Identifier: Apache-2.0
// The processor features the engine was compiled for (tools/build_engine.sh).
#pragma once

#include "base/result.h"

namespace skillet {

// SKL_E_CPU_UNSUPPORTED naming the first feature that is missing: a clear message instead of
// SIGILL.
[[nodiscard]] Result<void> check_cpu_baseline();

}  // namespace skillet
