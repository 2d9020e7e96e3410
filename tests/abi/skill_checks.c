/* SPDX-License-Identifier: Apache-2.0 */
/** A real .skill file from installation to removal, as a C program uses it. */
#include <string.h>

#include "check.h"

static skl_cancel triggered(void) {
    skl_cancel cancel = {0};
    SUCCEEDS(skl_cancel_create(&cancel, &error));
    CHECK(skl_cancel_trigger(cancel) == SKL_OK);
    return cancel;
}

/** The value of the document's first string member of that name, in a buffer of the callee. */
static const char *member(skl_document document, const char *name) {
    static char value[256];
    char key[64];
    value[0] = '\0';
    if (snprintf(key, sizeof key, "\"%s\":\"", name) >= (int)sizeof key) return value;
    const char *begin = strstr(skl_document_text(document), key);
    if (begin == NULL) return value;
    begin += strlen(key);
    const size_t size = strcspn(begin, "\"");
    if (size < sizeof value) {
        memcpy(value, begin, size);
        value[size] = '\0';
    }
    return value;
}

/** What a progress callback has heard. */
struct heard {
    int begins;
    uint64_t done;
    uint64_t total;
};

static void hear(void *user, const char *phase, uint64_t done, uint64_t total) {
    struct heard *heard = user;
    CHECK(strlen(phase) > 0);
    CHECK(done <= total && (done == 0 || done >= heard->done));
    if (done == 0) ++heard->begins;
    heard->done = done;
    heard->total = total;
}

static void check_progress(skl_runtime runtime, const char *archive) {
    struct heard heard = {0, 0, 0};
    skl_document document = {0};
    skl_work_options options = {0};
    options.struct_size = sizeof options;
    options.progress = hear;
    options.user = &heard;
    SUCCEEDS(skl_package_verify(runtime, archive, &options, &document, &error));
    skl_document_free(document);
    CHECK(heard.begins == 1 && heard.total > 0 && heard.done == heard.total);
    options.reserved = 1;
    REFUSED(SKL_E_INVALID_ARGUMENT, document,
            skl_package_verify(runtime, archive, &options, &document, &error));
}

/** A report is made of what fails as well, so it is no error that it does. */
static void check_report(skl_runtime runtime, const char *archive) {
    skl_document document = {0};
    skl_report_options options = {0};
    SUCCEEDS(skl_package_report(runtime, archive, NULL, &document, &error));
    CHECK(strcmp(member(document, "schema"), "skillet.verification/2") == 0);
    skl_document_free(document);
    options.struct_size = sizeof options;
    options.flags = SKL_REPORT_DEEP;
    SUCCEEDS(skl_package_report(runtime, archive, &options, &document, &error));
    CHECK(strstr(skl_document_text(document), "\"deep\":true") != NULL);
    skl_document_free(document);
    options.flags = SKL_REPORT_DEEP << 1;
    REFUSED(SKL_E_INVALID_ARGUMENT, document,
            skl_package_report(runtime, archive, &options, &document, &error));
    skl_work_options cancelled = {0};
    cancelled.struct_size = sizeof cancelled;
    cancelled.cancel = triggered();
    options.flags = 0;
    options.work = &cancelled;
    REFUSED(SKL_E_CANCELLED, document,
            skl_package_report(runtime, archive, &options, &document, &error));
    skl_cancel_free(cancelled.cancel);
}

/** Installs twice and gives the id. */
static void check_install(skl_runtime runtime, const char *archive, char *id, size_t id_size) {
    skl_work_options cancelled = {0};
    cancelled.struct_size = sizeof cancelled;
    cancelled.cancel = triggered();
    skl_document document = {0};
    REFUSED(SKL_E_CANCELLED, document,
            skl_package_install(runtime, archive, &cancelled, &document, &error));
    REFUSED(SKL_E_CANCELLED, document,
            skl_package_verify(runtime, archive, &cancelled, &document, &error));
    skl_cancel_free(cancelled.cancel);

    SUCCEEDS(skl_package_verify(runtime, archive, NULL, &document, &error));
    CHECK(strcmp(member(document, "schema"), "skillet.verification/2") == 0);
    skl_document_free(document);
    for (int i = 0; i < 2; ++i) {
        SUCCEEDS(skl_package_install(runtime, archive, NULL, &document, &error));
        CHECK(strcmp(member(document, "schema"), "skillet.installed/1") == 0);
        CHECK(strcmp(member(document, "state"), "verified") == 0);
        CHECK(strlen(member(document, "id")) < id_size);
        strncpy(id, member(document, "id"), id_size - 1);
        skl_document_free(document);
    }
}

