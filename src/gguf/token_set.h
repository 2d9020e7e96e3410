// SPDX-License-Identifier: Apache-2.0
// Finds tokens that occur twice without keeping their texts: a vocabulary may have a million of
// them with a thousand bytes each.
//
// Keeps a keyed 64-bit hash per token. Whoever writes the file does not know the key, so that no
// choice of tokens makes the set slow; equal hashes are for the caller to compare.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace skillet::gguf {

class TokenSet {
public:
    // With a key that nobody knows.
    explicit TokenSet(uint64_t tokens_max);

    // The ID of an earlier token with the same hash, very likely the same token; none if new.
    // REQUIRES: fewer than tokens_max were added.
    [[nodiscard]] std::optional<uint32_t> add(std::string_view token, uint32_t id);

private:
    struct Slot {
        uint64_t hash;
        uint32_t id_plus_one;  // 0: free
    };

    [[nodiscard]] uint64_t hash(std::string_view text) const;

    uint64_t key_[2];
    std::vector<Slot> slots_;  // open addressing, at most half full
};

}  // namespace skillet::gguf
