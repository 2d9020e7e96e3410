/* SPDX-License-Identifier: Apache-2.0 */
/** Null, malformed and foreign arguments: refused with a code, and never a crash. */
#include <string.h>

#include "check.h"

/** Too long by one byte for any text argument. */
static const char *oversized(void) {
    static char text[4098];
    memset(text, 'a', sizeof text - 1);
    return text;
}

/** Each is no UTF-8: a lone byte, an overlong form, a surrogate, one past the last code point. */
static const char *const not_utf8[] = {"./a\xff", "./\xc0\xaf", "./\xed\xa0\x80",
                                       "./\xf4\x90\x80\x80", "./\xe2\x82"};

/** An option struct of a header from the future. */
struct longer_options {
    skl_runtime_options known;
    uint64_t later;
};

void check_runtime_options(const char *root) {
    skl_runtime_options good = {0};
    good.struct_size = sizeof good;
    good.root = root;
    skl_runtime out = {0};
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_runtime_open(&good, NULL, &error));

    const uint32_t sizes[] = {0, 1, 4, 8, 12, 16, sizeof good - 1, 4097, UINT32_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        skl_runtime_options options = good;
        options.struct_size = sizes[i];
        REFUSED(SKL_E_ABI_MISMATCH, out, skl_runtime_open(&options, &out, &error));
    }
    struct longer_options longer = {good, 0};
    longer.known.struct_size = sizeof longer;
    SUCCEEDS(skl_runtime_open(&longer.known, &out, &error));
    skl_runtime_close(out);
    longer.later = 1;
    REFUSED(SKL_E_ABI_MISMATCH, out, skl_runtime_open(&longer.known, &out, &error));

    skl_runtime_options options = good;
    options.flags = 1;
    REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_runtime_open(&options, &out, &error));
    options = good;
    options.root = "";
    REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_runtime_open(&options, &out, &error));
    options.root = oversized();
    REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_runtime_open(&options, &out, &error));
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; ++i) {
        options.root = not_utf8[i];
        REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_runtime_open(&options, &out, &error));
    }
    options = good;
    options.actor = "\xff";
    REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_runtime_open(&options, &out, &error));
    options = good;
    options.log_level = 17;
    REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_runtime_open(&options, &out, &error));
    options = good;
    options.reserved = 1;
    REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_runtime_open(&options, &out, &error));
    options = good;
    options.config = "/no/such/settings.json";
    REFUSED(SKL_E_NOT_FOUND, out, skl_runtime_open(&options, &out, &error));
}