static void check_documents(skl_runtime runtime, const char *archive, const char *id) {
    skl_document document = {0};
    SUCCEEDS(skl_runtime_settings(runtime, &document, &error));
    CHECK(strcmp(member(document, "schema"), "skillet.settings/1") == 0);
    skl_document_free(document);
    SUCCEEDS(skl_package_list(runtime, &document, &error));
    CHECK(strcmp(member(document, "schema"), "skillet.list/1") == 0);
    CHECK(strcmp(member(document, "id"), id) == 0);
    skl_document_free(document);
    SUCCEEDS(skl_package_verify(runtime, id, NULL, &document, &error));
    CHECK(strcmp(member(document, "id"), id) == 0);
    skl_document_free(document);
    SUCCEEDS(skl_package_show(runtime, id, &document, &error));
    CHECK(strstr(skl_document_text(document), "\"installed\":{") != NULL);
    skl_document_free(document);
    SUCCEEDS(skl_package_show(runtime, archive, &document, &error));
    CHECK(strstr(skl_document_text(document), "\"installed\":{") == NULL);
    skl_document_free(document);
    SUCCEEDS(skl_package_history(runtime, id, &document, &error));
    CHECK(strcmp(member(document, "actor"), "abi_test") == 0);
    skl_document_free(document);
}

/** Every step that an operator may ask for, there and back. */
static void check_transitions(skl_runtime runtime, const char *id) {
    typedef skl_status (*Transition)(skl_runtime, const char *, const char *,
                                     const skl_transition_options *, skl_document *, skl_error *);
    const struct {
        Transition away, back;
        const char *state;
    } pairs[] = {{skl_package_suspend, skl_package_resume, "suspended"},
                 {skl_package_retire, skl_package_reinstate, "retired"},
                 {skl_package_quarantine, skl_package_release, "quarantined"}};
    skl_transition_options unverified = {0};
    unverified.struct_size = sizeof unverified;
    unverified.flags = SKL_TRANSITION_NO_VERIFY;
    skl_document document = {0};
    skl_module module = {0};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; ++i) {
        SUCCEEDS(pairs[i].away(runtime, id, "a test", NULL, &document, &error));
        CHECK(strcmp(member(document, "schema"), "skillet.transition/1") == 0);
        CHECK(strcmp(member(document, "from"), "verified") == 0);
        CHECK(strcmp(member(document, "state"), pairs[i].state) == 0);
        CHECK(strstr(skl_document_text(document), "\"serving\":null") != NULL);
        skl_document_free(document);
        document.id = 0;
        CHECK(skl_module_open(runtime, id, NULL, &module, &error) != SKL_OK);
        REFUSED(SKL_E_ILLEGAL_TRANSITION, document,
                pairs[i].away(runtime, id, "again", NULL, &document, &error));
        SUCCEEDS(
            pairs[i].back(runtime, id, "a test", i == 0 ? &unverified : NULL, &document, &error));
        CHECK(strcmp(member(document, "state"), i == 0 ? "installed" : "verified") == 0);
        skl_document_free(document);
        if (i == 0) SUCCEEDS(skl_package_verify(runtime, id, NULL, &document, &error));
        if (i == 0) skl_document_free(document);
    }
    REFUSED(SKL_E_INVALID_ARGUMENT, document,
            skl_package_quarantine(runtime, id, NULL, NULL, &document, &error));
}

