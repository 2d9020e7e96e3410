/* SPDX-License-Identifier: Apache-2.0 */
/** What every check of the C consumer needs: counting failures, and refusals that touch nothing. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include <skillet/skillet.h>

/** What an output holds before a call that must leave it alone. */
enum { untouched = 424242 };

extern int failures;
extern skl_error error;

void check_refusal(skl_status got, skl_status wanted, uint64_t output, const char *call, int line);

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            ++failures;                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                           \
    } while (0)

/** The call gives this status with a fitting error object in `error`, and leaves `output` alone. */
#define REFUSED(wanted, output, call)                                  \
    do {                                                               \
        (output).id = untouched;                                       \
        check_refusal((call), (wanted), (output).id, #call, __LINE__); \
        (output).id = 0;                                               \
    } while (0)

/** The same for a call without an output. */
#define REFUSED_PLAIN(wanted, call) check_refusal((call), (wanted), untouched, #call, __LINE__)

/** The call succeeds and leaves no error object. */
#define SUCCEEDS(call)                                                                   \
    do {                                                                                 \
        error.id = untouched;                                                            \
        if ((call) != SKL_OK) {                                                          \
            ++failures;                                                                  \
            fprintf(stderr, "%s:%d: %s: %s (%s)\n", __FILE__, __LINE__, #call,           \
                    skl_error_message(error), skl_error_subject(error));                 \
            skl_error_free(error);                                                       \
        } else if (error.id != 0) {                                                      \
            ++failures;                                                                  \
            fprintf(stderr, "%s:%d: %s: error is not {0}\n", __FILE__, __LINE__, #call); \
        }                                                                                \
        error.id = 0;                                                                    \
    } while (0)

/* The groups of checks; abi_test.c calls them in this order. */
void check_versions_and_statuses(void);
void check_runtime_options(const char *root);
void check_arguments(skl_runtime runtime);
void check_wrong_handles(skl_runtime runtime);
void check_errors_and_documents(skl_runtime runtime);
void check_cancel_tokens(void);
void check_schemas(void);
void check_measuring(skl_runtime runtime, const char *archive, const char *input);
void check_skill(skl_runtime runtime, const char *archive, const char *input);
