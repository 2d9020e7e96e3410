/* SPDX-License-Identifier: Apache-2.0 */
/** Log records: what the library has to say that no caller asked for. */
#ifndef SKILLET_LOG_H
#define SKILLET_LOG_H

#include <stdint.h>

#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How much is told: a level tells its own records and those of lower numbers. */
typedef int32_t skl_log_level;
enum {
    SKL_LOG_OFF = -1,
    SKL_LOG_DEFAULT = 0, /**< only as a setting: $SKILLET_LOG, the config file, else errors */
    SKL_LOG_ERROR = 1,   /**< something failed that no caller is told of */
    SKL_LOG_WARNING = 2, /**< a package was quarantined, a derived file was mended */
    SKL_LOG_INFO = 3,    /**< packages come and go, skills are loaded and evicted */
    SKL_LOG_DEBUG = 4    /**< every request */
};

/** One record. Its texts are borrowed: valid during the call only. */
typedef struct skl_log_record {
    uint32_t struct_size;
    skl_log_level level;
    const char *event;   /**< a stable name, such as "module.loaded" */
    const char *message; /**< one sentence for people */
    const char *json;    /**< all of it on one line ("skillet.log/1") */
} skl_log_record;

/** Takes a record. Called by any thread, also by several at once, and while the library holds
 * locks: it must not call back into the library. */
typedef void (*skl_log_fn)(void *user, const skl_log_record *record);

#ifdef __cplusplus
}
#endif

#endif
