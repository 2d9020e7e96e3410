// SPDX-License-Identifier: Apache-2.0
// The OCI documents of a package: descriptors, image manifests and the index.
//
// Formats: OCI image-spec 1.1 (manifest, index, layout) and ModelPack (media types, annotations).
// Reading is strict about what we use and ignores unknown members and annotations, as OCI asks;
// writing gives canonical JSON, so that equal packages have equal digests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace skillet {

namespace media {
inline constexpr std::string_view manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view empty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view model = "application/vnd.cncf.model.manifest.v1+json";
inline constexpr std::string_view model_config = "application/vnd.cncf.model.config.v1+json";
inline constexpr std::string_view weight = "application/vnd.cncf.model.weight.v1.raw";
inline constexpr std::string_view doc = "application/vnd.cncf.model.doc.v1.raw";
inline constexpr std::string_view skill = "application/vnd.skillet.skill.v1+json";
inline constexpr std::string_view calibration = "application/vnd.skillet.calibration.v1+json";
inline constexpr std::string_view evidence = "application/vnd.skillet.evidence.v1+json";
}  // namespace media

// Annotation that names a layer's file inside the package (ModelPack).
inline constexpr std::string_view annotation_filepath = "org.cncf.model.filepath";
// Annotations on a package's manifest and on its index entry.
inline constexpr std::string_view annotation_ref_name = "org.opencontainers.image.ref.name";
inline constexpr std::string_view annotation_version = "org.opencontainers.image.version";
inline constexpr std::string_view annotation_licenses = "org.opencontainers.image.licenses";
inline constexpr std::string_view annotation_title = "org.opencontainers.image.title";

using Annotations = std::map<std::string, std::string, std::less<>>;

struct Descriptor {
    std::string media_type;
    Digest digest;
    uint64_t size = 0;
    std::string artifact_type;  // empty: none
    Annotations annotations;

    // The annotation's value, or empty.
    [[nodiscard]] std::string_view annotation(std::string_view name) const;
};

struct OciManifest {
    std::string artifact_type;
    Descriptor config;
    std::vector<Descriptor> layers;
    std::optional<Descriptor> subject;
    Annotations annotations;

    // SKL_E_MANIFEST_INVALID with a JSON pointer, for anything this cannot be read from.
    static Result<OciManifest> parse(std::string_view text);
    [[nodiscard]] std::string to_json() const;  // canonical
    // The only layer of that media type; null if there is none or more than one.
    [[nodiscard]] const Descriptor *layer(std::string_view media_type) const;
};

struct OciIndex {
    std::vector<Descriptor> manifests;
    static Result<OciIndex> parse(std::string_view text);
    [[nodiscard]] std::string to_json() const;  // canonical
};

// The content of the file `oci-layout`.
inline constexpr std::string_view oci_layout_text = R"({"imageLayoutVersion":"1.0.0"})";

// Checks the content of somebody's `oci-layout`: SKL_E_FORMAT_UNSUPPORTED for another version.
[[nodiscard]] Result<void> check_oci_layout(std::string_view text);

// Most layers of a manifest.
inline constexpr size_t layers_max = 1024;
// Most entries of an index. The store's index lists every package of a root, hence more.
inline constexpr size_t index_manifests_max = 8192;

// Most bytes a manifest, an index or skill.json may have (OCI asks for at least 4 MiB).
inline constexpr uint64_t document_bytes_max = 4u << 20;

}  // namespace skillet
