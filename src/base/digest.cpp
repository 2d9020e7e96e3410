// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <new>

#include <openssl/evp.h>

namespace skillet {
namespace {

constexpr std::string_view prefix = "sha256:";
constexpr std::string_view digits = "0123456789abcdef";

// The value of a lowercase hex digit, or -1.
int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    return -1;
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
    const auto refuse = [text] {
        return make_error(SKL_E_INVALID_ARGUMENT, "not a digest", std::string(text.substr(0, 100)),
                          "a digest is \"sha256:\" and 64 lowercase hex digits");
    };
    if (!text.starts_with(prefix) || text.size() != prefix.size() + 2 * size_bytes) return refuse();
    text.remove_prefix(prefix.size());
    Bytes bytes;
    for (size_t i = 0; i < size_bytes; ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return refuse();
        bytes[i] = static_cast<uint8_t>(high * 16 + low);
    }
    return Digest(bytes);
}

std::string Digest::hex() const {
    std::string text;
    text.reserve(2 * size_bytes);
    for (const uint8_t byte : bytes_) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

std::string Digest::to_string() const { return std::string(prefix) + hex(); }

void Sha256::Free::operator()(evp_md_ctx_st *context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    // OpenSSL fails here only for want of memory.
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
        throw std::bad_alloc();  // tidy: allow-throw
    }
}

Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

Digest Sha256::finish() {
    Digest::Bytes bytes;
    EVP_DigestFinal_ex(context_.get(), bytes.data(), nullptr);
    return Digest(bytes);
}

Digest sha256(std::string_view text) {
    Sha256 hash;
    hash.update(text);
    return hash.finish();
}

}  // namespace skillet
