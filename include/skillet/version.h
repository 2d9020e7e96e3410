/* SPDX-License-Identifier: Apache-2.0 */
/** Version of the ABI, and the export macro. */
#ifndef SKILLET_VERSION_H
#define SKILLET_VERSION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(SKL_BUILDING) && (defined(__GNUC__) || defined(__clang__))
#define SKL_API __attribute__((visibility("default")))
#else
#define SKL_API
#endif

/** ABI major: programs built with another major must not call this library. */
#define SKL_ABI_MAJOR 0
/** ABI minor: grows when functions or trailing struct members are added. */
#define SKL_ABI_MINOR 1

/** Both, as skl_abi_version gives them. */
#define SKL_ABI_VERSION ((UINT32_C(0) + SKL_ABI_MAJOR) << 16 | SKL_ABI_MINOR)

/** Whether a program compiled with this header may call this library: pass SKL_ABI_VERSION. SKL_OK
 * if the majors are the same and the library is not older than the header; SKL_E_ABI_MISMATCH
 * otherwise. Ask once, before anything else. Any thread. */
SKL_API int32_t skl_abi_check(uint32_t header_version);

/** The library's ABI as (major << 16) | minor. Any thread. */
SKL_API uint32_t skl_abi_version(void);

/** The library's release, such as "0.1.0". Static storage. Any thread. */
SKL_API const char *skl_version(void);

/** The inference engine's name and build, such as "llama.cpp-0.5.0+de3ff81". Static storage. Any
 * thread. */
SKL_API const char *skl_engine_version(void);

/** How this library was built ("skillet.version/1", as docs/formats/cli/version.schema.json says):
 * release, ABI, commit, compiler, engine and the processor it needs. One line of JSON in static
 * storage. Any thread. */
SKL_API const char *skl_build_info(void);

#ifdef __cplusplus
}
#endif

#endif