static void check_result(skl_result result) {
    const size_t count = skl_result_label_count(result);
    double sum = 0;
    double best = 0;
    const char *best_label = "";
    for (size_t i = 0; i < count; ++i) {
        const char *label = NULL;
        double probability = -1;
        CHECK(skl_result_probability(result, i, &label, &probability) == SKL_OK);
        CHECK(label != NULL && probability >= 0 && probability <= 1);
        if (probability > best) best_label = label;
        if (probability > best) best = probability;
        sum += probability;
    }
    CHECK(count >= 2);
    CHECK(sum > 0.999999 && sum < 1.000001);
    CHECK(skl_result_probability(result, 0, NULL, NULL) == SKL_OK);
    CHECK(skl_result_probability(result, count, NULL, NULL) == SKL_E_INVALID_ARGUMENT);
    const char *label = skl_result_label(result);
    CHECK((label == NULL) == (skl_result_abstained(result) == 1));
    CHECK(label == NULL || strcmp(label, best_label) == 0);

    double confidence = -1;
    CHECK(skl_result_confidence(result, NULL) == SKL_E_INVALID_ARGUMENT);
    const skl_status status = skl_result_confidence(result, &confidence);
    CHECK(status == SKL_OK ? confidence == best : status == SKL_E_NOT_FOUND && confidence == -1);

    skl_document document = {0};
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_result_document(result, 0, NULL, &error));
    SUCCEEDS(skl_result_document(result, 0, &document, &error));
    CHECK(strcmp(member(document, "schema"), "skillet.result/1") == 0);
    CHECK(strstr(skl_document_text(document), "\"stats\"") == NULL);
    skl_document_free(document);
    SUCCEEDS(skl_result_document(result, 1, &document, &error));
    CHECK(strstr(skl_document_text(document), "\"stats\"") != NULL);
    skl_document_free(document);
}

/** Requests that must fail, and leave the module as it was. */
static void check_refused_requests(skl_module module, const char *input) {
    const size_t size = strlen(input);
    const skl_request_options good = {sizeof good, 0, 0, 0, {0}};
    skl_request_options options = good;
    skl_result out = {0};
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT,
                  skl_module_invoke(module, input, size, NULL, NULL, &error));
    REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_module_invoke(module, NULL, 0, NULL, &out, &error));
    REFUSED(SKL_E_INPUT_SYNTAX, out, skl_module_invoke(module, "", 0, NULL, &out, &error));
    REFUSED(SKL_E_INPUT_SYNTAX, out, skl_module_invoke(module, "\xff", 1, NULL, &out, &error));
    REFUSED(SKL_E_INPUT_SCHEMA, out, skl_module_invoke(module, "[]", 2, NULL, &out, &error));
    const uint32_t sizes[] = {0, 4, sizeof good - 1, 4097};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        options.struct_size = sizes[i];
        REFUSED(SKL_E_ABI_MISMATCH, out,
                skl_module_invoke(module, input, size, &options, &out, &error));
    }
    options = good;
    options.flags = 1;
    REFUSED(SKL_E_INVALID_ARGUMENT, out,
            skl_module_invoke(module, input, size, &options, &out, &error));
    options = good;
    options.reserved = 1;
    REFUSED(SKL_E_INVALID_ARGUMENT, out,
            skl_module_invoke(module, input, size, &options, &out, &error));
    options = good;
    options.cancel.id = UINT64_MAX;
    REFUSED(SKL_E_STALE, out, skl_module_invoke(module, input, size, &options, &out, &error));
    options.cancel = triggered();
    REFUSED(SKL_E_CANCELLED, out, skl_module_invoke(module, input, size, &options, &out, &error));
    skl_cancel_free(options.cancel);
}

/** What a callback hears, and the lock-free flag by which the waiting thread sees it. */
static void note_done(void *user, skl_request request) {
    skl_result result = {0};
    const skl_status status = skl_request_wait(request, 0, &result, NULL);
    /* The waiting thread may have freed the handle by now. */
    CHECK(status == SKL_OK || status == SKL_E_STALE);
    skl_result_free(result);
    skl_cancel_trigger(*(skl_cancel *)user); /* any function may be called here */
}

