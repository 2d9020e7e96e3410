// SPDX-License-Identifier: Apache-2.0
// Which version step each kind of change deserves, and why: one table, from which the comparison
// works and which docs/formats/diff.md repeats.
//
// The measure is a caller who wrote code and granted rights for the old version. What cannot be
// shown to be harmless for them counts as harmful.
#pragma once

#include <cstdint>
#include <span>

#include "comparison/version_step.h"

namespace skillet {

enum class Rule : uint8_t {
    id,
    license,
    words,
    role,
    engine,
    tokenizer,
    chat_template,
    model,
    tensor_added,
    tensor_removed,
    tensor_type,
    tensor_shape,
    tensor_values,
    adapter_base,
    adapter_base_name,
    adapter,
    task,
    label_added,
    label_removed,
    label_order,
    input_wider,
    input_unproven,
    input_words,
    output_narrower,
    output_unproven,
    output_words,
    prepare,
    prompt,
    limit_admits_less,
    limit_admits_more,
    output_limit_lower,
    output_limit_higher,
    confidence_meaning,
    abstains_first,
    abstains,
    determinism,
    calibration_added,
    calibration_removed,
    calibration,
    evidence,
    authority_wider,
    authority_narrower,
    memory_more,
    memory,
    depends_stricter,
    depends_looser,
    conflicts_more,
    conflicts_fewer,
    replaces,
    extension_critical,
    extension,
    documents,
    other,
};

struct RuleRow {
    Rule rule;
    const char *name;  // in documents
    Step step;
    const char *reason;
};

// In the order of the enumeration.
[[nodiscard]] std::span<const RuleRow> diff_rules();
[[nodiscard]] const RuleRow &row_of(Rule rule);

}  // namespace skillet
