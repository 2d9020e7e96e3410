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

/** The package behind the module ("skillet.package/1"). */
SKL_API skl_status skl_module_show(skl_module module, skl_document *out, skl_error *error);

/** Closes the module. Requests in progress finish. */
SKL_API void skl_module_close(skl_module module);

#ifdef __cplusplus
}
#endif

#endif
