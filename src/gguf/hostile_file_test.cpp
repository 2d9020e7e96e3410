// SPDX-License-Identifier: Apache-2.0
// One test per way in which published attacks have broken GGUF readers. Attacks on what a sound
// structure means are in vetted_test.cpp and runnable_test.cpp.
#include <string>

#include <gtest/gtest.h>

#include "gguf/facts.h"
#include "gguf/file.h"
#include "testing/gguf_classifier.h"
#include "testing/gguf_writer.h"

namespace skillet::gguf {
namespace {

using testing::gguf_bytes;
using testing::GgufWriter;

constexpr uint64_t huge = UINT64_MAX;

// Says that it is larger than any disk, so that sums near 2^64 come into reach.
class HugeSource final : public ByteSource {
public:
    explicit HugeSource(std::string front) : front_(std::move(front)) {}
    [[nodiscard]] uint64_t size() const override { return huge; }
    [[nodiscard]] const std::string &name() const override { return name_; }
    [[nodiscard]] Result<void> read_at(uint64_t offset, std::span<std::byte> out) const override {
        for (size_t i = 0; i < out.size(); ++i) {
            const uint64_t at = offset + i;
            out[i] = at < front_.size() ? static_cast<std::byte>(front_[at]) : std::byte{0};
        }
        return {};
    }

private:
    std::string front_;
    std::string name_ = "huge";
};

Result<File> read_bytes(std::string bytes) {
    return read(MemorySource(std::move(bytes), "memory"));
}

Result<Facts> facts_of(std::string bytes) {
    const MemorySource source(std::move(bytes), "memory");
    SKL_TRY_ASSIGN(file, read(source));
    return derive_facts(source, file);
}

void expect_malformed(const Result<File> &result, std::string_view subject,
                      std::string_view message_part) {
    ASSERT_FALSE(result.has_value()) << "was accepted";
    EXPECT_EQ(result.error().code, SKL_E_MALFORMED_ARTIFACT) << result.error().message;
    EXPECT_EQ(result.error().subject, subject);
    EXPECT_NE(result.error().message.find(message_part), std::string::npos)
        << result.error().message;
}

// A tensor with no data behind it.
GgufWriter bare_tensor(std::vector<uint64_t> shape, uint32_t type = 0) {
    GgufWriter writer;
    writer.tensor({"t", std::move(shape), type, ""});
    return writer;
}

// CVE-2024-23605: the number of keys times their size wraps.
TEST(HostileGguf, refuses_a_key_count_whose_allocation_would_wrap) {
    for (const uint64_t count : {huge, huge / 2, huge / 64 + 1, uint64_t{3}}) {
        GgufWriter writer;
        writer.u32("a", 1).key_count = count;
        expect_malformed(read_bytes(writer.bytes()), "keys", "cannot fit");
    }
}

// CVE-2024-21836: the number of tensors times their size wraps.
TEST(HostileGguf, refuses_a_tensor_count_whose_allocation_would_wrap) {
    for (const uint64_t count : {huge, huge / 2, huge / 368 + 1, uint64_t{4}}) {
        GgufWriter writer;
        writer.tensor("t", {1}).tensor_count = count;
        expect_malformed(read_bytes(writer.bytes()), "tensors", "cannot fit");
    }
}

TEST(HostileGguf, refuses_counts_that_a_huge_file_could_hold) {
    for (const bool tensors : {true, false}) {
        GgufWriter writer;
        (tensors ? writer.tensor_count : writer.key_count) = huge / 64;
        const auto file = read(HugeSource(writer.bytes()));
        ASSERT_FALSE(file.has_value());
        EXPECT_EQ(file.error().code, SKL_E_FORMAT_UNSUPPORTED);
        EXPECT_EQ(file.error().subject, tensors ? "tensors" : "keys");
    }
}

TEST(HostileGguf, refuses_fewer_keys_than_there_are_bytes_for) {
    GgufWriter writer;
    writer.u32("a", 1).u32("b", 2).key_count = 1;
    writer.tensor("t", {1});
    EXPECT_FALSE(read_bytes(writer.bytes()).has_value());
}

// CVE-2024-21802: the extents of a tensor multiply past 2^64.
TEST(HostileGguf, refuses_a_shape_whose_product_wraps) {
    const uint64_t half = uint64_t{1} << 32;
    expect_malformed(read_bytes(bare_tensor({half, half}).bytes()), "t", "counted");
    expect_malformed(read_bytes(bare_tensor({half, half, 2, 1}).bytes()), "t", "counted");
    expect_malformed(read_bytes(bare_tensor({huge}).bytes()), "t", "counted");
    expect_malformed(read_bytes(bare_tensor({uint64_t{1} << 63}).bytes()), "t", "counted");
}

// CVE-2026-33298: the size in bytes wraps where the number of elements does not.
TEST(HostileGguf, refuses_a_size_in_bytes_that_wraps) {
    const uint64_t elements = uint64_t{1} << 62;
    expect_malformed(read_bytes(bare_tensor({elements}).bytes()), "t", "more bytes");
    expect_malformed(read_bytes(bare_tensor({elements}, 28).bytes()), "t", "more bytes");
}

// Reported as a division by zero.
TEST(HostileGguf, refuses_a_zero_dimension) {
    expect_malformed(read_bytes(bare_tensor({0}).bytes()), "t", "zero");
    expect_malformed(read_bytes(bare_tensor({32, 0, 2}).bytes()), "t", "zero");
}

TEST(HostileGguf, refuses_no_dimensions_and_five) {
    expect_malformed(read_bytes(bare_tensor({}).bytes() + std::string(64, '\0')), "t",
                     "0 dimensions");
    expect_malformed(read_bytes(bare_tensor({1, 1, 1, 1, 1}).bytes()), "t", "5 dimensions");
}

TEST(HostileGguf, refuses_rows_that_do_not_divide_into_blocks) {
    expect_malformed(read_bytes(bare_tensor({33}, 8).bytes()), "t", "blocks of 32");
    expect_malformed(read_bytes(bare_tensor({32, 8}, 12).bytes()), "t", "blocks of 256");
}

// CVE-2024-23496: the length of a text plus one wraps.
TEST(HostileGguf, refuses_a_text_length_that_wraps_with_its_terminator) {
    for (const uint64_t length : {huge, huge - 7, huge / 2}) {
        GgufWriter writer;
        writer.key("k", ValueType::string, gguf_bytes(length) + "text");
        expect_malformed(read_bytes(writer.bytes()), "k", "announced");
    }
}

TEST(HostileGguf, refuses_a_key_or_tensor_name_whose_length_wraps) {
    const std::string header = GgufWriter().metadata().substr(0, 8);
    const std::string counts = gguf_bytes<uint64_t>(1) + gguf_bytes<uint64_t>(0);
    const std::string name = gguf_bytes(huge) + std::string(64, '\0');
    expect_malformed(read_bytes(header + counts + name), "tensor 0", "announced");
    const std::string other_counts = gguf_bytes<uint64_t>(0) + gguf_bytes<uint64_t>(1);
    expect_malformed(read_bytes(header + other_counts + name), "key 0", "announced");
}

// CVE-2024-21825: the count of an array times the size of its elements wraps.
TEST(HostileGguf, refuses_an_array_whose_count_times_size_wraps) {
    for (const ValueType element : {ValueType::u64, ValueType::f32, ValueType::string}) {
        for (const uint64_t count : {huge, huge / 2, huge / 8 + 1, huge / 4 + 1}) {
            GgufWriter writer;
            writer.array("k", element, count, std::string(64, '\0'));
            expect_malformed(read_bytes(writer.bytes()), "k", "cannot fit");
        }
    }
}

TEST(HostileGguf, refuses_an_array_without_an_end_in_a_huge_file) {
    GgufWriter writer;
    writer.array("k", ValueType::u8, huge / 2, "");
    const auto file = read(HugeSource(writer.bytes()));
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(file.error().code, SKL_E_FORMAT_UNSUPPORTED);
    EXPECT_EQ(file.error().subject, "k");
}

// Reported of gguf-py: recursion and loops without bound.
TEST(HostileGguf, refuses_nested_arrays) {
    GgufWriter writer;
    std::string inner;
    for (int depth = 0; depth < 1000; ++depth)
        inner += gguf_bytes(static_cast<uint32_t>(ValueType::array)) + gguf_bytes<uint64_t>(1);
    writer.array("k", ValueType::array, 1, inner);
    expect_malformed(read_bytes(writer.bytes()), "k", "array of arrays");
}

// CVE-2025-53630: the padded sizes of tensors add up past 2^64.
TEST(HostileGguf, refuses_sizes_whose_padded_sum_wraps) {
    // Each fits into the file that the source claims to be; together they pass 2^64.
    GgufWriter writer;
    const uint64_t half = uint64_t{1} << 63;
    writer.tensor({"a", {half / 4 - 1}, 0, ""});
    writer.tensor({"b", {half / 4 - 1}, 0, "", half});
    writer.tensor({"c", {4}, 0, "", 0});
    expect_malformed(read(HugeSource(writer.bytes())), "b", "past");
}

// Reported in 2026: rounding up a size near 2^64 gives 0.
TEST(HostileGguf, refuses_a_size_near_the_largest_whose_padding_would_be_zero) {
    // 2^63 - 1 values of two bytes: 2^64 - 2 bytes, which the padding of ggml turns into 0.
    GgufWriter writer = bare_tensor({huge / 2}, 1);
    writer.tensor({"u", {1}, 0, "", 0});
    expect_malformed(read_bytes(writer.bytes()), "t", "past");
    expect_malformed(read(HugeSource(writer.bytes())), "t", "past");
}

// CVE-2026-27940: the check of CVE-2025-53630 leaves out the sum before the last.
TEST(HostileGguf, refuses_a_tensor_after_one_that_ends_where_padding_would_wrap) {
    GgufWriter writer;
    writer.alignment = 4096;
    writer.u32("general.alignment", 4096);
    const uint64_t values = (huge - 4096 - 1) / 2;
    writer.tensor({"t", {values}, 1, ""});
    EXPECT_TRUE(read(HugeSource(writer.bytes())).has_value());
    for (const uint64_t offset : {uint64_t{0}, values * 2, values * 2 + 2}) {
        writer.tensor({"u", {8}, 0, "", offset});
        expect_malformed(read(HugeSource(writer.bytes())), "u", "past");
    }
}

TEST(HostileGguf, refuses_an_alignment_that_is_no_power_of_two) {
    for (const uint32_t alignment : {0u, 3u, 33u, UINT32_MAX})
        expect_malformed(read_bytes(GgufWriter().u32("general.alignment", alignment).bytes()),
                         "general.alignment", "power of two");
}

// Reported in May 2026: the alignment has no upper bound.
TEST(HostileGguf, refuses_an_alignment_without_bound) {
    for (const uint32_t alignment : {8192u, 1u << 31}) {
        const auto file = read_bytes(GgufWriter().u32("general.alignment", alignment).bytes());
        ASSERT_FALSE(file.has_value());
        EXPECT_EQ(file.error().code, SKL_E_FORMAT_UNSUPPORTED);
        EXPECT_EQ(file.error().subject, "general.alignment");
    }
}

TEST(HostileGguf, refuses_an_alignment_of_another_type) {
    GgufWriter writer;
    writer.key("general.alignment", ValueType::u64, gguf_bytes<uint64_t>(32));
    expect_malformed(read_bytes(writer.bytes()), "general.alignment", "u64");
}

// CVE-2026-7482: what lies behind the file's end is taken for weights.
TEST(HostileGguf, refuses_a_tensor_that_reaches_past_the_end) {
    expect_malformed(read_bytes(bare_tensor({1024}).bytes()), "t", "past");
    GgufWriter writer;
    writer.tensor("a", {8});
    writer.tensor({"t", {1 << 20}, 0, std::string(32, '\0')});
    expect_malformed(read_bytes(writer.bytes()), "t", "past");
}

TEST(HostileGguf, refuses_a_tensor_that_starts_past_the_end) {
    GgufWriter writer;
    writer.tensor({"t", {8}, 0, std::string(32, '\0'), 1 << 20});
    expect_malformed(read_bytes(writer.bytes()), "t", "is due");
}

TEST(HostileGguf, refuses_overlapping_tensors) {
    GgufWriter writer;
    writer.tensor("a", {16}).tensor("b", {16});
    writer.tensor_at("b").offset = 32;
    expect_malformed(read_bytes(writer.bytes()), "b", "64 is due");
    writer.tensor_at("b").offset = 0;
    expect_malformed(read_bytes(writer.bytes()), "b", "64 is due");
}

TEST(HostileGguf, refuses_tensors_with_a_gap_between_them) {
    GgufWriter writer;
    writer.tensor("a", {8}).tensor("b", {8});
    writer.tensor_at("b").offset = 64;
    expect_malformed(read_bytes(writer.bytes()), "b", "32 is due");
}

TEST(HostileGguf, refuses_a_file_that_ends_in_the_padding_before_its_data) {
    const std::string metadata = GgufWriter().tensor("t", {1}).metadata();
    ASSERT_NE(metadata.size() % 32, 0u);
    expect_malformed(read_bytes(metadata), "t", "before its tensor data");
}

// CVE-2025-49847: the length of a token is cast to a signed integer.
TEST(HostileGguf, refuses_a_token_longer_than_the_cap) {
    GgufWriter writer;
    writer.strings("tokenizer.ggml.tokens", {std::string(1025, 'x')});
    const auto file = read_bytes(writer.bytes());
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(file.error().code, SKL_E_FORMAT_UNSUPPORTED);
    EXPECT_EQ(file.error().subject, "tokenizer.ggml.tokens");
}

TEST(HostileGguf, refuses_duplicate_keys) {
    GgufWriter writer;
    writer.u32("a", 1).u32("b", 1).raw_key("a", 4, gguf_bytes<uint32_t>(2));
    expect_malformed(read_bytes(writer.bytes()), "a", "twice");
}

TEST(HostileGguf, refuses_duplicate_tensor_names) {
    GgufWriter writer;
    writer.tensor("a", {1}).tensor("b", {1});
    writer.tensors.back().name = "a";
    expect_malformed(read_bytes(writer.bytes()), "a", "twice");
}

// Reported as type confusion: scores declared as bytes and read as floats.
TEST(HostileGguf, refuses_scores_declared_as_another_type) {
    // The engine would read four bytes per token out of an array of one byte per token.
    const std::vector<std::pair<ValueType, size_t>> wrong = {
        {ValueType::i8, 1}, {ValueType::i32, 4}, {ValueType::f64, 8}};
    for (const auto &[element, bytes_each] : wrong) {
        GgufWriter writer = testing::tiny_classifier();
        writer.array("tokenizer.ggml.scores", element, 11, std::string(11 * bytes_each, '\0'));
        const auto facts = facts_of(writer.bytes());
        ASSERT_FALSE(facts.has_value());
        EXPECT_EQ(facts.error().code, SKL_E_MALFORMED_ARTIFACT);
        EXPECT_EQ(facts.error().subject, "tokenizer.ggml.scores");
    }
}

TEST(HostileGguf, refuses_fewer_scores_than_tokens) {
    GgufWriter writer = testing::tiny_classifier();
    writer.array("tokenizer.ggml.scores", ValueType::f32, 10, std::string(40, '\0'));
    const auto facts = facts_of(writer.bytes());
    ASSERT_FALSE(facts.has_value());
    EXPECT_EQ(facts.error().subject, "tokenizer.ggml.scores");
}

TEST(HostileGguf, survives_any_single_byte_being_wrong) {
    testing::ClassifierShape shape;
    shape.embedding = 4;
    shape.feed_forward = 4;
    shape.context = 3;
    const std::string bytes = testing::tiny_classifier(shape).bytes();
    for (size_t at = 0; at < bytes.size(); ++at) {
        for (const int change : {0x01, 0x80, 0xff}) {
            std::string wrong = bytes;
            wrong[at] = static_cast<char>(wrong[at] ^ change);
            const MemorySource source(std::move(wrong), "memory");
            const auto file = read(source);
            if (!file) continue;
            const auto facts = derive_facts(source, *file);
            if (facts) (void)check_runnable(source, *file, *facts).has_value();
        }
    }
}

}  // namespace
}  // namespace skillet::gguf
