// SPDX-License-Identifier: Apache-2.0
#include "base/byte_source.h"

#include <gtest/gtest.h>

namespace skillet {
namespace {

constexpr size_t megabyte = 1024 * 1024;

// Bytes that tell their position; reading beyond `good` of them fails.
class PatternSource final : public ByteSource {
public:
    explicit PatternSource(uint64_t size) : PatternSource(size, size) {}
    PatternSource(uint64_t size, uint64_t good) : size_(size), good_(good) {}

    [[nodiscard]] uint64_t size() const override { return size_; }
    [[nodiscard]] const std::string &name() const override { return name_; }
    [[nodiscard]] Result<void> read_at(uint64_t offset, std::span<std::byte> out) const override {
        if (offset + out.size() > good_) return make_error(SKL_E_IO, "bad sector", name_);
        for (std::byte &byte : out) byte = at(offset++);
        return {};
    }
    static std::byte at(uint64_t offset) { return std::byte(offset * 2654435761u >> 24); }

private:
    uint64_t size_;
    uint64_t good_;
    std::string name_ = "pattern";
};

TEST(ReadInChunks, gives_all_bytes_once_and_in_order) {
    for (const uint64_t size :
         {uint64_t{0}, uint64_t{1}, uint64_t{300'000}, uint64_t{4 * megabyte},
          uint64_t{4 * megabyte + 1}, uint64_t{8 * megabyte}, uint64_t{11 * megabyte + 7}}) {
        uint64_t seen = 0;
        uint64_t wrong = 0;
        const auto taken = read_in_chunks(PatternSource(size), [&](auto chunk) -> Result<void> {
            for (const std::byte byte : chunk) wrong += byte != PatternSource::at(seen++);
            return {};
        });
        EXPECT_TRUE(taken.has_value()) << size;
        EXPECT_EQ(seen, size);
        EXPECT_EQ(wrong, 0u) << size;
    }
}

TEST(ReadInChunks, stops_at_the_first_read_that_fails) {
    uint64_t seen = 0;
    const auto taken =
        read_in_chunks(PatternSource(16 * megabyte, 9 * megabyte), [&](auto chunk) -> Result<void> {
            seen += chunk.size();
            return {};
        });
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().message, "bad sector");
    EXPECT_EQ(seen, 9 * megabyte);
}

TEST(ReadInChunks, stops_when_the_taker_fails_while_the_next_chunk_is_being_read) {
    int calls = 0;
    const auto taken = read_in_chunks(PatternSource(16 * megabyte), [&](auto) -> Result<void> {
        ++calls;
        return make_error(SKL_E_CANCELLED, "enough");
    });
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().code, SKL_E_CANCELLED);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace skillet
