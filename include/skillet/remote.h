/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Packages in other people's registries: pull, push.
 *
 * A registry is any server of the OCI distribution API. A remote reference names a package there:
 * HOST[:PORT]/NAME:TAG or HOST[:PORT]/NAME@sha256:HEX. These are the only functions that use the
 * network. They need libcurl on the machine, which they open when first called
 * (SKL_E_FORMAT_UNSUPPORTED if it is not there), start threads for each connection while they run,
 * and honour the environment's proxies (HTTPS_PROXY, NO_PROXY …).
 *
 * Failures: SKL_E_REMOTE_UNREACHABLE if there is no answer, or one that says to come back later,
 * after several attempts; SKL_E_REMOTE_DENIED; SKL_E_REMOTE_INVALID if an answer makes no sense;
 * SKL_E_DIGEST_MISMATCH if bytes are not those that were asked for.
 */
#ifndef SKILLET_REMOTE_H
#define SKILLET_REMOTE_H

#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/runtime.h>
#include <skillet/version.h>
#include <skillet/work.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Talk to registries without TLS, also to those that are not this machine. */
#define SKL_REMOTE_PLAIN_HTTP 0x1u

typedef struct skl_remote_options {
    uint32_t struct_size;         /**< sizeof(skl_remote_options) */
    uint32_t flags;               /**< SKL_REMOTE_PLAIN_HTTP, or 0 */
    const skl_work_options *work; /**< how to stop and watch it; may be NULL */
    const char *credentials;      /**< a config.json of docker; NULL: the user's own */
    uint32_t connections_max;     /**< at once; 0: 4, at most 16 */
    uint32_t reserved;            /**< 0 */
} skl_remote_options;

/** Fetches a package and the documents attached to it, and installs it as skl_package_install does
 * ("skillet.pulled/1"). Blobs that are here are not fetched again; of a transfer that broke off,
 * what arrived is kept for the next call. `options` may be NULL. */
SKL_API skl_status skl_package_pull(skl_runtime runtime, const char *remote,
                                    const skl_remote_options *options, skl_document *out,
                                    skl_error *error);

/** Sends a package and the documents attached to it ("skillet.pushed/1"). `reference` may be a
 * path; an installed package must serve. Without a tag in `remote`, the version is the tag. Blobs
 * that are there are not sent again. `options` may be NULL. */
SKL_API skl_status skl_package_push(skl_runtime runtime, const char *reference, const char *remote,
                                    const skl_remote_options *options, skl_document *out,
                                    skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