static void check_submitted(skl_module module, const char *input) {
    skl_request request = {0};
    skl_result result = {0};
    skl_cancel heard = {0};
    const size_t size = strlen(input);
    REFUSED(SKL_E_INVALID_ARGUMENT, request,
            skl_module_submit(module, NULL, 0, NULL, NULL, NULL, &request, &error));
    REFUSED(SKL_E_INPUT_TOO_LARGE, request,
            skl_module_submit(module, input, (size_t)1 << 40, NULL, NULL, NULL, &request, &error));
    SUCCEEDS(skl_cancel_create(&heard, &error));
    SUCCEEDS(skl_module_submit(module, input, size, NULL, note_done, &heard, &request, &error));
    SUCCEEDS(skl_request_wait(request, SKL_NO_TIMEOUT, &result, &error));
    check_result(result);
    skl_result_free(result);
    SUCCEEDS(skl_request_wait(request, 0, &result, &error)); /* it keeps its answer */
    skl_result_free(result);
    CHECK(skl_request_cancel(request) == SKL_OK); /* too late, and harmless */
    skl_request_free(request);
    skl_request_free(request);
    CHECK(skl_request_cancel(request) == SKL_E_STALE);

    SUCCEEDS(skl_module_submit(module, "[]", 2, NULL, NULL, NULL, &request, &error));
    REFUSED(SKL_E_INPUT_SCHEMA, result, skl_request_wait(request, SKL_NO_TIMEOUT, &result, &error));
    skl_request_free(request);
    /* The callback has its own copy of the flag's handle: it may still be on its way. */
    skl_request_options stopped = {sizeof stopped, 0, 0, 0, heard};
    while (skl_module_invoke(module, input, size, &stopped, &result, NULL) != SKL_E_CANCELLED) {
        skl_result_free(result);
    }
    skl_cancel_free(heard);
}

static void check_requests(skl_module module, const char *input) {
    const skl_request_options options = {sizeof options, 0, 60000, 0, {0}};
    skl_result result = {0};
    SUCCEEDS(skl_module_load(module, NULL, &error));
    check_refused_requests(module, input);
    SUCCEEDS(skl_module_invoke(module, input, strlen(input), &options, &result, &error));
    check_result(result);
    skl_result_free(result);
    skl_result_free(result);
    CHECK(skl_result_label_count(result) == 0);
    check_submitted(module, input);
}

static void check_module(skl_runtime runtime, const char *reference, const char *input) {
    skl_module module = {0};
    skl_document document = {0};
    SUCCEEDS(skl_module_open(runtime, reference, NULL, &module, &error));
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_module_show(module, NULL, &error));
    SUCCEEDS(skl_module_show(module, &document, &error));
    CHECK(strcmp(member(document, "schema"), "skillet.package/1") == 0);
    skl_document_free(document);
    if (strcmp(skl_engine_version(), "none") == 0) {
        REFUSED_PLAIN(SKL_E_FORMAT_UNSUPPORTED, skl_module_load(module, NULL, &error));
    } else {
        check_requests(module, input);
    }
    skl_module_close(module);
    skl_module_close(module);
    REFUSED_PLAIN(SKL_E_STALE, skl_module_load(module, NULL, &error));
}

void check_skill(skl_runtime runtime, const char *archive, const char *input) {
    char id[160] = "";
    check_install(runtime, archive, id, sizeof id);
    check_progress(runtime, archive);
    check_report(runtime, archive);
    check_documents(runtime, archive, id);
    check_module(runtime, archive, input);
    check_module(runtime, id, input);

    skl_runtime second = {0};
    skl_module module = {0};
    SUCCEEDS(skl_runtime_open(NULL, &second, &error));
    SUCCEEDS(skl_module_open(second, archive, NULL, &module, &error));
    skl_runtime_close(second); /* the module goes on without it */
    skl_document document = {0};
    SUCCEEDS(skl_module_show(module, &document, &error));
    skl_document_free(document);
    skl_module_close(module);

    check_transitions(runtime, id);
    SUCCEEDS(skl_package_remove(runtime, id, "the test is over", &error));
    REFUSED(SKL_E_NOT_FOUND, module, skl_module_open(runtime, id, NULL, &module, &error));
}
