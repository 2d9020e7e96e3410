// SPDX-License-Identifier: Apache-2.0
#include "gguf/cursor.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "testing/gguf_writer.h"

namespace skillet::gguf {
namespace {

using testing::gguf_bytes;
using testing::gguf_string;

constexpr uint64_t no_limit = UINT64_MAX;

// Remembers how much was asked for at once.
class CountingSource final : public ByteSource {
public:
    explicit CountingSource(std::string bytes) : memory_(std::move(bytes), "counted") {}
    [[nodiscard]] uint64_t size() const override { return memory_.size(); }
    [[nodiscard]] const std::string &name() const override { return memory_.name(); }
    [[nodiscard]] Result<void> read_at(uint64_t offset, std::span<std::byte> out) const override {
        ++reads;
        largest = std::max(largest, out.size());
        return memory_.read_at(offset, out);
    }
    mutable size_t reads = 0;
    mutable size_t largest = 0;

private:
    MemorySource memory_;
};

TEST(GgufCursor, reads_little_endian_numbers_of_every_size) {
    const MemorySource source("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b", "source");
    Cursor cursor(source, no_limit);
    EXPECT_EQ(*cursor.number(1), 0x01u);
    EXPECT_EQ(*cursor.number(2), 0x0302u);
    EXPECT_EQ(*cursor.number32(), 0x07060504u);
    EXPECT_EQ(cursor.position(), 7u);
    EXPECT_EQ(cursor.remaining(), 4u);
}

TEST(GgufCursor, reads_a_text_longer_than_its_buffer_in_pieces) {
    const std::string text(200'000, 'x');
    const CountingSource source(gguf_string(text) + gguf_string("end"));
    Cursor cursor(source, no_limit);
    EXPECT_EQ(*cursor.string(text.size()), text);
    EXPECT_EQ(*cursor.string(3), "end");
    EXPECT_EQ(source.largest, 64u * 1024);
    EXPECT_EQ(source.reads, 4u);
    EXPECT_EQ(cursor.remaining(), 0u);
}

TEST(GgufCursor, refuses_a_length_that_wraps_when_something_is_added) {
    const MemorySource source(gguf_bytes<uint64_t>(UINT64_MAX) + "abc", "source");
    Cursor cursor(source, no_limit);
    EXPECT_EQ(cursor.string(no_limit).error().code, SKL_E_MALFORMED_ARTIFACT);
}

TEST(GgufCursor, tells_a_file_that_ends_from_a_cap_that_is_reached) {
    const MemorySource source(std::string(8, '\0'), "source");
    Cursor ends(source, no_limit);
    EXPECT_EQ(ends.bytes(9).error().code, SKL_E_MALFORMED_ARTIFACT);
    Cursor capped(source, 4);
    EXPECT_EQ(capped.bytes(5).error().code, SKL_E_FORMAT_UNSUPPORTED);
    EXPECT_EQ(capped.bytes(4)->size(), 4u);
}

TEST(GgufCursor, passes_on_that_the_file_was_shortened_meanwhile) {
    class ShortSource final : public ByteSource {
    public:
        [[nodiscard]] uint64_t size() const override { return 100; }
        [[nodiscard]] const std::string &name() const override { return name_; }
        [[nodiscard]] Result<void> read_at(uint64_t, std::span<std::byte>) const override {
            return make_error(SKL_E_IO, "read past the end");
        }

    private:
        std::string name_ = "short";
    };
    const ShortSource source;
    Cursor cursor(source, no_limit);
    EXPECT_EQ(cursor.number(8).error().code, SKL_E_IO);
}

}  // namespace
}  // namespace skillet::gguf
