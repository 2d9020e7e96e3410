// SPDX-License-Identifier: Apache-2.0
// What the engine thinks of the same bytes: engine_llama/tensor_values_test.cpp.
#include "gguf/tensor_values.h"

#include <cmath>
#include <limits>
#include <memory>

#include <gtest/gtest.h>

#include "testing/gguf_writer.h"

namespace skillet::gguf {
namespace {

using testing::gguf_bytes;
using testing::GgufWriter;

constexpr uint16_t nan_f16 = 0x7e00;
constexpr uint16_t minus_infinity_f16 = 0xfc00;

uint32_t number_of(std::string_view name) {
    for (uint32_t number = 0; number < 64; ++number) {
        const TensorType *type = tensor_type(number);
        if (type != nullptr && type->name == name) return number;
    }
    ADD_FAILURE() << "no type " << name;
    return 0;
}

Result<ValueScan> scan(const GgufWriter &writer, Phase phase = {}) {
    const MemorySource source(writer.bytes(), "memory");
    SKL_TRY_ASSIGN(file, read(source));
    return scan_values(source, file, phase);
}

// One tensor of `blocks` blocks of zeros.
GgufWriter zeros(std::string_view type, uint64_t blocks) {
    GgufWriter writer;
    const uint32_t number = number_of(type);
    writer.tensor("t", {tensor_type(number)->block_values * blocks}, number);
    return writer;
}

TEST(TensorValues, counts_nothing_in_a_file_without_tensors) {
    const auto found = scan(GgufWriter());
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->finite());
    EXPECT_EQ(found->tensors, 0u);
    EXPECT_EQ(found->values, 0u);
}

TEST(TensorValues, finds_nan_and_infinity_at_any_place_of_an_f32_tensor) {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    constexpr float infinity = std::numeric_limits<float>::infinity();
    // More than one piece, and a rest that is no whole group.
    constexpr size_t count = 3 * 256 * 1024 / 4 + 7;
    for (const size_t at : {size_t{0}, size_t{63}, size_t{64}, count / 2, count - 1}) {
        for (const float wrong : {nan, infinity, -infinity}) {
            GgufWriter writer = zeros("F32", count);
            writer.tensor_at("t").data.replace(at * 4, 4, gguf_bytes(wrong));
            const auto found = scan(writer);
            ASSERT_TRUE(found);
            EXPECT_EQ(found->values, count);
            EXPECT_EQ(found->nan, std::isnan(wrong) ? 1u : 0u);
            EXPECT_EQ(found->infinite, std::isnan(wrong) ? 0u : 1u);
            ASSERT_EQ(found->faults.size(), 1u);
            EXPECT_EQ(found->faults[0].tensor, "t");
        }
    }
}

TEST(TensorValues, takes_the_largest_and_the_smallest_numbers_for_finite) {
    GgufWriter writer;
    writer.tensor({"f32",
                   {2},
                   number_of("F32"),
                   gguf_bytes(std::numeric_limits<float>::max()) +
                       gguf_bytes(-std::numeric_limits<float>::denorm_min())});
    writer.tensor({"f16",
                   {2},
                   number_of("F16"),
                   gguf_bytes<uint16_t>(0x7bff) + gguf_bytes<uint16_t>(0x8001)});
    writer.tensor({"bf16",
                   {2},
                   number_of("BF16"),
                   gguf_bytes<uint16_t>(0x7f7f) + gguf_bytes<uint16_t>(0xff7f)});
    writer.tensor({"f64", {1}, number_of("F64"), gguf_bytes(std::numeric_limits<double>::max())});
    const auto found = scan(writer);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->finite());
    EXPECT_EQ(found->tensors, 4u);
    EXPECT_EQ(found->values, 7u);
}

TEST(TensorValues, finds_them_in_the_other_plain_types) {
    GgufWriter writer;
    writer.tensor(
        {"f16", {2}, number_of("F16"), gguf_bytes(nan_f16) + gguf_bytes(minus_infinity_f16)});
    writer.tensor({"bf16",
                   {2},
                   number_of("BF16"),
                   gguf_bytes<uint16_t>(0x7f81) + gguf_bytes<uint16_t>(0xff80)});
    writer.tensor({"f64",
                   {2},
                   number_of("F64"),
                   gguf_bytes(std::numeric_limits<double>::quiet_NaN()) +
                       gguf_bytes(std::numeric_limits<double>::infinity())});
    const auto found = scan(writer);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->nan, 3u);
    EXPECT_EQ(found->infinite, 3u);
    EXPECT_EQ(found->faulty_tensors, 3u);
}

