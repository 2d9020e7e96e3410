// SPDX-License-Identifier: Apache-2.0
// What the reader takes, and what it says about files that are merely not for it.
// Files that attack it: hostile_file_test.cpp.
#include "gguf/file.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "gguf/stored.h"
#include "testing/gguf_writer.h"

namespace skillet::gguf {
namespace {

using testing::gguf_bytes;
using testing::GgufWriter;

Result<File> read_bytes(std::string bytes, const Limits &limits = {}) {
    return read(MemorySource(std::move(bytes), "memory"), limits);
}

void expect_refused(const Result<File> &result, Code code, std::string_view subject) {
    ASSERT_FALSE(result.has_value()) << "was accepted";
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_EQ(result.error().subject, subject) << result.error().message;
    EXPECT_FALSE(result.error().hint.empty());
}

template <typename T>
T value(const File &file, std::string_view key) {
    return std::get<T>(file.find(key)->value);
}

TEST(GgufFile, reads_a_file_with_nothing_in_it) {
    const auto file = read_bytes(GgufWriter().bytes());
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->version, 3u);
    EXPECT_EQ(file->alignment, 32u);
    EXPECT_EQ(file->file_bytes, 24u);
    EXPECT_EQ(file->data_offset, 24u);
    EXPECT_TRUE(file->entries.empty());
    EXPECT_TRUE(file->tensors.empty());
}

TEST(GgufFile, reads_every_type_of_value) {
    GgufWriter writer;
    writer.key("u8", ValueType::u8, gguf_bytes<uint8_t>(255))
        .key("i8", ValueType::i8, gguf_bytes<int8_t>(-128))
        .key("u16", ValueType::u16, gguf_bytes<uint16_t>(65535))
        .key("i16", ValueType::i16, gguf_bytes<int16_t>(-2))
        .key("u32", ValueType::u32, gguf_bytes<uint32_t>(4'000'000'000))
        .key("i32", ValueType::i32, gguf_bytes<int32_t>(-3))
        .key("u64", ValueType::u64, gguf_bytes<uint64_t>(UINT64_MAX))
        .key("i64", ValueType::i64, gguf_bytes<int64_t>(INT64_MIN))
        .key("f32", ValueType::f32, gguf_bytes(0.5f))
        .key("f64", ValueType::f64, gguf_bytes(-0.25))
        .boolean("bool", true)
        .string("string", "text")
        .strings("strings", {"a", "", "c"})
        .i32s("numbers", {1, -1});
    const MemorySource source(writer.bytes(), "memory");
    const auto file = read(source);
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(value<uint64_t>(*file, "u8"), 255u);
    EXPECT_EQ(value<int64_t>(*file, "i8"), -128);
    EXPECT_EQ(value<uint64_t>(*file, "u16"), 65535u);
    EXPECT_EQ(value<int64_t>(*file, "i16"), -2);
    EXPECT_EQ(value<uint64_t>(*file, "u32"), 4'000'000'000u);
    EXPECT_EQ(value<int64_t>(*file, "i32"), -3);
    EXPECT_EQ(value<uint64_t>(*file, "u64"), UINT64_MAX);
    EXPECT_EQ(value<int64_t>(*file, "i64"), INT64_MIN);
    EXPECT_EQ(value<double>(*file, "f32"), 0.5);
    EXPECT_EQ(value<double>(*file, "f64"), -0.25);
    EXPECT_EQ(value<uint64_t>(*file, "bool"), 1u);
    EXPECT_EQ(value<std::string>(*file, "string"), "text");
    EXPECT_EQ(string_at(source, value<ArrayValue>(*file, "strings"), 0).value(), "a");
    EXPECT_EQ(string_at(source, value<ArrayValue>(*file, "strings"), 1).value(), "");
    EXPECT_EQ(string_at(source, value<ArrayValue>(*file, "strings"), 2).value(), "c");
    EXPECT_EQ(read_stored(source, value<ArrayValue>(*file, "numbers").place, 8).value(),
              gguf_bytes<int32_t>(1) + gguf_bytes<int32_t>(-1));
    EXPECT_EQ(file->find("missing"), nullptr);
}

TEST(GgufFile, leaves_a_long_text_in_the_file) {
    const std::string text(1025, 'x');
    const MemorySource source(GgufWriter().string("k", text).bytes(), "memory");
    const auto file = read(source);
    ASSERT_TRUE(file.has_value());
    const Place place = value<LongText>(*file, "k").place;
    EXPECT_EQ(read_stored(source, place, 2000).value(), text);
    EXPECT_EQ(read_stored(source, place, 1024).error().code, SKL_E_FORMAT_UNSUPPORTED);
}

TEST(GgufFile, reads_version_2) {
    GgufWriter writer;
    writer.version = 2;
    EXPECT_EQ(read_bytes(writer.bytes())->version, 2u);
}

TEST(GgufFile, places_tensors_one_after_another_with_padding) {
    GgufWriter writer;
    writer.tensor("a", {3}).tensor("b", {32, 2}, 8).tensor("c", {2, 2, 2, 2}, 1);
    const std::string bytes = writer.bytes();
    const auto file = read_bytes(bytes);
    ASSERT_TRUE(file.has_value());
    ASSERT_EQ(file->tensors.size(), 3u);
    EXPECT_EQ(file->data_offset % 32, 0u);
    EXPECT_EQ(file->tensors[0].bytes, 12u);
    EXPECT_EQ(file->tensors[1].offset, 32u);
    EXPECT_EQ(file->tensors[1].bytes, 68u);
    EXPECT_EQ(file->tensors[2].offset, 128u);
    EXPECT_EQ(file->tensors[2].elements(), 16u);
    EXPECT_EQ(file->data_offset + 160, bytes.size());
    EXPECT_EQ(file->find_tensor("b"), &file->tensors[1]);
    EXPECT_EQ(file->find_tensor("d"), nullptr);
}

TEST(GgufFile, reads_another_alignment) {
    GgufWriter writer;
    writer.alignment = 4096;
    writer.u32("general.alignment", 4096).tensor("a", {1}).tensor("b", {1});
    const auto file = read_bytes(writer.bytes());
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->alignment, 4096u);
    EXPECT_EQ(file->data_offset, 4096u);
    EXPECT_EQ(file->tensors[1].offset, 4096u);
}

TEST(GgufFile, reads_a_last_tensor_without_its_padding) {
    std::string bytes = GgufWriter().tensor("a", {1}).bytes();
    bytes.resize(bytes.size() - 28);
    EXPECT_TRUE(read_bytes(bytes).has_value());
    bytes.pop_back();
    expect_refused(read_bytes(bytes), SKL_E_MALFORMED_ARTIFACT, "a");
}

TEST(GgufFile, knows_the_sizes_of_tensor_types_and_none_that_were_removed) {
    EXPECT_STREQ(tensor_type(8)->name, "Q8_0");
    EXPECT_EQ(tensor_type(8)->block_values, 32u);
    EXPECT_EQ(tensor_type(8)->block_bytes, 34u);
    EXPECT_EQ(tensor_type(12)->block_bytes, 144u);
    EXPECT_STREQ(tensor_type(42)->name, "Q2_0");
    for (const uint32_t number : {4u, 5u, 31u, 33u, 36u, 38u, 43u, UINT32_MAX})
        EXPECT_EQ(tensor_type(number), nullptr) << number;
}

TEST(GgufFile, refuses_what_is_not_gguf) {
    for (const char *bytes : {"", "GGU", "GGML", "PK\x03\x04 and more"})
        expect_refused(read_bytes(bytes), SKL_E_FORMAT_UNSUPPORTED, "memory");
}

TEST(GgufFile, refuses_versions_1_and_4_and_none) {
    for (const uint32_t version : {0u, 1u, 4u, UINT32_MAX}) {
        GgufWriter writer;
        writer.version = version;
        expect_refused(read_bytes(writer.bytes()), SKL_E_FORMAT_UNSUPPORTED, "version");
    }
}

TEST(GgufFile, calls_a_big_endian_file_by_its_name) {
    GgufWriter writer;
    writer.version = 3u << 24;
    const auto file = read_bytes(writer.bytes());
    expect_refused(file, SKL_E_FORMAT_UNSUPPORTED, "version");
    EXPECT_EQ(file.error().message, "a big-endian GGUF file");
}

TEST(GgufFile, refuses_a_shard_and_says_what_it_is) {
    const auto file = read_bytes(GgufWriter().u16("split.count", 3).bytes());
    expect_refused(file, SKL_E_FORMAT_UNSUPPORTED, "split.count");
    EXPECT_EQ(file.error().message, "the file is one of 3 shards of a model");
    EXPECT_TRUE(read_bytes(GgufWriter().u16("split.count", 1).bytes()).has_value());
}

TEST(GgufFile, refuses_a_shard_count_of_another_type) {
    expect_refused(read_bytes(GgufWriter().u32("split.count", 1).bytes()), SKL_E_MALFORMED_ARTIFACT,
                   "split.count");
}

TEST(GgufFile, refuses_a_tensor_type_it_does_not_know) {
    GgufWriter writer;
    writer.tensor({"a", {32}, 31, std::string(64, '\0')});
    expect_refused(read_bytes(writer.bytes()), SKL_E_FORMAT_UNSUPPORTED, "a");
}

TEST(GgufFile, refuses_a_file_cut_off_anywhere) {
    GgufWriter writer;
    writer.u32("a.number", 1).strings("a.list", {"x", "y"}).tensor("t", {4}).tensor("u", {8});
    const std::string bytes = writer.bytes();
    ASSERT_TRUE(read_bytes(bytes).has_value());
    for (size_t size = 4; size < bytes.size(); ++size) {
        const auto file = read_bytes(bytes.substr(0, size));
        ASSERT_FALSE(file.has_value()) << size;
        EXPECT_EQ(file.error().code, SKL_E_MALFORMED_ARTIFACT) << size;
        EXPECT_FALSE(file.error().subject.empty()) << size;
    }
}

TEST(GgufFile, refuses_more_than_its_limits) {
    GgufWriter writer;
    writer.strings("list", {"12345", "1234", "123"}).string("text", "1234567").tensor("t", {1});
    const std::string bytes = writer.bytes();
    const auto with = [&](auto change) {
        Limits limits{.keys_max = 2,
                      .tensors_max = 1,
                      .tokens_max = 3,
                      .token_bytes_max = 5,
                      .text_bytes_max = 7,
                      .metadata_bytes_max = writer.metadata().size()};
        change(limits);
        return read_bytes(bytes, limits);
    };
    EXPECT_TRUE(with([](Limits &) {}).has_value());
    const Code code = SKL_E_FORMAT_UNSUPPORTED;
    expect_refused(with([](Limits &limits) { --limits.keys_max; }), code, "keys");
    expect_refused(with([](Limits &limits) { --limits.tensors_max; }), code, "tensors");
    expect_refused(with([](Limits &limits) { --limits.tokens_max; }), code, "list");
    expect_refused(with([](Limits &limits) { --limits.token_bytes_max; }), code, "list");
    expect_refused(with([](Limits &limits) { --limits.text_bytes_max; }), code, "text");
    expect_refused(with([](Limits &limits) { --limits.metadata_bytes_max; }), code, "t");
}

TEST(GgufFile, admits_a_merge_of_two_longest_tokens) {
    const Limits limits{.token_bytes_max = 4};
    GgufWriter writer;
    writer.strings("tokenizer.ggml.merges", {"abcd efgh"});
    EXPECT_TRUE(read_bytes(writer.bytes(), limits).has_value());
    writer.strings("tokenizer.ggml.merges", {"abcd efghi"});
    expect_refused(read_bytes(writer.bytes(), limits), SKL_E_FORMAT_UNSUPPORTED,
                   "tokenizer.ggml.merges");
}

TEST(GgufFile, refuses_names_that_an_error_could_not_print) {
    const Code code = SKL_E_MALFORMED_ARTIFACT;
    expect_refused(read_bytes(GgufWriter().u32("", 1).bytes()), code, "key 0");
    expect_refused(read_bytes(GgufWriter().u32("a\nb", 1).bytes()), code, "key 0");
    expect_refused(read_bytes(GgufWriter().tensor("", {1}).bytes()), code, "tensor 0");
    expect_refused(read_bytes(GgufWriter().tensor("\xff", {1}).bytes()), code, "tensor 0");
    expect_refused(read_bytes(GgufWriter().u32(std::string(257, 'k'), 1).bytes()),
                   SKL_E_FORMAT_UNSUPPORTED, "key 0");
    expect_refused(read_bytes(GgufWriter().tensor(std::string(64, 't'), {1}).bytes()),
                   SKL_E_FORMAT_UNSUPPORTED, "tensor 0");
}

TEST(GgufFile, refuses_values_without_a_meaning) {
    const Code code = SKL_E_MALFORMED_ARTIFACT;
    const auto byte = [](uint8_t value) { return gguf_bytes(value); };
    expect_refused(read_bytes(GgufWriter().key("k", ValueType::boolean, byte(2)).bytes()), code,
                   "k");
    expect_refused(
        read_bytes(GgufWriter().array("k", ValueType::boolean, 2, byte(1) + byte(9)).bytes()), code,
        "k");
    expect_refused(
        read_bytes(GgufWriter().f32("k", std::numeric_limits<float>::quiet_NaN()).bytes()), code,
        "k");
    expect_refused(read_bytes(GgufWriter().raw_key("k", 13, byte(0)).bytes()), code, "k");
}

}  // namespace
}  // namespace skillet::gguf
