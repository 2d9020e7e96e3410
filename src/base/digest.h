// SPDX-License-Identifier: Apache-2.0
// SHA-256 digests: the one digest type of the code base.
//
// Text form: "sha256:" and exactly 64 lowercase hex digits. File names are built from the
// 32 bytes (hex()), never from text that came from outside.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_md_ctx_st;

namespace skillet {

class Digest {
public:
    static constexpr size_t size_bytes = 32;
    using Bytes = std::array<uint8_t, size_bytes>;

    Digest() = default;  // all zero; the digest of nothing we know
    explicit Digest(const Bytes &bytes) : bytes_(bytes) {}

    // Accepts the text form only.
    static Result<Digest> parse(std::string_view text);

    [[nodiscard]] const Bytes &bytes() const { return bytes_; }
    [[nodiscard]] std::string hex() const;        // 64 digits
    [[nodiscard]] std::string to_string() const;  // "sha256:" + hex()

    auto operator<=>(const Digest &) const = default;

private:
    Bytes bytes_{};
};

// Incremental SHA-256 (OpenSSL EVP, which uses SHA-NI where the processor has it).
// Not copyable; one thread at a time.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256 &) = delete;
    Sha256 &operator=(const Sha256 &) = delete;

    void update(std::span<const std::byte> bytes);
    void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
    // REQUIRES: not called before on this object.
    [[nodiscard]] Digest finish();

private:
    struct Free {
        void operator()(evp_md_ctx_st *context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

[[nodiscard]] Digest sha256(std::string_view text);

}  // namespace skillet
