// SPDX-License-Identifier: Apache-2.0
// A .skill archive as somebody may have made it, right or wrong.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "store/archive.h"
#include "store/oci.h"
#include "testing/describe.h"
#include "testing/made.h"

namespace skillet::testing {

// An archive made by hand, blob by blob. A copy shares the texts of what it was copied from.
class ArchiveDraft {
public:
    Descriptor add(std::string_view media_type, const std::string &text) {
        texts_.emplace_back(text, "blob");
        blobs_.push_back({sha256(text), &texts_.back()});
        return testing::describe(text, media_type);
    }
    // A package's manifest around these blobs.
    OciManifest manifest(const std::string &model, const std::string &skill) {
        OciManifest manifest;
        manifest.artifact_type = media::model;
        manifest.config = add(media::model_config, "{}");
        manifest.layers = {add(media::weight, model), add(media::skill, skill)};
        return manifest;
    }
    // Adds the manifest and its entry in the index.
    Descriptor list(const OciManifest &manifest) {
        Descriptor entry = add(media::manifest, manifest.to_json());
        entry.artifact_type = manifest.artifact_type;
        index.manifests.push_back(entry);
        return entry;
    }
    Descriptor attach(std::string_view type, const std::string &text, const Descriptor &package) {
        OciManifest referrer;
        referrer.artifact_type = type;
        referrer.config = add(media::empty, "{}");
        referrer.layers = {add(type, text)};
        referrer.subject = package;
        return list(referrer);
    }
    void leave_out(const Digest &digest) {
        std::erase_if(blobs_, [&](const ArchiveBlob &blob) { return blob.digest == digest; });
    }
    Archive write(const std::string &path) const {
        auto files = posix_file_system();
        if (!write_archive(*files, path, index, blobs_)) throw std::runtime_error("not written");
        return made(Archive::open(made(FileSlice::open(path))));
    }

    OciIndex index;

private:
    std::deque<MemorySource> texts_;
    std::vector<ArchiveBlob> blobs_;
};

}  // namespace skillet::testing
