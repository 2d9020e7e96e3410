// SPDX-License-Identifier: Apache-2.0
#include <skillet/result.h>

#include "capi/boundary.h"

using namespace skillet;

const char *skl_result_label(skl_result result) {
    const auto object = quiet_find(&Handles::results, result.id);
    if (!object) return nullptr;
    const std::string *label = label_of(object->answer, object->module->package());
    return label != nullptr ? label->c_str() : nullptr;
}

int32_t skl_result_abstained(skl_result result) {
    const auto object = quiet_find(&Handles::results, result.id);
    return object && object->answer.abstained ? 1 : 0;
}

skl_status skl_result_confidence(skl_result result, double *out) {
    const auto object = quiet_find(&Handles::results, result.id);
    if (!object) return dead_handle();
    if (out == nullptr) return SKL_E_INVALID_ARGUMENT;
    if (!object->answer.confidence) return SKL_E_NOT_FOUND;
    *out = *object->answer.confidence;
    return SKL_OK;
}

size_t skl_result_label_count(skl_result result) {
    const auto object = quiet_find(&Handles::results, result.id);
    return object ? object->answer.probabilities.size() : 0;
}

skl_status skl_result_probability(skl_result result, size_t index, const char **label,
                                  double *probability) {
    const auto object = quiet_find(&Handles::results, result.id);
    if (!object) return dead_handle();
    const auto &probabilities = object->answer.probabilities;
    if (index >= probabilities.size()) return SKL_E_INVALID_ARGUMENT;
    const Contract &contract = object->module->package().skill.contract;
    if (label != nullptr) *label = contract.labels()[index].c_str();
    if (probability != nullptr) *probability = probabilities[index];
    return SKL_OK;
}

skl_status skl_result_document(skl_result result, int32_t with_stats, skl_document *out,
                               skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(result));
        SKL_TRY_ASSIGN(document, object->module->document(object->answer, with_stats != 0));
        *out = make_document(document);
        return {};
    });
}

void skl_result_free(skl_result result) { close(&Handles::results, result.id); }
