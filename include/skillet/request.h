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

/** A submitted request. Free with skl_request_free. */
typedef struct skl_request {
    uint64_t id;
} skl_request;

/** Hears that a request has finished, whatever came of it: once, on a thread of the runtime,
 * possibly before skl_module_submit has returned. It may call any function of the library (such as
 * skl_request_wait, which does not wait then, and skl_request_free), but should soon return: other
 * requests need its thread. */
typedef void (*skl_request_done_fn)(void *user, skl_request request);

/** Asks the module without waiting for the answer; otherwise as skl_module_invoke. Requests are
 * begun in the order of their submission, one per core at a time, on threads that the runtime
 * starts. The deadline counts from now. `done` may be NULL. SKL_E_QUEUE_FULL if 65536 requests or
 * 256 MiB of input wait already: then `done` is never called. */
SKL_API skl_status skl_module_submit(skl_module module, const char *input, size_t input_size,
                                     const skl_request_options *options, skl_request_done_fn done,
                                     void *user, skl_request *out, skl_error *error);

/** A timeout that never comes. */
#define SKL_NO_TIMEOUT UINT32_MAX

/** The request's result, or the error it failed with, once it has finished; SKL_E_PENDING if that
 * takes longer than `timeout_ms` (0 only looks). May be called again: each result is freed by
 * itself. */
SKL_API skl_status skl_request_wait(skl_request request, uint32_t timeout_ms, skl_result *out,
                                    skl_error *error);

/** Ends the request soon, with SKL_E_CANCELLED unless it is faster. Does not wait. */
SKL_API skl_status skl_request_cancel(skl_request request);

/** Frees the handle. A request in progress goes on, and its callback still comes. */
SKL_API void skl_request_free(skl_request request);

#ifdef __cplusplus
}
#endif

#endif
