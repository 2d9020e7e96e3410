// SPDX-License-Identifier: Apache-2.0
// Reading from a repository: manifests, documents, referrers and blobs, each against its digest.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "remote/session.h"
#include "store/oci.h"
#include "store/partial_blob.h"

namespace skillet {

struct RemoteManifest {
    Descriptor descriptor;
    std::string text;
};

// The manifest of a tag or a digest. SKL_E_NOT_FOUND if there is none; SKL_E_FORMAT_UNSUPPORTED for
// an index of several.
[[nodiscard]] Result<RemoteManifest> fetch_manifest(RemoteSession &session,
                                                    const std::string &selector);

// A small blob, whole.
[[nodiscard]] Result<std::string> fetch_document(RemoteSession &session,
                                                 const Descriptor &descriptor);

// The manifests that are about this one, as the referrers API lists them, or the tagged index of
// registries that lack it; at most `most` of those types.
[[nodiscard]] Result<std::vector<Descriptor>> fetch_referrers(
    RemoteSession &session, const Digest &subject, const std::vector<std::string_view> &types,
    size_t most);

// Hears of bytes that came or went; an error ends the transfer.
using Advance = std::function<Result<void>(uint64_t bytes)>;

// What is missing of the blob, however often the connection breaks; ends with blob.finish().
[[nodiscard]] Result<void> fetch_blob(RemoteSession &session, PartialBlob &blob,
                                      const Advance &advance);

}  // namespace skillet
