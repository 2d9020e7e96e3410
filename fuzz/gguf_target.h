// SPDX-License-Identifier: Apache-2.0
// What the fuzzers of GGUF files share: a mutator that knows the format. libFuzzer calls it through
// the function that each target defines.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "testing/gguf_mutation.h"
#include "testing/gguf_parts.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

inline void require(bool condition) {
    if (!condition) std::abort();
}

inline size_t mutate_gguf(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    const std::string bytes(reinterpret_cast<const char *>(data), size);
    auto writer = seed % 8 == 0 ? std::nullopt : skillet::testing::take_apart(bytes);
    if (!writer) return LLVMFuzzerMutate(data, size, max_size);
    skillet::testing::GgufMutation mutation(seed);
    for (unsigned i = 0; i <= seed % 3; ++i) mutation.apply(*writer);
    const std::string changed = writer->bytes();
    if (changed.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
    std::copy(changed.begin(), changed.end(), data);
    return changed.size();
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                                          unsigned seed) {
    return mutate_gguf(data, size, max_size, seed);
}
