/* SPDX-License-Identifier: Apache-2.0 */
/** Requests: one question to a module, answered or refused by its contract. */
#ifndef SKILLET_REQUEST_H
#define SKILLET_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include <skillet/cancel.h>
#include <skillet/error.h>
#include <skillet/module.h>
#include <skillet/result.h>
#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct skl_request_options {
    uint32_t struct_size; /**< sizeof(skl_request_options) */
    uint32_t flags;       /**< none yet: 0 */
    uint32_t deadline_ms; /**< from now; 0: the contract's. The sooner of the two counts. */
    uint32_t reserved;    /**< 0 */
    skl_cancel cancel;    /**< {0}: cannot be cancelled */
} skl_request_options;

/** Asks the module. `input` is `input_size` bytes of JSON that the contract's input schema admits.
 * `options` may be NULL. Blocks until the answer, an error, a cancellation or the deadline; a
 * failed request leaves the module as it was. Free the result with skl_result_free. */
SKL_API skl_status skl_module_invoke(skl_module module, const char *input, size_t input_size,
                                     const skl_request_options *options, skl_result *out,
                                     skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
