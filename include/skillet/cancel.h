/* SPDX-License-Identifier: Apache-2.0 */
/** Cancel tokens: stop a call from another thread. */
#ifndef SKILLET_CANCEL_H
#define SKILLET_CANCEL_H

#include <stdint.h>

#include <skillet/error.h>
#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A token that calls take; triggering it stops them all, for good. */
typedef struct skl_cancel {
    uint64_t id;
} skl_cancel;

/** Makes a token. */
SKL_API skl_status skl_cancel_create(skl_cancel *out, skl_error *error);

/** Stops every call that uses the token, and those that will: they return SKL_E_CANCELLED soon.
 * Never blocks for long. Not async-signal-safe: from a signal handler, set a flag of your own. */
SKL_API skl_status skl_cancel_trigger(skl_cancel cancel);

/** Frees the token. Calls that use it go on undisturbed. */
SKL_API void skl_cancel_free(skl_cancel cancel);

#ifdef __cplusplus
}
#endif

#endif
