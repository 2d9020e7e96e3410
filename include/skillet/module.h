/* SPDX-License-Identifier: Apache-2.0 */
/** Modules: a skill of this process, ready to be asked. */
#ifndef SKILLET_MODULE_H
#define SKILLET_MODULE_H

#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/runtime.h>
#include <skillet/version.h>
#include <skillet/work.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct skl_module {
    uint64_t id;
} skl_module;

/** Opens the skill that `reference` names, or a .skill file by its path, which is verified first
 * and touches no root. The model is loaded by skl_module_load or the first request, and may be
 * evicted between requests; the module stays good. Close with skl_module_close. `options` may
 * be NULL. */
SKL_API skl_status skl_module_open(skl_runtime runtime, const char *reference,
                                   const skl_work_options *options, skl_module *out,
                                   skl_error *error);

/** Loads the model now. Blocks; SKL_E_BUDGET_NEVER_FITS if it is larger than the budget.
 * Once it has begun to load, `options` no longer stop it: others may be waiting for it. They may be
 * NULL. */
SKL_API skl_status skl_module_load(skl_module module, const skl_work_options *options,
                                   skl_error *error);

/** Never leaves memory by itself, once it is loaded. */
#define SKL_KEEP_PINNED 1u

typedef struct skl_keep_options {
    uint32_t struct_size; /**< sizeof(skl_keep_options) */
    uint32_t flags;       /**< 0 or SKL_KEEP_PINNED */
    int32_t priority;     /**< of two, the lower one leaves first, whatever its use; usually 0 */
    uint32_t reserved;    /**< 0 */
} skl_keep_options;

/** How the module's skill is to be kept in this runtime's memory from now on, whichever module asks
 * for it. Loads nothing. `options` may be NULL: like any other. */
SKL_API skl_status skl_module_keep(skl_module module, const skl_keep_options *options,
                                   skl_error *error);

/** The package behind the module ("skillet.package/1"). */
SKL_API skl_status skl_module_show(skl_module module, skl_document *out, skl_error *error);

/** Closes the module. Requests in progress finish. */
SKL_API void skl_module_close(skl_module module);

#ifdef __cplusplus
}
#endif

#endif
