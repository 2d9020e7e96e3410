/* SPDX-License-Identifier: Apache-2.0 */
/** Long calls: how to stop them, and how to hear how far they have come. */
#ifndef SKILLET_WORK_H
#define SKILLET_WORK_H

#include <stdint.h>

#include <skillet/cancel.h>
#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Hears of progress: `done` of `total` bytes of a phase ("copy", "verify", "scan", "load",
 * "measure", "download" or "upload", in static storage). Phases follow each other; each begins with
 * done == 0. Called often, on the thread that made the call, which waits for it. It must not call
 * back into the library. */
typedef void (*skl_progress_fn)(void *user, const char *phase, uint64_t done, uint64_t total);

typedef struct skl_work_options {
    uint32_t struct_size;     /**< sizeof(skl_work_options) */
    uint32_t flags;           /**< none yet: 0 */
    uint32_t deadline_ms;     /**< from now; 0: none */
    uint32_t reserved;        /**< 0 */
    skl_cancel cancel;        /**< {0}: cannot be cancelled */
    skl_progress_fn progress; /**< NULL: nobody listens */
    void *user;               /**< given to `progress` */
} skl_work_options;

#ifdef __cplusplus
}
#endif

#endif
