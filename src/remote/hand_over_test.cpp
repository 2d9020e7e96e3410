// SPDX-License-Identifier: Apache-2.0
#include "remote/hand_over.h"

#include <string>

#include <gtest/gtest.h>

namespace skillet {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

TEST(HandOver, gives_every_byte_in_order) {
    std::string taken;
    HandOver over([&](std::span<const std::byte> piece) {
        for (const std::byte byte : piece) taken += static_cast<char>(byte);
        return Result<void>();
    });
    std::string given;
    for (int i = 0; i < 1000; ++i) {
        const std::string piece = std::to_string(i) + std::string(static_cast<size_t>(i) * 7, ',');
        given += piece;
        ASSERT_TRUE(over.put(bytes_of(piece)));
        if (i % 100 == 0) {
            ASSERT_TRUE(over.drain());
            EXPECT_EQ(taken, given);
        }
    }
    ASSERT_TRUE(over.drain());
    EXPECT_EQ(taken, given);
}

TEST(HandOver, takes_nothing_after_a_failure_and_says_which_it_was) {
    int pieces = 0;
    HandOver over([&](std::span<const std::byte>) {
        return ++pieces < 3 ? Result<void>() : Result<void>(make_error(SKL_E_IO, "full"));
    });
    Result<void> put;
    const std::string large(1u << 20, 'a');
    for (int i = 0; i < 100 && put; ++i) put = over.put(bytes_of(large));
    EXPECT_EQ(put.error().message, "full");
    EXPECT_EQ(over.drain().error().message, "full");
    EXPECT_EQ(over.put(bytes_of(large)).error().message, "full");
    EXPECT_EQ(pieces, 3);
}

TEST(HandOver, ends_with_pieces_left) {
    HandOver over([](std::span<const std::byte>) { return Result<void>(); });
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(over.put(bytes_of("a")));
}

}  // namespace
}  // namespace skillet
