// SPDX-License-Identifier: Apache-2.0
// Implementation: SipHash-1-3 (Aumasson and Bernstein), which was made for this. The hashes are
// sorted in pieces that fit into the first-level cache: a table would miss it at every token.
#include "gguf/token_hashes.h"

#include <algorithm>
#include <array>
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

constexpr uint64_t number_mask = TokenHashes::tokens_max - 1;
// Equal hashes of different tokens are rarer than one a file.
constexpr size_t pairs_max = 16;
constexpr uint32_t bucket_bits = 11;

// The bits of a hash are evenly spread, and so are the buckets.
void sort_by_buckets(std::vector<uint64_t> &entries) {
    constexpr size_t buckets = size_t{1} << bucket_bits;
    const auto bucket_of = [](uint64_t entry) { return entry >> (64 - bucket_bits); };
    std::array<size_t, buckets + 1> ends{};
    for (const uint64_t entry : entries) ++ends[bucket_of(entry) + 1];
    for (size_t i = 0; i < buckets; ++i) ends[i + 1] += ends[i];
    // From where each bucket begins, it grows to where the next one does.
    std::vector<uint64_t> sorted(entries.size());
    for (const uint64_t entry : entries) sorted[ends[bucket_of(entry)]++] = entry;
    size_t begin = 0;
    for (size_t i = 0; i < buckets; ++i) {
        std::sort(sorted.data() + begin, sorted.data() + ends[i]);
        begin = ends[i];
    }
    entries = std::move(sorted);
}

uint64_t random_word() {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
}

}  // namespace

TokenHashes::TokenHashes(uint64_t tokens) : key_{random_word(), random_word()} {
    assert(tokens <= tokens_max);
    entries_.reserve(static_cast<size_t>(tokens));
}

uint64_t TokenHashes::hash(std::string_view text) const {
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

void TokenHashes::add(std::string_view token) {
    assert(entries_.size() < tokens_max);
    entries_.push_back((hash(token) & ~number_mask) | entries_.size());
}

std::vector<std::pair<uint32_t, uint32_t>> TokenHashes::lookalikes() {
    sort_by_buckets(entries_);
    std::vector<std::pair<uint32_t, uint32_t>> pairs;
    for (size_t first = 0; first < entries_.size(); ++first) {
        for (size_t other = first + 1; other < entries_.size(); ++other) {
            if (((entries_[first] ^ entries_[other]) & ~number_mask) != 0) break;
            pairs.emplace_back(static_cast<uint32_t>(entries_[first] & number_mask),
                               static_cast<uint32_t>(entries_[other] & number_mask));
            if (pairs.size() == pairs_max) return pairs;
        }
    }
    return pairs;
}

}  // namespace skillet::gguf
