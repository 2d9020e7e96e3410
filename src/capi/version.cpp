// SPDX-License-Identifier: Apache-2.0
#include <skillet/error.h>
#include <skillet/version.h>

// The facts come as macros from cmake/skillet_build_facts.cmake, so that the text is a constant.
#define TEXT_OF(macro) TEXT(macro)
#define TEXT(tokens) #tokens

#ifdef SKILLET_ENGINE_BUILD
#define ENGINE SKILLET_ENGINE_BUILD
#else
#define ENGINE "none"
#endif
#ifdef SKILLET_COMMIT
#define COMMIT "\"" SKILLET_COMMIT "\""
#else
#define COMMIT "null"
#endif
#ifdef SKILLET_CPU_BASELINE
#define CPU_BASELINE "\"" SKILLET_CPU_BASELINE "\""
#else
#define CPU_BASELINE "null"
#endif

uint32_t skl_abi_version() { return SKL_ABI_VERSION; }

int32_t skl_abi_check(uint32_t header_version) {
    const bool same_major = header_version >> 16 == SKL_ABI_MAJOR;
    return same_major && header_version <= skl_abi_version() ? SKL_OK : SKL_E_ABI_MISMATCH;
}

const char *skl_version() { return SKILLET_VERSION; }

const char *skl_engine_version() { return ENGINE; }

const char *skl_build_info() {
    // clang-format off
    return "{\"schema\":\"skillet.version/1\""
           ",\"version\":\"" SKILLET_VERSION "\""
           ",\"abi\":{\"major\":" TEXT_OF(SKL_ABI_MAJOR) ",\"minor\":" TEXT_OF(SKL_ABI_MINOR) "}"
           ",\"build\":{\"commit\":" COMMIT
           ",\"compiler\":\"" SKILLET_COMPILER "\""
           ",\"type\":\"" SKILLET_BUILD_TYPE "\""
           ",\"platform\":\"" SKILLET_PLATFORM "\"}"
           ",\"engine\":\"" ENGINE "\""
           ",\"cpu_baseline\":" CPU_BASELINE "}";
    // clang-format on
}
