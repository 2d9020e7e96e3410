// SPDX-License-Identifier: Apache-2.0
#include <skillet/version.h>

uint32_t skl_abi_version() { return (uint32_t{SKL_ABI_MAJOR} << 16) | SKL_ABI_MINOR; }

const char *skl_version() { return SKILLET_VERSION; }

const char *skl_engine_version() {
#ifdef SKILLET_ENGINE_BUILD
    return SKILLET_ENGINE_BUILD;
#else
    return "none";
#endif
}
