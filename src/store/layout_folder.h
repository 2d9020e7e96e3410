// SPDX-License-Identifier: Apache-2.0
// A folder with an OCI image layout that somebody else made: skopeo, umoci, another root's store.
//
// Names come from a fixed list: `oci-layout`, `index.json` and `blobs/sha256/HEX`; nothing else is
// looked at. Links are followed nowhere below the folder, and what is no plain file is refused.
#pragma once

#include <memory>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"
#include "store/blob_source.h"

namespace skillet {

class LayoutFolder final : public BlobSource {
public:
    // Reads oci-layout and index.json, and the manifests whose kind the index does not tell.
    // SKL_E_FORMAT_UNSUPPORTED if it is no such folder, SKL_E_MANIFEST_INVALID if it is a damaged
    // or hostile one.
    static Result<LayoutFolder> open(const std::string &path);

    [[nodiscard]] Result<OciIndex> index() const override { return index_; }
    [[nodiscard]] Result<FileSlice> open(const Digest &digest) const override;

private:
    LayoutFolder(std::string path, UniqueFd blobs)
        : path_(std::move(path)), blobs_(std::make_shared<const UniqueFd>(std::move(blobs))) {}
    Result<void> complete_index();

    std::string path_;
    std::shared_ptr<const UniqueFd> blobs_;  // the folder blobs/sha256
    OciIndex index_;
};

// A .skill file, or the folder of a layout.
[[nodiscard]] Result<std::unique_ptr<const BlobSource>> open_source(const std::string &path);

}  // namespace skillet
