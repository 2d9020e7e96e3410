// SPDX-License-Identifier: Apache-2.0
#include "gguf/token_hashes.h"

#include <string>

#include <gtest/gtest.h>

namespace skillet::gguf {
namespace {

TEST(TokenHashes, find_the_one_token_that_occurs_twice_among_many) {
    constexpr uint32_t count = 50'000;
    for (const uint32_t earlier : {0u, 7u, count - 2}) {
        TokenHashes hashes(count);
        for (uint32_t id = 0; id < count - 1; ++id) hashes.add("token " + std::to_string(id));
        hashes.add("token " + std::to_string(earlier));
        bool found = false;
        for (const auto &[one, other] : hashes.lookalikes())
            found = found || (one == earlier && other == count - 1);
        EXPECT_TRUE(found);
    }
}

TEST(TokenHashes, end_soon_where_all_tokens_are_the_same) {
    TokenHashes hashes(TokenHashes::tokens_max);
    for (uint64_t i = 0; i < TokenHashes::tokens_max; ++i) hashes.add("a");
    EXPECT_EQ(hashes.lookalikes().size(), 16u);
}

TEST(TokenHashes, tell_texts_apart_that_differ_in_length_alone) {
    TokenHashes hashes(20);
    std::string text;
    for (int i = 0; i < 20; ++i, text += '\0') hashes.add(text);
    EXPECT_TRUE(hashes.lookalikes().empty());
}

}  // namespace
}  // namespace skillet::gguf
