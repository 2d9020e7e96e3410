/* SPDX-License-Identifier: Apache-2.0 */
/* Installs a skill and asks it about one mail, in C99.
 *
 *     cc -std=c99 ask.c $(pkg-config --cflags --libs skillet) -o ask
 *     ./ask PACKAGE.skill ROOT '{"subject": "Lunch?", "body": "Are you free on Thursday?"}'
 */
#include <stdio.h>
#include <string.h>

#include <skillet/skillet.h>

/* Says what went wrong and what to do about it; gives the exit status. */
static int report(skl_status status, skl_error error) {
    fprintf(stderr, "%s: %s\n", skl_status_name(status), skl_error_message(error));
    if (skl_error_subject(error)[0] != '\0') {
        fprintf(stderr, "  about: %s\n", skl_error_subject(error));
    }
    if (skl_error_hint(error)[0] != '\0') {
        fprintf(stderr, "  try:   %s\n", skl_error_hint(error));
    }
    if (skl_status_retry(status) == SKL_RETRY_LATER) fprintf(stderr, "  or try again later\n");
    skl_error_free(error);
    return skl_status_exit_code(status);
}

/* The answer, with how likely it is right. A skill may also say that it does not know. */
static void print_answer(skl_result answer) {
    double confidence = 0;
    if (skl_result_abstained(answer)) {
        printf("undecided");
    } else {
        printf("%s", skl_result_label(answer));
    }
    if (skl_result_confidence(answer, &confidence) == SKL_OK) {
        printf("  confidence %.3f", confidence);
    }
    printf("\n");
}

static skl_status ask(skl_module module, const char *input, skl_error *error) {
    skl_request_options options = {0};
    skl_result answer;
    skl_status status;

    options.struct_size = sizeof options;
    options.deadline_ms = 5000;
    status = skl_module_invoke(module, input, strlen(input), &options, &answer, error);
    if (status != SKL_OK) return status;
    print_answer(answer);
    skl_result_free(answer);
    return SKL_OK;
}

/* Installing what is installed changes nothing, so a program may do it at every start. */
static skl_status install_and_ask(skl_runtime runtime, const char *package, const char *input,
                                  skl_error *error) {
    skl_document installed;
    skl_module module;
    skl_status status = skl_package_install(runtime, package, NULL, &installed, error);

    if (status != SKL_OK) return status;
    skl_document_free(installed);
    status = skl_module_open(runtime, "org.skillet.spam-filter", NULL, &module, error);
    if (status != SKL_OK) return status;
    status = ask(module, input, error);
    skl_module_close(module);
    return status;
}

int main(int argc, char **argv) {
    skl_runtime_options options = {0};
    skl_runtime runtime;
    skl_error error = {0};
    skl_status status;

    if (argc != 4) {
        fprintf(stderr, "usage: ask PACKAGE.skill ROOT INPUT\n");
        return 2;
    }
    options.struct_size = sizeof options;
    options.root = argv[2];
    status = skl_runtime_open(&options, &runtime, &error);
    if (status != SKL_OK) return report(status, error);
    status = install_and_ask(runtime, argv[1], argv[3], &error);
    skl_runtime_close(runtime);
    return status == SKL_OK ? 0 : report(status, error);
}
