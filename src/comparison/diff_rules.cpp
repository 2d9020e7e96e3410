// SPDX-License-Identifier: Apache-2.0
#include "comparison/diff_rules.h"

#include <array>

namespace skillet {
namespace {

constexpr auto rows = std::to_array<RuleRow>({
    {Rule::id, "id", Step::major, "callers name the skill by its id: this is another skill"},
    {Rule::license, "license", Step::major,
     "what callers may do with it is something else, and no program can tell if it is more"},
    {Rule::words, "words", Step::patch, "words for people, which bind nothing"},
    {Rule::role, "role", Step::major, "an adapter needs a base, a model does not"},
    {Rule::engine, "engine", Step::major,
     "a runtime that serves the old one need not be able to serve this"},
    {Rule::tokenizer, "tokenizer", Step::major,
     "the same text becomes other tokens: one that fitted the limits may not fit now"},
    {Rule::chat_template, "chat-template", Step::patch, "recorded, and never rendered"},
    {Rule::model, "model", Step::minor, "answers may change, within the same contract"},
    {Rule::tensor_added, "tensor-added", Step::minor, "answers may change"},
    {Rule::tensor_removed, "tensor-removed", Step::minor, "answers may change"},
    {Rule::tensor_type, "tensor-type", Step::minor, "answers may change"},
    {Rule::tensor_shape, "tensor-shape", Step::minor, "answers may change"},
    {Rule::tensor_values, "tensor-values", Step::minor, "answers may change"},
    {Rule::adapter_base, "adapter-base", Step::major,
     "it needs another base, which need not be there"},
    {Rule::adapter_base_name, "adapter-base-name", Step::patch,
     "the base is known by its digest, and that is the same"},
    {Rule::adapter, "adapter", Step::minor, "answers may change, within the same contract"},
    {Rule::task, "task", Step::major, "it is another kind of function"},
    {Rule::label_added, "label-added", Step::major,
     "callers that tell labels apart do not know this one"},
    {Rule::label_removed, "label-removed", Step::major,
     "callers wait for an answer that does not come any more"},
    {Rule::label_order, "label-order", Step::major,
     "probabilities are listed in the order of the labels"},
    {Rule::input_wider, "input-wider", Step::minor,
     "every input that was accepted still is, and others are"},
    {Rule::input_unproven, "input-unproven", Step::major,
     "it is not proven that every input that was accepted still is"},
    {Rule::input_words, "input-words", Step::patch, "accepts exactly the same inputs"},
    {Rule::output_narrower, "output-narrower", Step::minor,
     "every output that it may give was possible before"},
    {Rule::output_unproven, "output-unproven", Step::major,
     "it is not proven that every output was possible before"},
    {Rule::output_words, "output-words", Step::patch, "admits exactly the same outputs"},
    {Rule::prepare, "prepare", Step::minor, "the model reads something else: answers may change"},
    {Rule::prompt, "prompt", Step::minor, "the model reads something else: answers may change"},
    {Rule::limit_admits_less, "limit-admits-less", Step::major,
     "a request that was admitted, or in time, may be refused"},
    {Rule::limit_admits_more, "limit-admits-more", Step::minor,
     "requests are admitted that were refused"},
    {Rule::output_limit_lower, "output-limit-lower", Step::minor, "a stronger promise"},
    {Rule::output_limit_higher, "output-limit-higher", Step::major,
     "an output may be larger than callers were promised"},
    {Rule::confidence_meaning, "confidence-meaning", Step::major,
     "callers' thresholds mean something else"},
    {Rule::abstains_first, "abstains-first", Step::major,
     "it never abstained: callers need not be ready for that"},
    {Rule::abstains, "abstains", Step::minor, "it abstains more or less often"},
    {Rule::determinism, "determinism", Step::major, "another promise about equal answers"},
    {Rule::calibration_added, "calibration-added", Step::minor, "answers carry a confidence now"},
    {Rule::calibration_removed, "calibration-removed", Step::major,
     "answers carry no confidence any more"},
    {Rule::calibration, "calibration", Step::minor, "confidences change, and so may abstentions"},
    {Rule::evidence, "evidence", Step::patch, "what is known about it changes, not what it does"},
    {Rule::authority_wider, "authority-wider", Step::major,
     "hosts have to grant what they have not granted"},
    {Rule::authority_narrower, "authority-narrower", Step::minor, "it asks for less"},
    {Rule::memory_more, "memory-more", Step::minor,
     "by estimate it takes more memory, which a budget may not have"},
    {Rule::memory, "memory", Step::patch, "by estimate it takes no more memory"},
    {Rule::depends_stricter, "depends-stricter", Step::major,
     "it needs something that need not be there"},
    {Rule::depends_looser, "depends-looser", Step::minor, "it needs less"},
    {Rule::conflicts_more, "conflicts-more", Step::major,
     "what served beside it need not be able to any more"},
    {Rule::conflicts_fewer, "conflicts-fewer", Step::minor, "more may serve beside it"},
    {Rule::replaces, "replaces", Step::patch, "only a way back is named"},
    {Rule::extension_critical, "extension-critical", Step::major,
     "who does not know the extension refuses the package"},
    {Rule::extension, "extension", Step::patch, "who does not know the extension ignores it"},
    {Rule::documents, "documents", Step::patch, "files for people"},
    {Rule::other, "other", Step::major, "no rule says what this change means"},
});

constexpr bool in_order() {
    for (size_t i = 0; i < rows.size(); ++i) {
        if (static_cast<size_t>(rows[i].rule) != i) return false;
    }
    return rows.back().rule == Rule::other;
}
static_assert(in_order());

}  // namespace

std::span<const RuleRow> diff_rules() { return rows; }

const RuleRow &row_of(Rule rule) { return rows[static_cast<size_t>(rule)]; }

}  // namespace skillet
