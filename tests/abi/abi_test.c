/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A C99 consumer of the library: every function of the runtime headers, with right and with wrong
 * arguments.
 *
 *     abi_test ROOT [ARCHIVE INPUT]
 *
 * ROOT is a directory that does not exist yet. ARCHIVE is a .skill file and INPUT a request it
 * admits; without them, only what must fail is checked.
 */
#include <string.h>

#include "check.h"

int failures = 0;
skl_error error = {0};

void check_refusal(skl_status got, skl_status wanted, uint64_t output, const char *call, int line) {
    if (got != wanted) {
        ++failures;
        fprintf(stderr, "line %d: %s: gives %s, not %s (%s)\n", line, call, skl_status_name(got),
                skl_status_name(wanted), skl_error_message(error));
    }
    if (output != untouched) {
        ++failures;
        fprintf(stderr, "line %d: %s: failed, but changed its output\n", line, call);
    }
    if (skl_error_code(error) != got || strlen(skl_error_message(error)) == 0) {
        ++failures;
        fprintf(stderr, "line %d: %s: the error object does not fit\n", line, call);
    }
    skl_error_free(error);
    error.id = 0;
}

void check_versions_and_statuses(void) {
    CHECK(skl_abi_version() >> 16 == SKL_ABI_MAJOR);
    CHECK((skl_abi_version() & 0xffff) >= SKL_ABI_MINOR);
    CHECK(skl_abi_check(SKL_ABI_VERSION) == SKL_OK);
    CHECK(skl_abi_check(SKL_ABI_VERSION + 1) == SKL_E_ABI_MISMATCH);
    CHECK(skl_abi_check(SKL_ABI_VERSION + 0x10000) == SKL_E_ABI_MISMATCH);
    CHECK(strlen(skl_version()) > 0);
    CHECK(strlen(skl_engine_version()) > 0);
    CHECK(strstr(skl_build_info(), skl_version()) != NULL);
    CHECK(strstr(skl_build_info(), skl_engine_version()) != NULL);

    CHECK(strcmp(skl_status_name(SKL_OK), "ok") == 0);
    CHECK(strcmp(skl_status_name(SKL_E_DIGEST_MISMATCH), "digest_mismatch") == 0);
    CHECK(skl_status_exit_code(SKL_OK) == 0);
    CHECK(skl_status_exit_code(SKL_E_STALE) != 0);
    CHECK(skl_status_retry(SKL_E_BUDGET_BUSY) == SKL_RETRY_LATER);
    const skl_status unknown[] = {-1, 19, 1000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; ++i) {
        CHECK(strcmp(skl_status_name(unknown[i]), "unknown") == 0);
        CHECK(strlen(skl_status_meaning(unknown[i])) > 0);
        CHECK(skl_status_exit_code(unknown[i]) != 0);
    }
}

void check_errors_and_documents(skl_runtime runtime) {
    const skl_error none = {0};
    CHECK(skl_error_code(none) == SKL_OK);
    CHECK(strcmp(skl_error_message(none), "") == 0);
    skl_error_free(none);

    skl_document document = {0};
    CHECK(skl_package_show(runtime, "org.example.absent", &document, &error) == SKL_E_NOT_FOUND);
    CHECK(strcmp(skl_error_subject(error), "org.example.absent") == 0);
    CHECK(strlen(skl_error_hint(error)) > 0);
    CHECK(strstr(skl_error_json(error), "\"schema\":\"skillet.error/1\"") != NULL);
    CHECK(strstr(skl_error_json(error), "\"not_found\"") != NULL);
    skl_error_free(error);
    skl_error_free(error);
    CHECK(skl_error_code(error) == SKL_E_STALE);
    CHECK(strcmp(skl_error_message(error), "") == 0);
    CHECK(strcmp(skl_error_subject(error), "") == 0);
    CHECK(strcmp(skl_error_hint(error), "") == 0);
    CHECK(strcmp(skl_error_json(error), "") == 0);

    SUCCEEDS(skl_runtime_residency(runtime, &document, &error));
    CHECK(strstr(skl_document_text(document), "\"skillet.residency/1\"") != NULL);
    CHECK(strlen(skl_document_text(document)) == skl_document_size(document));
    skl_document_free(document);
    skl_document_free(document);
    CHECK(skl_document_text(document) == NULL);
    CHECK(skl_document_size(document) == 0);
    skl_document_free((skl_document){0});
    /* Whoever does not want an error object does not get one. */
    CHECK(skl_package_show(runtime, "org.example.absent", &document, NULL) == SKL_E_NOT_FOUND);
}

void check_cancel_tokens(void) {
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_cancel_create(NULL, &error));
    skl_cancel cancel = {0};
    CHECK(skl_cancel_trigger(cancel) == SKL_E_STALE);
    skl_cancel_free(cancel);
    SUCCEEDS(skl_cancel_create(&cancel, &error));
    CHECK(cancel.id != 0);
    CHECK(skl_cancel_trigger(cancel) == SKL_OK);
    CHECK(skl_cancel_trigger(cancel) == SKL_OK);
    skl_cancel_free(cancel);
    skl_cancel_free(cancel);
    CHECK(skl_cancel_trigger(cancel) == SKL_E_STALE);
}

static void count_records(void *user, const skl_log_record *record) {
    CHECK(record->struct_size >= sizeof *record);
    CHECK(record->level >= SKL_LOG_ERROR && record->level <= SKL_LOG_DEBUG);
    CHECK(strlen(record->event) > 0 && strlen(record->message) > 0);
    CHECK(strncmp(record->json, "{\"schema\":\"skillet.log/1\"", 25) == 0);
    ++*(int *)user;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: abi_test ROOT [ARCHIVE INPUT]\n");
        return 2;
    }
    int records = 0;
    skl_runtime_options options = {0};
    options.struct_size = sizeof options;
    options.root = argv[1];
    options.actor = "abi_test";
    options.log = count_records;
    options.log_user = &records;
    options.log_level = SKL_LOG_DEBUG;
    skl_runtime runtime = {0};
    check_versions_and_statuses();
    check_cancel_tokens();
    check_schemas();
    check_runtime_options(argv[1]);
    SUCCEEDS(skl_runtime_open(&options, &runtime, &error));
    check_arguments(runtime);
    check_wrong_handles(runtime);
    check_errors_and_documents(runtime);
    if (argc == 4) {
        check_measuring(runtime, argv[2], argv[3]);
        check_skill(runtime, argv[2], argv[3]);
    } else {
        printf("no .skill file was given: only failures are checked\n");
    }
    CHECK(records > 0 || argc == 2);
    skl_runtime_close(runtime);
    if (failures != 0) fprintf(stderr, "%d checks failed\n", failures);
    return failures != 0;
}
