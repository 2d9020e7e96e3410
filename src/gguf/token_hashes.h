// SPDX-License-Identifier: Apache-2.0
// Finds tokens that occur twice without keeping their texts: a vocabulary may have a million of
// them with a thousand bytes each.
//
// Keeps 44 bits of a keyed hash per token. Whoever writes the file does not know the key, so that
// no choice of tokens makes this slow; tokens whose bits are equal are for the caller to compare.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace skillet::gguf {

class TokenHashes {
public:
    static constexpr uint64_t tokens_max = uint64_t{1} << 20;

    // With a key that nobody knows.
    // REQUIRES: tokens <= tokens_max.
    explicit TokenHashes(uint64_t tokens);

    // Tokens are numbered as they are added.
    void add(std::string_view token);

    // Pairs of tokens that look the same and very likely are: all of them, but for more than a few.
    // REQUIRES: called once, in the end.
    [[nodiscard]] std::vector<std::pair<uint32_t, uint32_t>> lookalikes();

private:
    [[nodiscard]] uint64_t hash(std::string_view text) const;

    uint64_t key_[2];
    std::vector<uint64_t> entries_;  // bits of the hash above the number of the token
};

}  // namespace skillet::gguf
