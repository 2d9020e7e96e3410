/* SPDX-License-Identifier: Apache-2.0 */
/** The runtime: a root directory of installed skills, and one memory budget for those that run. */
#ifndef SKILLET_RUNTIME_H
#define SKILLET_RUNTIME_H

#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/log.h>
#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A process usually has one. Several may share a root, also across processes. */
typedef struct skl_runtime {
    uint64_t id;
} skl_runtime;

typedef struct skl_runtime_options {
    uint32_t struct_size;  /**< sizeof(skl_runtime_options) */
    uint32_t flags;        /**< none yet: 0 */
    const char *root;      /**< directory; NULL: $SKILLET_ROOT, else the XDG data directory */
    const char *actor;     /**< who the ledger names; NULL: the user's login name */
    uint64_t budget_bytes; /**< memory for resident skills; 0: $SKILLET_BUDGET, else half of RAM */
    const char *config;    /**< settings file; NULL: $SKILLET_CONFIG, else the XDG config file */
    skl_log_fn log;        /**< NULL: nobody listens */
    void *log_user;        /**< given to `log` */
    skl_log_level log_level; /**< 0: $SKILLET_LOG, else errors */
    uint32_t reserved;       /**< 0 */
} skl_runtime_options;

/** Makes a runtime. `options` may be NULL. What they leave open comes from the environment, then
 * from the settings file, then from defaults (docs/formats/config.md). Touches neither the root nor
 * the engine before they are needed. Close with skl_runtime_close. */
SKL_API skl_status skl_runtime_open(const skl_runtime_options *options, skl_runtime *out,
                                    skl_error *error);

/** The value of each setting and where it came from ("skillet.settings/1"). */
SKL_API skl_status skl_runtime_settings(skl_runtime runtime, skl_document *out, skl_error *error);

/** What is wrong with machine, build and root, and what to do about it ("skillet.diagnosis/1"). The
 * call succeeds whatever it finds; a root that is not there is not made. */
SKL_API skl_status skl_runtime_diagnose(skl_runtime runtime, skl_document *out, skl_error *error);

/** What this runtime has in memory now, and why in this order: budget, counters, and per skill its
 * state, leases, bytes (predicted, measured, charged), times and its place in the order of leaving
 * ("skillet.residency/1"). */
SKL_API skl_status skl_runtime_residency(skl_runtime runtime, skl_document *out, skl_error *error);

/** The same of every runtime that works on this one's root now, in whatever process, as far as this
 * user may read it ("skillet.processes/1"). Runtimes publish themselves in the state directory when
 * they first load an installed skill. */
SKL_API skl_status skl_runtime_processes(skl_runtime runtime, skl_document *out, skl_error *error);

/** Closes the runtime. Its modules keep working until they are closed too. */
SKL_API void skl_runtime_close(skl_runtime runtime);

#ifdef __cplusplus
}
#endif

#endif
