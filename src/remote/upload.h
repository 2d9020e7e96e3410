// SPDX-License-Identifier: Apache-2.0
// Writing to a repository: blobs, manifests, and the list of a manifest's referrers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "remote/fetch.h"
#include "remote/session.h"
#include "store/oci.h"

namespace skillet {

[[nodiscard]] Result<bool> has_blob(RemoteSession &session, const Digest &digest);

// In one request if it is small, else piece by piece: after a break it goes on where the registry
// says that it is, or begins anew if the registry has forgotten.
[[nodiscard]] Result<void> upload_blob(RemoteSession &session, const Descriptor &descriptor,
                                       const ByteSource &bytes, const Advance &advance);

// Puts these very bytes under a tag or under their digest. Whether the registry keeps the list of
// the subject's referrers itself; true without a subject.
[[nodiscard]] Result<bool> upload_manifest(RemoteSession &session, const std::string &selector,
                                           std::string_view text);

// Adds the manifests to the tagged index of the subject's referrers; nothing else in it changes.
[[nodiscard]] Result<void> tag_referrers(RemoteSession &session, const Digest &subject,
                                         const std::vector<Descriptor> &referrers);

}  // namespace skillet
