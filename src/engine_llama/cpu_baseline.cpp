// SPDX-License-Identifier: Apache-2.0
#include "engine_llama/cpu_baseline.h"

#include <string>

namespace skillet {

#if defined(__x86_64__)

Result<void> check_cpu_baseline() {
    const auto missing = [](const char *feature) {
        return make_error(
            SKL_E_CPU_UNSUPPORTED,
            std::string("this processor lacks ") + feature + ", which x86-64-v3 includes", feature,
            "use a processor of 2013 or later, or build the engine for yours");
    };
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2")) return missing("avx2");
    if (!__builtin_cpu_supports("fma")) return missing("fma");
    if (!__builtin_cpu_supports("bmi2")) return missing("bmi2");
    return {};
}

#else

Result<void> check_cpu_baseline() { return {}; }

#endif

}  // namespace skillet
