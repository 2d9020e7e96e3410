/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A child of a process that uses the library: every call is refused at once, even while threads of
 * the parent are inside the library and hold its locks. And a child of a process that has not used
 * it yet may use it.
 *
 *     fork_test ROOT ARCHIVE INPUT
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

int failures = 0;
skl_error error = {0};

static skl_runtime runtime = {0};
static skl_module module = {0};
static atomic_int stop = 0;

void check_refusal(skl_status got, skl_status wanted, uint64_t output, const char *call, int line) {
    if (got == wanted && output == untouched && error.id == 0) return;
    ++failures;
    fprintf(stderr, "line %d: %s: gives %s, not %s\n", line, call, skl_status_name(got),
            skl_status_name(wanted));
}

/** Uses handles and locks without a pause. */
static void *keep_busy(void *ignored) {
    (void)ignored;
    while (!atomic_load(&stop)) {
        skl_document document = {0};
        skl_package_list(runtime, &document, NULL);
        skl_document_free(document);
    }
    return NULL;
}

/** Every kind of call, in a child. */
static void check_child(const char *archive, const char *input) {
    skl_runtime other = {0};
    skl_module opened = {0};
    skl_document document = {0};
    skl_result result = {0};
    skl_request request = {0};
    skl_cancel cancel = {0};
    REFUSED(SKL_E_FORKED, other, skl_runtime_open(NULL, &other, &error));
    REFUSED(SKL_E_FORKED, document, skl_package_list(runtime, &document, &error));
    REFUSED(SKL_E_FORKED, document, skl_package_install(runtime, archive, NULL, &document, &error));
    REFUSED(SKL_E_FORKED, opened, skl_module_open(runtime, archive, NULL, &opened, &error));
    REFUSED(SKL_E_FORKED, result,
            skl_module_invoke(module, input, strlen(input), NULL, &result, &error));
    REFUSED(SKL_E_FORKED, request,
            skl_module_submit(module, input, strlen(input), NULL, NULL, NULL, &request, &error));
    REFUSED(SKL_E_FORKED, cancel, skl_cancel_create(&cancel, &error));
    CHECK(skl_request_cancel((skl_request){1}) == SKL_E_FORKED);
    CHECK(skl_cancel_trigger((skl_cancel){1}) == SKL_E_FORKED);
    CHECK(skl_error_code((skl_error){1}) == SKL_E_FORKED);
    CHECK(skl_document_text((skl_document){1}) == NULL);
    CHECK(strcmp(skl_status_name(SKL_E_FORKED), "forked") == 0);
    skl_module_close(module);
    skl_runtime_close(runtime);
}

/** Runs in a child that must not hang: its failures are its exit status. */
static void in_child(void (*body)(const char *, const char *), const char *archive,
                     const char *input) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60);
        failures = 0;
        body(archive, input);
        _exit(failures != 0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static const char *first_root;

/** What a process that inherited nothing but the loaded library may do: everything. */
static void check_fresh_child(const char *archive, const char *input) {
    (void)input;
    skl_runtime_options options = {0};
    options.struct_size = sizeof options;
    options.root = first_root;
    skl_runtime own = {0};
    skl_document document = {0};
    SUCCEEDS(skl_runtime_open(&options, &own, &error));
    SUCCEEDS(skl_package_verify(own, archive, NULL, &document, &error));
    skl_document_free(document);
    skl_runtime_close(own);
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    first_root = argv[1];
    CHECK(skl_abi_version() != 0); /* the library is there, and nothing of it has been used */
    in_child(check_fresh_child, argv[2], argv[3]);

    skl_runtime_options options = {0};
    options.struct_size = sizeof options;
    options.root = argv[1];
    SUCCEEDS(skl_runtime_open(&options, &runtime, &error));
    SUCCEEDS(skl_module_open(runtime, argv[2], NULL, &module, &error));
    pthread_t threads[2];
    for (int i = 0; i < 2; ++i) CHECK(pthread_create(&threads[i], NULL, keep_busy, NULL) == 0);
    for (int i = 0; i < 20; ++i) in_child(check_child, argv[2], argv[3]);
    atomic_store(&stop, 1);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);

    /* The parent noticed nothing. */
    skl_document document = {0};
    SUCCEEDS(skl_module_show(module, &document, &error));
    skl_document_free(document);
    skl_module_close(module);
    skl_runtime_close(runtime);
    return failures != 0;
}
