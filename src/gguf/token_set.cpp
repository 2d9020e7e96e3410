// SPDX-License-Identifier: Apache-2.0
// Implementation: SipHash-1-3 (Aumasson and Bernstein), which was made for this.
#include "gguf/token_set.h"

#include <bit>
#include <cassert>
#include <cstring>
#include <random>

namespace skillet::gguf {
namespace {

struct SipState {
    uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void absorb(uint64_t word) {
        v3 ^= word;
        round();
        v0 ^= word;
    }
};

uint64_t random_word() {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
}

}  // namespace

TokenSet::TokenSet(uint64_t tokens_max)
    : key_{random_word(), random_word()},
      slots_(static_cast<size_t>(std::bit_ceil(2 * tokens_max + 1))) {}

uint64_t TokenSet::hash(std::string_view text) const {
    SipState state{key_[0] ^ 0x736f6d6570736575, key_[1] ^ 0x646f72616e646f6d,
                   key_[0] ^ 0x6c7967656e657261, key_[1] ^ 0x7465646279746573};
    uint64_t word = 0;
    size_t at = 0;
    for (; at + sizeof word <= text.size(); at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        state.absorb(word);
    }
    word = 0;
    if (at < text.size()) std::memcpy(&word, text.data() + at, text.size() - at);
    state.absorb(word ^ uint64_t{text.size()} << 56);
    state.v2 ^= 0xff;
    for (int i = 0; i < 3; ++i) state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::optional<uint32_t> TokenSet::add(std::string_view token, uint32_t id) {
    const uint64_t wanted = hash(token);
    const size_t mask = slots_.size() - 1;
    for (size_t at = wanted & mask;; at = (at + 1) & mask) {
        Slot &slot = slots_[at];
        if (slot.id_plus_one == 0) {
            slot = {wanted, id + 1};
            return std::nullopt;
        }
        if (slot.hash == wanted) return slot.id_plus_one - 1;
    }
}

}  // namespace skillet::gguf
