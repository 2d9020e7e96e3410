// SPDX-License-Identifier: Apache-2.0
// What a LoRA adapter is, derived from its bytes alone: the engine takes half an adapter, one
// without its scale and one for another base without a word, so everything it would overlook is
// checked here. Rules: docs/formats/gguf.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "gguf/file.h"

namespace skillet::gguf {

// How the engine turns alpha into the factor of the product: the only way it knows.
inline constexpr std::string_view lora_scaling = "alpha/rank";

// A pair of matrices, X.lora_a and X.lora_b, that changes the tensor X of a base.
struct AdapterPair {
    std::string target;    // "blk.0.attn_q.weight"
    std::string module;    // "attn_q": the target without block and ".weight"
    uint64_t inputs = 0;   // the extents that the target must have: the length of its rows …
    uint64_t outputs = 0;  // … and how many there are
};

struct AdapterFacts {
    std::string architecture;                 // of the base
    double alpha = 0;                         // finite and greater than 0
    uint32_t rank = 0;                        // of every pair
    std::vector<AdapterPair> pairs;           // in ascending order of target; at least one
    std::vector<std::string> target_modules;  // distinct, in ascending order
    Digest tensors_digest;  // over (name, type, shape) of every tensor; docs/formats/gguf.md
    std::string precision;  // the types of the tensors, in ascending order: "F16", "F16+F32"
};

// Whether the file says that it is an adapter, of whatever kind.
[[nodiscard]] bool is_adapter(const File &file);

// SKL_E_FORMAT_UNSUPPORTED for another kind of adapter or a feature this build does not know,
// SKL_E_MALFORMED_ARTIFACT for a LoRA that is incomplete or contradicts itself.
// REQUIRES: is_adapter(file).
[[nodiscard]] Result<AdapterFacts> derive_adapter_facts(const File &file);

}  // namespace skillet::gguf
