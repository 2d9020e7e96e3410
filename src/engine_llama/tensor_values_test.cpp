// SPDX-License-Identifier: Apache-2.0
// Our scan of tensor values against the engine's own check of the same bytes.
#include "gguf/tensor_values.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <random>

#include "testing/gguf_writer.h"

namespace skillet::gguf {
namespace {

bool engine_finds_finite(uint32_t type, const std::string &data) {
    return ggml_validate_row_data(static_cast<ggml_type>(type), data.data(), data.size());
}

bool we_find_finite(uint32_t type, uint64_t values, const std::string &data) {
    testing::GgufWriter writer;
    writer.tensor({"t", {values}, type, data});
    const MemorySource source(writer.bytes(), "memory");
    const auto file = read(source);
    EXPECT_TRUE(file);
    Phase phase;
    const auto found = scan_values(source, *file, phase);
    EXPECT_TRUE(found);
    return found && found->finite();
}

TEST(TensorValuesInEngine, random_blocks_of_every_type_are_judged_alike) {
    std::mt19937 random(1);
    uint32_t types = 0;
    for (uint32_t number = 0; number < GGML_TYPE_COUNT; ++number) {
        const TensorType *type = tensor_type(number);
        // The engine refuses to look at Q8_1, and narrows F64 to F32 before it looks.
        if (type == nullptr || number == GGML_TYPE_Q8_1 || number == GGML_TYPE_F64) continue;
        SCOPED_TRACE(type->name);
        ++types;
        uint32_t finite = 0;
        for (int round = 0; round < 2000; ++round) {
            std::string data(2 * type->block_bytes, '\0');
            for (char &byte : data) {
                // Bytes like those of large exponents come up often.
                byte = static_cast<char>(random() % 4 == 0 ? 0x7c | (random() & 0x83) : random());
            }
            const bool ours = we_find_finite(number, uint64_t{2} * type->block_values, data);
            ASSERT_EQ(ours, engine_finds_finite(number, data)) << "round " << round;
            finite += ours ? 1 : 0;
        }
        EXPECT_GT(finite, 0u) << "the engine was never content";
    }
    EXPECT_EQ(types, 33u);
}

}  // namespace
}  // namespace skillet::gguf
