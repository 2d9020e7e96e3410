/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a GGUF file is, judged without trusting it. EXPERIMENTAL: outside the ABI's promises, may
 * change in any release. Conventions: <skillet/skillet.h>.
 */
#ifndef SKILLET_AUTHORING_INSPECT_H
#define SKILLET_AUTHORING_INSPECT_H

#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/version.h>
#include <skillet/work.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct skl_inspect_options {
    uint32_t struct_size;      /**< sizeof(skl_inspect_options) */
    uint32_t flags;            /**< none yet: 0 */
    uint32_t deep;             /**< 1: read the values of all tensors too, and hash the file */
    uint32_t any_architecture; /**< 1: tell facts also where nobody vouches for an engine */
} skl_inspect_options;

/** Facts about a GGUF file ("skillet.gguf/1"). Reads its metadata only, unless it is asked to go
 * deep; phases are "scan" and "hash". `options` and `how` may be NULL.
 * SKL_E_FORMAT_UNSUPPORTED says what would make another file fit, SKL_E_MALFORMED_ARTIFACT names
 * the key or tensor that is wrong. Values that are not finite are no error of this call: the
 * document counts them. */
SKL_API skl_status skl_gguf_inspect(const char *path, const skl_inspect_options *options,
                                    const skl_work_options *how, skl_document *out,
                                    skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
