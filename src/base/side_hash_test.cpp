// SPDX-License-Identifier: Apache-2.0
#include "base/side_hash.h"

#include <gtest/gtest.h>

#include <new>
#include <string>

namespace skillet {
namespace {

constexpr size_t many_bytes = 8u << 20;

std::string pattern(size_t bytes) {
    std::string text(bytes, ' ');
    for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 2654435761u >> 24);
    return text;
}

TEST(SideHash, gives_the_hash_of_all_chunks_in_order_while_each_is_used) {
    for (const size_t bytes : {size_t{0}, size_t{1}, size_t{100'000}, many_bytes + 7}) {
        const std::string text = pattern(bytes);
        SideHash hash(bytes);
        std::string copy;
        for (size_t at = 0; at < bytes; at += 65'536) {
            const std::string_view part = std::string_view(text).substr(at, 65'536);
            ASSERT_TRUE(hash.update(std::as_bytes(std::span(part)), [&]() -> Result<void> {
                copy += part;
                return {};
            }));
        }
        EXPECT_EQ(hash.finish(), sha256(text)) << bytes;
        EXPECT_EQ(copy, text);
    }
}

TEST(SideHash, gives_back_what_the_other_work_returned) {
    const std::string text = pattern(65'536);
    SideHash hash(many_bytes);
    const auto failed = hash.update(std::as_bytes(std::span(text)), []() -> Result<void> {
        return make_error(SKL_E_IO, "the disk is full");
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "the disk is full");
}

TEST(SideHash, reads_no_chunk_any_more_when_the_other_work_throws) {
    SideHash hash(many_bytes);
    for (int round = 0; round < 50; ++round) {
        const std::string text = pattern(1u << 20);  // gone after the round
        EXPECT_THROW((void)hash.update(std::as_bytes(std::span(text)),
                                       []() -> Result<void> { throw std::bad_alloc(); }),
                     std::bad_alloc);
    }
}

TEST(SideHash, ends_with_nothing_to_do) { const SideHash hash(many_bytes); }

}  // namespace
}  // namespace skillet
