/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Packages in a root: install, verify, list, show, change their state, roll back, remove.
 *
 * A reference names a package: "ID" (the version that serves it), "ID@VERSION", "ID@RANGE" such as
 * "ID@^1.2" (the newest version in it that is fit to serve; docs/formats/semver-range.md),
 * "ID@sha256:HEX", or, where a function says so, a path to a .skill file (it contains a '/' or ends
 * in ".skill").
 */
#ifndef SKILLET_PACKAGE_H
#define SKILLET_PACKAGE_H

#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/runtime.h>
#include <skillet/version.h>
#include <skillet/work.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Installs the package of a .skill file, or of a folder with an OCI image layout, and verifies it
 * ("skillet.installed/1"). Nothing is kept if a blob's bytes are wrong; a package whose claims are
 * wrong stays, quarantined, and its error is returned. Installing what is installed changes
 * nothing. `options` may be NULL. */
SKL_API skl_status skl_package_install(skl_runtime runtime, const char *path,
                                       const skl_work_options *options, skl_document *out,
                                       skl_error *error);

/** The same where the folder holds several packages: `name` is the one that its index gives
 * ("org.opencontainers.image.ref.name"), or a digest. */
SKL_API skl_status skl_package_install_named(skl_runtime runtime, const char *path,
                                             const char *name, const skl_work_options *options,
                                             skl_document *out, skl_error *error);

/** Checks every claim of a package against its bytes ("skillet.verification/2"); the status is that
 * of the first check that fails. `reference` may be a path: then the root is not touched. An
 * installed package that fails is quarantined; an adapter whose base is not installed stays as it
 * is (SKL_E_DEPENDENCY_UNSATISFIED). `options` may be NULL. */
SKL_API skl_status skl_package_verify(skl_runtime runtime, const char *reference,
                                      const skl_work_options *options, skl_document *out,
                                      skl_error *error);

/** Look at every value of every tensor: one that is not a finite number fails. Reads the model once
 * more. */
#define SKL_REPORT_DEEP 0x1u

typedef struct skl_report_options {
    uint32_t struct_size;         /**< sizeof(skl_report_options) */
    uint32_t flags;               /**< SKL_REPORT_DEEP, or 0 */
    const skl_work_options *work; /**< how to stop and watch it; may be NULL */
    const char *base;             /**< an adapter's base, as a file; NULL: the root's */
} skl_report_options;

/** The same checks, and the same effect on an installed package, but reports a package that fails
 * instead of returning its error: SKL_OK says that the report was made, and its members "verified"
 * and "error" what it found ("skillet.verification/2"). `options` may be NULL. */
SKL_API skl_status skl_package_report(skl_runtime runtime, const char *reference,
                                      const skl_report_options *options, skl_document *out,
                                      skl_error *error);

/** Every package of the root with its state ("skillet.list/1"). */
SKL_API skl_status skl_package_list(skl_runtime runtime, skl_document *out, skl_error *error);

/** All about one package ("skillet.package/1"). `reference` may be a path. */
SKL_API skl_status skl_package_show(skl_runtime runtime, const char *reference, skl_document *out,
                                    skl_error *error);

/** What happened to the packages of an id, oldest first ("skillet.history/1"). */
SKL_API skl_status skl_package_history(skl_runtime runtime, const char *id, skl_document *out,
                                       skl_error *error);

/** Makes another version serve its id ("skillet.rolled_back/1"). "ID" alone leads to the version
 * that the serving one says it replaces, else to the newest verified one below it; any other
 * reference names the version itself, which may also be a newer one. Every other version that is as
 * new or newer is held back: it serves again when it is asked for so, and a version installed later
 * serves as ever. `reason` goes to the ledger and may be NULL. */
SKL_API skl_status skl_package_rollback(skl_runtime runtime, const char *reference,
                                        const char *reason, skl_document *out, skl_error *error);

/** Retires the package and deletes what no other package needs. Its id and version stay bound to
 * its digest for ever. `reason` goes to the ledger and may be NULL. */
SKL_API skl_status skl_package_remove(skl_runtime runtime, const char *reference,
                                      const char *reason, skl_error *error);

/** The functions below change the state of a package: one of installed, verified, suspended,
 * retired and quarantined, the same for every process (docs/lifecycle.md). SKL_E_ILLEGAL_TRANSITION
 * names both states where the package's own does not allow it. "ID" alone and "ID@RANGE" mean the
 * version that they mean elsewhere; if that one cannot take the step, the newest that can: so "ID"
 * resumes the version that is suspended, though another serves meanwhile. `reason` goes to the
 * ledger. `options` may be NULL. Each gives "skillet.transition/1". */

/** Leave the package installed: it serves once skl_package_verify has verified it. Only for
 * skl_package_resume, skl_package_reinstate and skl_package_release; the others never verify. */
#define SKL_TRANSITION_NO_VERIFY 0x1u
/** Wait for the requests of other processes, too, as far as they show them (skl_runtime_processes):
 * those of this user whose state directory is the same. Only for skl_package_suspend. */
#define SKL_TRANSITION_DRAIN 0x2u

typedef struct skl_transition_options {
    uint32_t struct_size;         /**< sizeof(skl_transition_options) */
    uint32_t flags;               /**< SKL_TRANSITION_..., or 0 */
    const skl_work_options *work; /**< how to stop and watch it; may be NULL */
} skl_transition_options;

/** Takes a verified package out of service, for now: no process begins another request with it, nor
 * with what depends on it ("dependants"). Then waits until no request of this runtime uses it, with
 * SKL_TRANSITION_DRAIN none of any process: SKL_E_DEADLINE_EXCEEDED or SKL_E_CANCELLED if `options`
 * end that first, and it is suspended all the same. Not to be called by a request's own callback.
 * `reason` may be NULL. */
SKL_API skl_status skl_package_suspend(skl_runtime runtime, const char *reference,
                                       const char *reason, const skl_transition_options *options,
                                       skl_document *out, skl_error *error);

/** Brings a suspended package back and verifies it again. One that fails is quarantined, and its
 * error returned; one whose dependencies are missing stays installed. `reason` may be NULL. */
SKL_API skl_status skl_package_resume(skl_runtime runtime, const char *reference,
                                      const char *reason, const skl_transition_options *options,
                                      skl_document *out, skl_error *error);

/** Takes a package out of service for good; its bytes stay until it is removed.
 * SKL_E_DEPENDENCY_UNSATISFIED names a verified package, or a known-good set, that needs it.
 * `reason` may be NULL. */
SKL_API skl_status skl_package_retire(skl_runtime runtime, const char *reference,
                                      const char *reason, const skl_transition_options *options,
                                      skl_document *out, skl_error *error);

/** Brings a retired package back, as skl_package_resume does a suspended one. */
SKL_API skl_status skl_package_reinstate(skl_runtime runtime, const char *reference,
                                         const char *reason, const skl_transition_options *options,
                                         skl_document *out, skl_error *error);

/** Takes a package in any other state out of service because something is wrong with it. Its bytes
 * stay for inspection and are never loaded. SKL_E_INVALID_ARGUMENT unless `reason` says why. */
SKL_API skl_status skl_package_quarantine(skl_runtime runtime, const char *reference,
                                          const char *reason, const skl_transition_options *options,
                                          skl_document *out, skl_error *error);

/** Lets a quarantined package go, and verifies it again as skl_package_resume does.
 * SKL_E_INVALID_ARGUMENT unless `reason` says why that is safe now. */
SKL_API skl_status skl_package_release(skl_runtime runtime, const char *reference,
                                       const char *reason, const skl_transition_options *options,
                                       skl_document *out, skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
