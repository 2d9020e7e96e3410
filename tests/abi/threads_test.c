/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Many threads on few handles, some of which others close meanwhile: each call succeeds or says
 * that the handle is stale. The process then exits with handles open and requests in progress.
 *
 *     threads_test ROOT ARCHIVE INPUT
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { threads = 8, rounds = 200 };

int failures = 0;
skl_error error = {0};

static skl_runtime runtime = {0};
static const char *archive;
static const char *input;
static skl_status no_engine = SKL_OK; /* what a build without an engine says instead of answering */
static _Atomic uint64_t shared = 0;   /* a module that all threads use and any may close */
static atomic_int finished = 0;
static atomic_int wrong = 0;

void check_refusal(skl_status got, skl_status wanted, uint64_t output, const char *call, int line) {
    (void)output;
    if (got != wanted) fprintf(stderr, "line %d: %s\n", line, call);
}

static void expect(int condition, const char *what) {
    if (condition) return;
    if (atomic_fetch_add(&wrong, 1) < 10) fprintf(stderr, "not so: %s\n", what);
}

static int answered(skl_status status) { return status == SKL_OK || status == no_engine; }

/** Opens a module and puts it in the place of the shared one, which it closes. */
static void replace_shared(void) {
    skl_module module = {0};
    expect(skl_module_open(runtime, archive, NULL, &module, NULL) == SKL_OK, "a module is opened");
    skl_module_close((skl_module){atomic_exchange(&shared, module.id)});
}

static void count_finished(void *user, skl_request request) {
    (void)user;
    skl_request_free(request);
    atomic_fetch_add(&finished, 1);
}

static void use_shared(int *submitted) {
    const skl_module module = {atomic_load(&shared)};
    skl_document document = {0};
    skl_result result = {0};
    skl_request request = {0};
    skl_status status = skl_module_show(module, &document, NULL);
    expect(status == SKL_OK || status == SKL_E_STALE, "show succeeds or the handle is stale");
    skl_document_free(document);
    status = skl_module_invoke(module, input, strlen(input), NULL, &result, NULL);
    expect(answered(status) || status == SKL_E_STALE, "invoke succeeds or the handle is stale");
    skl_result_free(result);
    status =
        skl_module_submit(module, input, strlen(input), NULL, count_finished, NULL, &request, NULL);
    expect(status == SKL_OK || status == SKL_E_STALE, "submit succeeds or the handle is stale");
    if (status == SKL_OK) ++*submitted;
}

static void *work(void *number) {
    int submitted = 0;
    for (int round = 0; round < rounds; ++round) {
        if (round % 10 == (int)(intptr_t)number) replace_shared();
        use_shared(&submitted);
    }
    return (void *)(intptr_t)submitted;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    archive = argv[2];
    input = argv[3];
    if (strcmp(skl_engine_version(), "none") == 0) no_engine = SKL_E_FORMAT_UNSUPPORTED;
    skl_runtime_options options = {0};
    options.struct_size = sizeof options;
    options.root = argv[1];
    SUCCEEDS(skl_runtime_open(&options, &runtime, &error));
    replace_shared();
    pthread_t ids[threads];
    for (intptr_t i = 0; i < threads; ++i) {
        CHECK(pthread_create(&ids[i], NULL, work, (void *)i) == 0);
    }
    int submitted = 0;
    for (int i = 0; i < threads; ++i) {
        void *count = NULL;
        pthread_join(ids[i], &count);
        submitted += (int)(intptr_t)count;
    }
    /* One that is known to be the last: when it has finished, the order says that all have begun.
     */
    while (atomic_load(&finished) < submitted) {
        skl_request last = {0};
        skl_result result = {0};
        const skl_module module = {atomic_load(&shared)};
        SUCCEEDS(skl_module_submit(module, input, strlen(input), NULL, NULL, NULL, &last, &error));
        skl_request_wait(last, SKL_NO_TIMEOUT, &result, NULL);
        skl_result_free(result);
        skl_request_free(last);
    }
    CHECK(atomic_load(&finished) == submitted);
    CHECK(submitted > 0);
    /* Requests in progress and open handles do not keep the process from exiting. */
    skl_request request = {0};
    for (int i = 0; i < 100; ++i) {
        skl_module_submit((skl_module){atomic_load(&shared)}, input, strlen(input), NULL, NULL,
                          NULL, &request, NULL);
    }
    exit(failures != 0 || atomic_load(&wrong) != 0);
}
