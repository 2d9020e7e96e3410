/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A root as a whole: known-good sets, garbage collection, and what is wrong with it.
 *
 * A known-good set keeps, under a name (1 to 64 of a-z, 0-9, '.', '_' and '-'), which package
 * serves each id at one moment. All functions may be called from any thread.
 */
#ifndef SKILLET_ROOT_H
#define SKILLET_ROOT_H

#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/runtime.h>
#include <skillet/version.h>
#include <skillet/work.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Saves what serves now. While the set is there its members cannot be removed. SKL_E_CONFLICT if
 * the name is taken. `reason` is kept with it and may be NULL. */
SKL_API skl_status skl_known_good_save(skl_runtime runtime, const char *name, const char *reason,
                                       skl_error *error);

/** Makes every member serve its id again, or changes nothing: SKL_E_ILLEGAL_TRANSITION names a
 * member that is not verified. Newer versions are held back as by skl_package_rollback; ids that
 * are not in the set stay as they are. `reason` goes to the ledger and may be NULL. */
SKL_API skl_status skl_known_good_restore(skl_runtime runtime, const char *name, const char *reason,
                                          skl_error *error);

/** Forgets the set; its members stay. */
SKL_API skl_status skl_known_good_remove(skl_runtime runtime, const char *name, skl_error *error);

/** The sets, their members and whether those serve now ("skillet.known_good/1"). */
SKL_API skl_status skl_known_good_list(skl_runtime runtime, skl_document *out, skl_error *error);

/** Only say what would be removed. */
#define SKL_COLLECT_DRY_RUN 0x1u
/** `grace_seconds` is set; without it, it is a day. */
#define SKL_COLLECT_GRACE 0x2u
/** Remove packages, too, that were retired before the grace began, unless a known-good set needs
 * them. */
#define SKL_COLLECT_RETIRED 0x4u

typedef struct skl_collect_options {
    uint32_t struct_size;         /**< sizeof(skl_collect_options) */
    uint32_t flags;               /**< of SKL_COLLECT_…, or 0 */
    uint32_t grace_seconds;       /**< what is younger stays */
    uint32_t reserved;            /**< 0 */
    const skl_work_options *work; /**< how to stop it; may be NULL */
} skl_collect_options;

/** Removes the blobs that no package needs ("skillet.collected/1"). Young ones stay: somebody may
 * be about to need them. `options` may be NULL. */
SKL_API skl_status skl_root_collect(skl_runtime runtime, const skl_collect_options *options,
                                    skl_document *out, skl_error *error);

/** Put right what is derived, and quarantine the packages whose bytes are damaged. */
#define SKL_CHECK_REPAIR 0x1u

typedef struct skl_check_options {
    uint32_t struct_size;         /**< sizeof(skl_check_options) */
    uint32_t flags;               /**< SKL_CHECK_REPAIR, or 0 */
    const skl_work_options *work; /**< how to stop and watch it; may be NULL */
} skl_check_options;

/** Reads all of the root and says what is wrong with it ("skillet.fsck/1"). SKL_OK says that the
 * report was made; its member "sound" says what it found. Without SKL_CHECK_REPAIR nothing is
 * changed. `options` may be NULL. */
SKL_API skl_status skl_root_check(skl_runtime runtime, const skl_check_options *options,
                                  skl_document *out, skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
