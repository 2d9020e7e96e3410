/* SPDX-License-Identifier: Apache-2.0 */
/** Measuring a skill through C: what is refused, and what comes back. */
#include <math.h>
#include <skillet/authoring/measure.h>
#include <string.h>

#include "check.h"

static void check_calibrate_options(skl_module module) {
    const skl_status wanted = SKL_E_INVALID_ARGUMENT;
    skl_document out = {0};
    const double no_shares[] = {1, -0.01, 2, NAN, INFINITY};
    for (size_t i = 0; i < sizeof no_shares / sizeof no_shares[0]; ++i) {
        skl_calibrate_options options = {0};
        options.struct_size = sizeof options;
        options.target_error = no_shares[i];
        REFUSED(wanted, out, skl_measure_calibrate(module, "./none", &options, &out, &error));
    }
    skl_calibrate_options options = {0};
    REFUSED(SKL_E_ABI_MISMATCH, out,
            skl_measure_calibrate(module, "./none", &options, &out, &error));
    options.struct_size = sizeof options;
    options.fit_on = "\xff";
    REFUSED(wanted, out, skl_measure_calibrate(module, "./none", &options, &out, &error));
    REFUSED(wanted, out, skl_measure_calibrate(module, NULL, NULL, &out, &error));
    REFUSED(SKL_E_NOT_FOUND, out, skl_measure_calibrate(module, "./none", NULL, &out, &error));
    REFUSED_PLAIN(wanted, skl_measure_calibrate(module, "./none", NULL, NULL, &error));
}

static void check_bench(skl_module module, const char *input) {
    const skl_status wanted = SKL_E_INVALID_ARGUMENT;
    skl_document out = {0};
    const skl_bench_input good = {"one", input, strlen(input)};
    skl_bench_options options = {0};
    options.struct_size = sizeof options;
    options.samples = 3;
    options.inputs = &good;
    options.input_count = 1;
    if (strcmp(skl_engine_version(), "none") == 0) {
        REFUSED(SKL_E_FORMAT_UNSUPPORTED, out, skl_measure_bench(module, &options, &out, &error));
        return;
    }
    SUCCEEDS(skl_measure_bench(module, &options, &out, &error));
    CHECK(strstr(skl_document_text(out), "\"schema\":\"skillet.bench/1\"") != NULL);
    skl_document_free(out);
    options.samples = UINT32_MAX;
    REFUSED(wanted, out, skl_measure_bench(module, &options, &out, &error));
    options.samples = 3;
    options.inputs = NULL;
    REFUSED(wanted, out, skl_measure_bench(module, &options, &out, &error));
    const skl_bench_input nameless = {NULL, input, strlen(input)};
    options.inputs = &nameless;
    REFUSED(wanted, out, skl_measure_bench(module, &options, &out, &error));
    const skl_bench_input wrong = {"wrong", "{", 1};
    options.inputs = &wrong;
    REFUSED(SKL_E_INPUT_SYNTAX, out, skl_measure_bench(module, &options, &out, &error));
    skl_cancel cancel = {0};
    SUCCEEDS(skl_cancel_create(&cancel, &error));
    CHECK(skl_cancel_trigger(cancel) == SKL_OK);
    skl_work_options work = {0};
    work.struct_size = sizeof work;
    work.cancel = cancel;
    options.inputs = &good;
    options.work = &work;
    REFUSED(SKL_E_CANCELLED, out, skl_measure_bench(module, &options, &out, &error));
    skl_cancel_free(cancel);
}

void check_measuring(skl_runtime runtime, const char *archive, const char *input) {
    skl_module module = {0};
    SUCCEEDS(skl_module_open(runtime, archive, NULL, &module, &error));
    check_calibrate_options(module);
    check_bench(module, input);
    skl_document out = {0};
    skl_document evidence = {0};
    REFUSED(SKL_E_NOT_FOUND, evidence,
            skl_measure_evaluate(module, "./none", NULL, &out, &evidence, &error));
    REFUSED(SKL_E_NOT_FOUND, out, skl_measure_evaluate(module, "./none", NULL, &out, NULL, &error));
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT,
                  skl_measure_evaluate(module, "./none", NULL, NULL, NULL, &error));
    skl_module_close(module);
    REFUSED(SKL_E_STALE, out, skl_measure_evaluate(module, "./none", NULL, &out, NULL, &error));
    REFUSED(SKL_E_STALE, out, skl_measure_calibrate(module, "./none", NULL, &out, &error));
    REFUSED(SKL_E_STALE, out, skl_measure_bench(module, NULL, &out, &error));
}
