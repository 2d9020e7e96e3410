/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Two packages or model files held against each other. EXPERIMENTAL: outside the ABI's promises,
 * may change in any release. Conventions: <skillet/skillet.h>.
 *
 * `a` and `b` are references of installed packages, or paths of .skill files; a path contains a '/'
 * or ends in ".skill" or ".gguf". Every byte that is compared is hashed first. Nothing is changed.
 */
#ifndef SKILLET_AUTHORING_COMPARE_H
#define SKILLET_AUTHORING_COMPARE_H

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/runtime.h>
#include <skillet/version.h>
#include <skillet/work.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Whether two models or adapters belong together, component by component ("skillet.compat/1").
 * Paths of GGUF files too. SKL_OK also if they do not. `options` may be NULL. */
SKL_API skl_status skl_compare_compatibility(skl_runtime runtime, const char *a, const char *b,
                                             const skl_work_options *options, skl_document *out,
                                             skl_error *error);

/** What changed from package `a` to package `b`, and which version step that deserves
 * ("skillet.diff/1"). `options` may be NULL. */
SKL_API skl_status skl_compare_packages(skl_runtime runtime, const char *a, const char *b,
                                        const skl_work_options *options, skl_document *out,
                                        skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
