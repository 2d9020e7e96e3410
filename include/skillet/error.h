/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Error codes and the error object.
 *
 * Every fallible call returns an skl_status: SKL_OK, or the reason it failed.
 * The numbers never change and are never reused. A call may also fill an
 * skl_error, which carries what a person or a log needs to act on it.
 */
#ifndef SKILLET_ERROR_H
#define SKILLET_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Outcome of a call. An int32_t on the wire; the numbers are part of the ABI. */
typedef int32_t skl_status;

enum {
    SKL_OK = 0,

    /* The call itself (1-19). */
    SKL_E_INVALID_ARGUMENT = 1,   /**< An argument is null, malformed or out of range. */
    SKL_E_NOT_FOUND = 2,          /**< No such skill, version, package or file. */
    SKL_E_STALE = 3,              /**< The handle was closed, or was never one of ours. */
    SKL_E_ABI_MISMATCH = 4,       /**< Header and library do not fit together. */
    SKL_E_ILLEGAL_TRANSITION = 5, /**< The package's state does not allow this. */
    SKL_E_CONFLICT = 6,           /**< The (id, version) is bound to another digest. */
    SKL_E_PENDING = 7,            /**< The request has not finished yet. */
    SKL_E_FORKED = 8,             /**< This process was forked from one that uses the library. */

    /* What is in a package (20-39). */
    SKL_E_MANIFEST_INVALID = 20,   /**< skill.json or an OCI document is malformed or wrong. */
    SKL_E_DIGEST_MISMATCH = 21,    /**< Bytes differ from the digest that names them. */
    SKL_E_FORMAT_UNSUPPORTED = 22, /**< A format, version or feature this build does not run. */
    SKL_E_MALFORMED_ARTIFACT = 23, /**< The model file is damaged or lies about itself. */
    SKL_E_INCOMPATIBLE = 24,       /**< Parts that do not belong together. */
    SKL_E_SCHEMA_REFUSED = 25,     /**< A schema uses a keyword that would not be enforced. */
    SKL_E_LICENSE_REFUSED = 26,    /**< The licence policy does not allow the package. */

    /* Loading and residency (40-59). */
    SKL_E_BUDGET_NEVER_FITS = 40, /**< Larger than the whole memory budget. */
    SKL_E_BUDGET_BUSY = 41,       /**< Would fit, but everything resident is in use. */
    SKL_E_LOAD_FAILED = 42,       /**< The engine refused a verified artifact. */
    SKL_E_ENGINE_FAULT = 43,      /**< The engine failed while computing. */

    /* One request (60-79). */
    SKL_E_INPUT_SYNTAX = 60,      /**< The input is not strict JSON in UTF-8. */
    SKL_E_INPUT_SCHEMA = 61,      /**< The input does not satisfy the contract's schema. */
    SKL_E_INPUT_TOO_LARGE = 62,   /**< More input bytes than the contract admits. */
    SKL_E_CONTEXT_EXCEEDED = 63,  /**< More tokens than prepare and the model admit. */
    SKL_E_OUTPUT_SCHEMA = 64,     /**< The output does not satisfy the contract's schema. */
    SKL_E_OUTPUT_TOO_LARGE = 65,  /**< More output than the contract admits. */
    SKL_E_CANCELLED = 66,         /**< The caller cancelled. */
    SKL_E_DEADLINE_EXCEEDED = 67, /**< The deadline passed. */
    SKL_E_QUEUE_FULL = 68,        /**< Too many submitted requests wait already. */

    /* Lifecycle refusals (80-89). */
    SKL_E_QUARANTINED = 80,            /**< The package is quarantined. */
    SKL_E_SUSPENDED = 81,              /**< The package is suspended. */
    SKL_E_RETIRED = 82,                /**< The package is retired. */
    SKL_E_NOT_VERIFIED = 83,           /**< The package has not passed verification. */
    SKL_E_DEPENDENCY_UNSATISFIED = 84, /**< What the package depends on is not there. */

    /* The machine (90-99). */
    SKL_E_STORE_CORRUPT = 90,   /**< The root's database or layout is damaged. */
    SKL_E_IO = 91,              /**< The operating system refused a file operation. */
    SKL_E_OUT_OF_MEMORY = 92,   /**< An allocation failed. */
    SKL_E_INTERNAL = 93,        /**< A bug in this library. */
    SKL_E_CPU_UNSUPPORTED = 94, /**< The processor lacks the stated baseline. */
    SKL_E_READ_ONLY = 95,       /**< The root can be read, but not changed. */

    /* Other people's registries (110-119). */
    SKL_E_REMOTE_UNREACHABLE = 110, /**< No answer, or one that says to come back later. */
    SKL_E_REMOTE_DENIED = 111,      /**< The registry wants other credentials. */
    SKL_E_REMOTE_INVALID = 112      /**< The registry's answer breaks its protocol. */
};

/** May the same call succeed later? */
typedef int32_t skl_retry;
enum {
    SKL_RETRY_NEVER = 0,        /**< The same call will fail again. */
    SKL_RETRY_AFTER_CHANGE = 1, /**< Once the input, the package or the machine is changed. */
    SKL_RETRY_LATER = 2         /**< Waiting can help. */
};

/** Owned error object. {0} is "no error". Free with skl_error_free. */
typedef struct skl_error {
    uint64_t id;
} skl_error;

/** The stable name of a code, such as "digest_mismatch"; "unknown" for other numbers.
 * Static storage. Any thread. */
SKL_API const char *skl_status_name(skl_status status);

/** One sentence on what the code means. Static storage. Any thread. */
SKL_API const char *skl_status_meaning(skl_status status);

/** The exit status our command line uses for this code (0 for SKL_OK). Any thread. */
SKL_API int skl_status_exit_code(skl_status status);

/** Whether a retry can help. Any thread. */
SKL_API skl_retry skl_status_retry(skl_status status);

/** Code of the error; SKL_OK for {0}; SKL_E_STALE for a freed one. Any thread. */
SKL_API skl_status skl_error_code(skl_error error);

/** What went wrong, in one sentence. Borrowed: valid until skl_error_free; "" if stale. */
SKL_API const char *skl_error_message(skl_error error);

/** What it is about: a JSON pointer, digest, skill ID or path. Borrowed; "" if none. */
SKL_API const char *skl_error_subject(skl_error error);

/** What to do about it. Borrowed; "" if there is no advice. */
SKL_API const char *skl_error_hint(skl_error error);

/** The error as a JSON document (docs/formats/cli/error.schema.json). Borrowed. */
SKL_API const char *skl_error_json(skl_error error);

/** Frees the error. {0} and freed errors are ignored. Any thread. */
SKL_API void skl_error_free(skl_error error);

#ifdef __cplusplus
}
#endif

#endif
