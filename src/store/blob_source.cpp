// SPDX-License-Identifier: Apache-2.0
#include "store/blob_source.h"

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr const char *mismatch_hint = "get the package again from where it came";

Result<FileSlice> open_sized(const BlobSource &source, const Descriptor &descriptor) {
    SKL_TRY_ASSIGN(blob, source.open(descriptor.digest));
    SKL_TRY(check_size(descriptor, blob.size()));
    return std::move(blob);
}

}  // namespace

Result<void> check_size(const Descriptor &expected, uint64_t found) {
    if (found == expected.size) return {};
    return make_error(
        SKL_E_DIGEST_MISMATCH,
        fmt::format("the blob has {} bytes, its descriptor says {}", found, expected.size),
        expected.digest.to_string(), mismatch_hint);
}

Result<void> check_digest(const Digest &expected, const Digest &found) {
    if (found == expected) return {};
    return make_error(SKL_E_DIGEST_MISMATCH,
                      fmt::format("the blob's bytes have the digest {}", found.to_string()),
                      expected.to_string(), mismatch_hint);
}

Result<std::string> read_document(const BlobSource &source, const Descriptor &descriptor) {
    if (descriptor.size > document_bytes_max) {
        Error error = make_error(SKL_E_MANIFEST_INVALID,
                                 fmt::format("a document of {} bytes, at most {} are read",
                                             descriptor.size, document_bytes_max),
                                 descriptor.digest.to_string());
        error.required_bytes = descriptor.size;
        error.available_bytes = document_bytes_max;
        return error;
    }
    SKL_TRY_ASSIGN(blob, open_sized(source, descriptor));
    SKL_TRY_ASSIGN(text, read_all(blob, document_bytes_max));
    SKL_TRY(check_digest(descriptor.digest, sha256(text)));
    return std::move(text);
}

Result<FileSlice> open_verified(const BlobSource &source, const Descriptor &descriptor,
                                Phase &phase) {
    SKL_TRY_ASSIGN(blob, open_sized(source, descriptor));
    SKL_TRY_ASSIGN(found, sha256(blob, phase));
    SKL_TRY(check_digest(descriptor.digest, found));
    return std::move(blob);
}

Result<FileSlice> open_verified(const BlobSource &source, const Descriptor &descriptor) {
    Phase unwatched;
    return open_verified(source, descriptor, unwatched);
}

}  // namespace skillet