TEST(TensorValues, finds_a_wrong_scale_in_every_quantised_type) {
    // Where each type has its scales, written down a second time.
    const std::vector<std::pair<const char *, std::vector<size_t>>> scales = {
        {"Q1_0", {0}},    {"Q2_0", {0}},    {"Q4_0", {0}},    {"Q4_1", {0, 2}},   {"Q5_0", {0}},
        {"Q5_1", {0, 2}}, {"Q8_0", {0}},    {"Q8_1", {0, 2}}, {"Q2_K", {80, 82}}, {"Q3_K", {108}},
        {"Q4_K", {0, 2}}, {"Q5_K", {0, 2}}, {"Q6_K", {208}},  {"IQ2_XXS", {0}},   {"IQ2_XS", {0}},
        {"IQ2_S", {0}},   {"IQ3_XXS", {0}}, {"IQ3_S", {0}},   {"IQ1_S", {0}},     {"IQ4_NL", {0}},
        {"IQ4_XS", {0}},  {"TQ1_0", {52}},  {"TQ2_0", {64}}};
    for (const auto &[name, offsets] : scales) {
        SCOPED_TRACE(name);
        const size_t block_bytes = tensor_type(number_of(name))->block_bytes;
        GgufWriter writer = zeros(name, 5);
        ASSERT_EQ(scan(writer)->values, 5 * offsets.size());
        EXPECT_TRUE(scan(writer)->finite());
        for (const size_t offset : offsets)
            writer.tensor_at("t").data.replace(4 * block_bytes + offset, 2, gguf_bytes(nan_f16));
        const auto found = scan(writer);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->nan, offsets.size());
        EXPECT_EQ(found->infinite, 0u);
    }
}

TEST(TensorValues, finds_a_wrong_scale_that_is_no_plain_half) {
    GgufWriter q8_k = zeros("Q8_K", 3);
    q8_k.tensor_at("t").data.replace(2 * 292, 4, gguf_bytes<uint32_t>(0x7f80'0000));
    EXPECT_EQ(scan(q8_k)->infinite, 1u);

    GgufWriter mxfp4 = zeros("MXFP4", 3);
    mxfp4.tensor_at("t").data[17] = '\xff';
    EXPECT_EQ(scan(mxfp4)->nan, 1u);

    // The bits 7c00 in the upper quarters of four words, lowest first.
    GgufWriter iq1_m = zeros("IQ1_M", 3);
    std::string &data = iq1_m.tensor_at("t").data;
    data[56 + 48 + 5] = '\xc0';
    data[56 + 48 + 7] = '\x70';
    EXPECT_EQ(scan(iq1_m)->infinite, 1u);
}

TEST(TensorValues, takes_any_integers) {
    GgufWriter writer;
    writer.tensor({"t", {64}, number_of("I8"), std::string(64, '\xff')});
    const auto found = scan(writer);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->tensors, 1u);
    EXPECT_EQ(found->values, 0u);
    EXPECT_TRUE(found->finite());
}

TEST(TensorValues, lists_the_first_faulty_tensors_and_counts_them_all) {
    GgufWriter writer;
    for (int i = 0; i < 100; ++i) {
        writer.tensor({"t" + std::to_string(i),
                       {2},
                       number_of("F16"),
                       gguf_bytes(nan_f16) + gguf_bytes(nan_f16)});
    }
    const auto found = scan(writer);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->nan, 200u);
    EXPECT_EQ(found->faulty_tensors, 100u);
    ASSERT_EQ(found->faults.size(), ValueScan::faults_max);
    EXPECT_EQ(found->faults.back().tensor, "t63");
    EXPECT_EQ(found->faults.back().nan, 2u);
}

TEST(TensorValues, reports_its_progress_and_can_be_stopped) {
    const GgufWriter writer = zeros("F32", 1 << 20);
    const MemorySource source(writer.bytes(), "memory");
    const auto file = read(source);
    ASSERT_TRUE(file);
    uint64_t reported = 0;
    Work work;
    work.progress = [&](const char *, uint64_t done, uint64_t) { reported = done; };
    Phase phase(work, "scan", bytes_to_scan(*file));
    ASSERT_TRUE(scan_values(source, *file, phase));
    EXPECT_EQ(reported, bytes_to_scan(*file));
    EXPECT_EQ(reported, 4u << 20);

    Work stopped;
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    stopped.stop.flag = flag;
    Phase stopped_phase(stopped, "scan", bytes_to_scan(*file));
    const auto found = scan_values(source, *file, stopped_phase);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, SKL_E_CANCELLED);
}

}  // namespace
}  // namespace skillet::gguf
