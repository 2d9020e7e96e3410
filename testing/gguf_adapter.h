// SPDX-License-Identifier: Apache-2.0
// The smallest LoRA for the tiny classifier, with random weights: complete, and a starting point
// for tests that break one thing about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "testing/gguf_classifier.h"

namespace skillet::testing {

struct AdapterShape {
    uint32_t rank = 4;
    float alpha = 8;
    ClassifierShape base = {};
};

// Writes one pair as the converters do, so that X changes by alpha/rank times B times A.
inline void add_adapter_pair(GgufWriter &writer, const std::string &target, uint64_t inputs,
                             uint64_t outputs, uint32_t rank) {
    const auto seed = static_cast<uint32_t>(writer.tensors.size()) + 100;
    writer.tensor({target + ".lora_a", {inputs, rank}, 0, random_floats(inputs * rank, seed)});
    writer.tensor(
        {target + ".lora_b", {rank, outputs}, 0, random_floats(rank * outputs, seed + 1)});
}

// Changes the queries and the first half of each feed-forward network.
inline GgufWriter tiny_adapter(const AdapterShape &shape = {}) {
    GgufWriter writer;
    writer.string("general.architecture", "bert")
        .string("general.type", "adapter")
        .string("general.name", "test adapter")
        .u32("general.file_type", 0)
        .string("adapter.type", "lora")
        .f32("adapter.lora.alpha", shape.alpha);
    for (uint32_t block = 0; block < shape.base.blocks; ++block) {
        const std::string prefix = "blk." + std::to_string(block) + ".";
        add_adapter_pair(writer, prefix + "attn_q.weight", shape.base.embedding,
                         shape.base.embedding, shape.rank);
        add_adapter_pair(writer, prefix + "ffn_up.weight", shape.base.embedding,
                         shape.base.feed_forward, shape.rank);
    }
    return writer;
}

}  // namespace skillet::testing