static void check_text(skl_runtime runtime, const char *text) {
    skl_document document = {0};
    skl_module module = {0};
    const skl_status wanted = SKL_E_INVALID_ARGUMENT;
    REFUSED(wanted, document, skl_package_install(runtime, text, NULL, &document, &error));
    REFUSED(wanted, document,
            skl_package_install_named(runtime, "./a", text, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_pull(runtime, text, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_push(runtime, text, "a.b/c", NULL, &document, &error));
    REFUSED(wanted, document, skl_package_push(runtime, "./a", text, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_verify(runtime, text, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_report(runtime, text, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_show(runtime, text, &document, &error));
    REFUSED(wanted, document, skl_package_history(runtime, text, &document, &error));
    REFUSED_PLAIN(wanted, skl_package_remove(runtime, text, NULL, &error));
    REFUSED(wanted, document, skl_package_suspend(runtime, text, NULL, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_resume(runtime, text, NULL, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_retire(runtime, text, NULL, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_reinstate(runtime, text, NULL, NULL, &document, &error));
    REFUSED(wanted, document, skl_package_quarantine(runtime, text, "a", NULL, &document, &error));
    REFUSED(wanted, document, skl_package_release(runtime, text, "a", NULL, &document, &error));
    REFUSED(wanted, module, skl_module_open(runtime, text, NULL, &module, &error));
}

static void check_null_outputs(skl_runtime runtime) {
    const skl_status wanted = SKL_E_INVALID_ARGUMENT;
    REFUSED_PLAIN(wanted, skl_runtime_residency(runtime, NULL, &error));
    REFUSED_PLAIN(wanted, skl_runtime_settings(runtime, NULL, &error));
    REFUSED_PLAIN(wanted, skl_runtime_diagnose(runtime, NULL, &error));
    REFUSED_PLAIN(wanted, skl_request_wait((skl_request){0}, 0, NULL, &error));
    REFUSED_PLAIN(wanted,
                  skl_module_submit((skl_module){0}, "{}", 2, NULL, NULL, NULL, NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_install(runtime, "./a", NULL, NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_pull(runtime, "a.b/c:1", NULL, NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_push(runtime, "./a", "a.b/c:1", NULL, NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_verify(runtime, "./a", NULL, NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_report(runtime, "./a", NULL, NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_list(runtime, NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_show(runtime, "./a", NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_history(runtime, "org.a", NULL, &error));
    REFUSED_PLAIN(wanted, skl_package_suspend(runtime, "org.a", NULL, NULL, NULL, &error));
    REFUSED_PLAIN(wanted, skl_module_open(runtime, "./a", NULL, NULL, &error));
}

static void check_transition_options(skl_runtime runtime) {
    skl_document document = {0};
    skl_transition_options options = {0};
    REFUSED(SKL_E_ABI_MISMATCH, document,
            skl_package_resume(runtime, "org.a", NULL, &options, &document, &error));
    options.struct_size = sizeof options;
    options.flags = 4;
    REFUSED(SKL_E_INVALID_ARGUMENT, document,
            skl_package_resume(runtime, "org.a", NULL, &options, &document, &error));
    REFUSED(SKL_E_INVALID_ARGUMENT, document,
            skl_package_resume(runtime, "org.a", "\xff", NULL, &document, &error));
    REFUSED(SKL_E_NOT_FOUND, document,
            skl_package_resume(runtime, "org.example.absent", NULL, NULL, &document, &error));
}

static void check_remote_options(skl_runtime runtime) {
    skl_document document = {0};
    skl_remote_options good = {0};
    good.struct_size = sizeof good;
    const char *remote = "localhost:1/a:1";
    const skl_status wanted = SKL_E_INVALID_ARGUMENT;
    skl_remote_options options = good;
    options.connections_max = 17;
    REFUSED(wanted, document, skl_package_pull(runtime, remote, &options, &document, &error));
    options = good;
    options.reserved = 1;
    REFUSED(wanted, document, skl_package_pull(runtime, remote, &options, &document, &error));
    options = good;
    options.flags = 2;
    REFUSED(wanted, document, skl_package_pull(runtime, remote, &options, &document, &error));
    options = good;
    options.credentials = "";
    REFUSED(wanted, document, skl_package_pull(runtime, remote, &options, &document, &error));
    options = good;
    options.struct_size = 8;
    REFUSED(SKL_E_ABI_MISMATCH, document,
            skl_package_pull(runtime, remote, &options, &document, &error));
    const char *no_remotes[] = {"a", "org.example.a", "a/b:1", "localhost/A",
                                "localhost/a@sha256:1"};
    for (size_t i = 0; i < sizeof no_remotes / sizeof no_remotes[0]; ++i) {
        REFUSED(wanted, document,
                skl_package_pull(runtime, no_remotes[i], &good, &document, &error));
    }
}

void check_arguments(skl_runtime runtime) {
    check_null_outputs(runtime);
    check_remote_options(runtime);
    check_transition_options(runtime);
    check_text(runtime, NULL);
    check_text(runtime, "");
    check_text(runtime, oversized());
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; ++i) {
        check_text(runtime, not_utf8[i]);
    }

    skl_document document = {0};
    skl_module module = {0};
    const char *no_file = "./there-is-no-such-file.skill";
    const char *no_id = "org.example.absent";
    REFUSED(SKL_E_NOT_FOUND, document,
            skl_package_install(runtime, no_file, NULL, &document, &error));
    REFUSED(SKL_E_NOT_FOUND, document,
            skl_package_verify(runtime, no_file, NULL, &document, &error));
    REFUSED(SKL_E_NOT_FOUND, document,
            skl_package_report(runtime, no_file, NULL, &document, &error));
    REFUSED(SKL_E_NOT_FOUND, document, skl_package_show(runtime, no_file, &document, &error));
    REFUSED(SKL_E_NOT_FOUND, document, skl_package_show(runtime, no_id, &document, &error));
    REFUSED(SKL_E_NOT_FOUND, module, skl_module_open(runtime, no_file, NULL, &module, &error));
    REFUSED(SKL_E_NOT_FOUND, module, skl_module_open(runtime, no_id, NULL, &module, &error));
    REFUSED(SKL_E_INVALID_ARGUMENT, module,
            skl_module_open(runtime, "no reference", NULL, &module, &error));
    REFUSED_PLAIN(SKL_E_NOT_FOUND, skl_package_remove(runtime, no_id, NULL, &error));
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_package_remove(runtime, no_file, NULL, &error));
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_package_remove(runtime, no_id, "\xff", &error));
}

/** Every function of the runtime's group with this handle in the place of each that it takes. */
static void check_wrong_runtime(skl_runtime wrong) {
    skl_document document = {0};
    skl_module module = {0};
    REFUSED(SKL_E_STALE, document, skl_runtime_residency(wrong, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_runtime_settings(wrong, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_runtime_diagnose(wrong, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_package_install(wrong, "./a", NULL, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_package_pull(wrong, "a.b/c:1", NULL, &document, &error));
    REFUSED(SKL_E_STALE, document,
            skl_package_push(wrong, "./a", "a.b/c:1", NULL, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_package_verify(wrong, "./a", NULL, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_package_report(wrong, "./a", NULL, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_package_list(wrong, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_package_show(wrong, "org.a", &document, &error));
    REFUSED(SKL_E_STALE, document, skl_package_history(wrong, "org.a", &document, &error));
    REFUSED_PLAIN(SKL_E_STALE, skl_package_remove(wrong, "org.a", NULL, &error));
    REFUSED(SKL_E_STALE, module, skl_module_open(wrong, "org.a", NULL, &module, &error));
    skl_runtime_close(wrong);
}

static void check_wrong_module(skl_module wrong) {
    skl_document document = {0};
    skl_result result = {0};
    REFUSED_PLAIN(SKL_E_STALE, skl_module_load(wrong, NULL, &error));
    REFUSED(SKL_E_STALE, document, skl_module_show(wrong, &document, &error));
    REFUSED(SKL_E_STALE, result, skl_module_invoke(wrong, "{}", 2, NULL, &result, &error));
    skl_request request = {0};
    REFUSED(SKL_E_STALE, request,
            skl_module_submit(wrong, "{}", 2, NULL, NULL, NULL, &request, &error));
    skl_module_close(wrong);
}

static void check_wrong_result(skl_result wrong) {
    skl_document document = {0};
    double number = -1;
    const char *label = "untouched";
    CHECK(skl_result_label(wrong) == NULL);
    CHECK(skl_result_abstained(wrong) == 0);
    CHECK(skl_result_label_count(wrong) == 0);
    CHECK(skl_result_confidence(wrong, &number) == SKL_E_STALE);
    CHECK(skl_result_probability(wrong, 0, &label, &number) == SKL_E_STALE);
    CHECK(number == -1 && strcmp(label, "untouched") == 0);
    REFUSED(SKL_E_STALE, document, skl_result_document(wrong, 0, &document, &error));
    skl_result_free(wrong);
}

static void check_wrong_request(skl_request wrong) {
    skl_result result = {0};
    REFUSED(SKL_E_STALE, result, skl_request_wait(wrong, 0, &result, &error));
    CHECK(skl_request_cancel(wrong) == SKL_E_STALE);
    skl_request_free(wrong);
}

static void check_wrong_id(skl_runtime runtime, uint64_t id) {
    check_wrong_runtime((skl_runtime){id});
    check_wrong_module((skl_module){id});
    check_wrong_result((skl_result){id});
    check_wrong_request((skl_request){id});
    CHECK(skl_document_text((skl_document){id}) == NULL);
    CHECK(skl_document_size((skl_document){id}) == 0);
    skl_document_free((skl_document){id});
    CHECK(skl_cancel_trigger((skl_cancel){id}) == SKL_E_STALE);
    CHECK(skl_error_code((skl_error){id}) == (id == 0 ? SKL_OK : SKL_E_STALE));
    CHECK(strcmp(skl_error_message((skl_error){id}), "") == 0);
    skl_error_free((skl_error){id});
    skl_cancel_free((skl_cancel){id});
    if (id == 0) return; /* {0} is a token that is never triggered */
    skl_work_options wrong = {0};
    wrong.struct_size = sizeof wrong;
    wrong.cancel.id = id;
    skl_document document = {0};
    skl_module module = {0};
    REFUSED(SKL_E_STALE, document, skl_package_install(runtime, "./a", &wrong, &document, &error));
    REFUSED(SKL_E_STALE, document, skl_package_verify(runtime, "./a", &wrong, &document, &error));
    REFUSED(SKL_E_STALE, module, skl_module_open(runtime, "org.a", &wrong, &module, &error));
}

void check_wrong_handles(skl_runtime runtime) {
    const uint64_t invented[] = {
        0, 1, UINT64_MAX, runtime.id ^ 1, runtime.id + 1, runtime.id ^ (UINT64_C(1) << 63)};
    for (size_t i = 0; i < sizeof invented / sizeof invented[0]; ++i) {
        check_wrong_id(runtime, invented[i]);
    }
    /* Closed ones, whose slots have been given away again since. */
    skl_runtime closed = {0};
    skl_runtime later = {0};
    SUCCEEDS(skl_runtime_open(NULL, &closed, &error));
    skl_runtime_close(closed);
    SUCCEEDS(skl_runtime_open(NULL, &later, &error));
    check_wrong_id(runtime, closed.id);
    skl_runtime_close(closed);
    skl_document document = {0};
    SUCCEEDS(skl_runtime_residency(later, &document, &error));
    skl_runtime_close(later);
    /* Of another kind. */
    check_wrong_runtime((skl_runtime){document.id});
    check_wrong_module((skl_module){document.id});
    check_wrong_module((skl_module){runtime.id});
    check_wrong_result((skl_result){document.id});
    CHECK(skl_document_text((skl_document){runtime.id}) == NULL);
    CHECK(skl_document_text(document) != NULL); /* nobody closed it meanwhile */
    skl_document_free(document);
}
