/* SPDX-License-Identifier: Apache-2.0 */
/** Results: what a skill answered, typed, with what the answer is worth. */
#ifndef SKILLET_RESULT_H
#define SKILLET_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Immutable. Free with skl_result_free. */
typedef struct skl_result {
    uint64_t id;
} skl_result;

/** The label; NULL if the skill abstained or the handle is stale. Borrowed. */
SKL_API const char *skl_result_label(skl_result result);

/** 1 if the skill abstained: a successful answer that says it does not know. 0 otherwise. */
SKL_API int32_t skl_result_abstained(skl_result result);

/** The calibrated probability, in [0, 1], that the most probable label is right.
 * SKL_E_NOT_FOUND if the package has no calibration for exactly this model and contract: then
 * there is no confidence, and the skill never abstains. */
SKL_API skl_status skl_result_confidence(skl_result result, double *out);

/** How many labels there are; 0 if the handle is stale. */
SKL_API size_t skl_result_label_count(skl_result result);

/** Name and probability of label `index`, in the contract's order. The name is borrowed. Either
 * output may be NULL. SKL_E_INVALID_ARGUMENT if there is no such label. */
SKL_API skl_status skl_result_probability(skl_result result, size_t index, const char **label,
                                          double *probability);

/** The whole result ("skillet.result/1"); with_stats != 0 adds where the time went. */
SKL_API skl_status skl_result_document(skl_result result, int32_t with_stats, skl_document *out,
                                       skl_error *error);

/** Frees the result. {0} and freed results are ignored. */
SKL_API void skl_result_free(skl_result result);

#ifdef __cplusplus
}
#endif

#endif
