/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a skill is worth, measured on cases. EXPERIMENTAL: outside the ABI's promises, may change in
 * any release. Conventions: <skillet/skillet.h>.
 *
 * Cases are a file of JSON objects, one a line, each with "input" and "label"
 * (docs/formats/cases.md). All lines are read before anything is measured, and the first that is
 * wrong is an error whose subject is "PATH:LINE". Only skills that answer with a label can be
 * measured.
 */
#ifndef SKILLET_AUTHORING_MEASURE_H
#define SKILLET_AUTHORING_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/module.h>
#include <skillet/version.h>
#include <skillet/work.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct skl_calibrate_options {
    uint32_t struct_size;         /**< sizeof(skl_calibrate_options) */
    uint32_t flags;               /**< none yet: 0 */
    double target_error;          /**< of what is still answered, above 0 and below 1; 0: 0.01 */
    uint64_t seed;                /**< which cases serve what, and the bootstrap's draws */
    const char *fit_on;           /**< fit and choose on the cases of this split, measure on all
                                     others; NULL: split by the inputs' digests */
    const skl_work_options *work; /**< how to stop and watch it (phase "measure"); may be NULL */
} skl_calibrate_options;

/** Fits a calibration of the module's model under its contract ("skillet.calibration/2"), to be
 * attached when the skill is packed. What is fitted, what is chosen and what is reported are of
 * different cases. SKL_E_INVALID_ARGUMENT if the cases are too few or too easy to tell anything.
 * `options` may be NULL. */
SKL_API skl_status skl_measure_calibrate(skl_module module, const char *cases_path,
                                         const skl_calibrate_options *options, skl_document *out,
                                         skl_error *error);

/** Measures the skill as it answers: accuracy, calibration, abstention, latency and memory, beside
 * a trivial baseline and what the package claims ("skillet.evaluation/1"). `evidence` may be NULL;
 * else it gets the same as "skillet.evidence/2", to be attached. `work` may be NULL. */
SKL_API skl_status skl_measure_evaluate(skl_module module, const char *cases_path,
                                        const skl_work_options *work, skl_document *out,
                                        skl_document *evidence, skl_error *error);

/** An input to time. */
typedef struct skl_bench_input {
    const char *name; /**< what to call it */
    const char *text; /**< JSON, `size` bytes */
    size_t size;      /**< bytes of `text` */
} skl_bench_input;

typedef struct skl_bench_options {
    uint32_t struct_size;          /**< sizeof(skl_bench_options) */
    uint32_t flags;                /**< none yet: 0 */
    uint32_t warmup;               /**< rounds that are not counted */
    uint32_t samples;              /**< rounds that are; 0: 200 */
    const skl_bench_input *inputs; /**< at most 64; NULL: one that follows from the contract */
    size_t input_count;            /**< entries of `inputs` */
    const skl_work_options *work;  /**< how to stop and watch it (phase "measure"); may be NULL */
} skl_bench_options;

/** Times the skill in this process, one request at a time ("skillet.bench/1", with every sample).
 * `options` may be NULL. */
SKL_API skl_status skl_measure_bench(skl_module module, const skl_bench_options *options,
                                     skl_document *out, skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
