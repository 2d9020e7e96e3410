// SPDX-License-Identifier: Apache-2.0
// A whole package, read from a store or an archive: its documents, each against its digest.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"
#include "manifest/calibration.h"
#include "manifest/evidence.h"
#include "manifest/skill.h"
#include "store/blob_source.h"

namespace skillet {

// Annotation on a document's index entry: the package that its manifest is about. It spares readers
// of other packages that manifest, and the damage it may have; without it, they have to look.
inline constexpr std::string_view annotation_subject = "org.skillet.subject";

// A document about a package (an OCI referrer) and the manifest that carries it.
struct AttachedDocument {
    Descriptor descriptor;
    OciManifest manifest;
    Descriptor content;  // the layer that holds the document
    // Whether it is about this artifact under this contract; if not, it counts for nothing.
    bool bound = false;
};

// Most documents that may be attached to one package.
inline constexpr size_t attached_documents_max = 64;

// Immutable after read_package.
struct Package {
    Descriptor descriptor;  // its digest is the package's identity
    OciManifest manifest;
    Skill skill;
    Descriptor artifact;                      // the layer that holds the model
    std::optional<Calibration> calibration;   // only if bound to this artifact and contract
    std::vector<Evidence> evidence;           // likewise, in the order of the index
    std::vector<AttachedDocument> documents;  // all, those about other bytes too
    // One that is attached and bound to something else: it counts for nothing, but tells why there
    // is no confidence.
    std::optional<Calibration> foreign_calibration = {};

    // Every blob it consists of, the manifest first; no digest twice.
    [[nodiscard]] std::vector<Descriptor> blobs() const;
    [[nodiscard]] uint64_t total_bytes() const;
    // Computed from `evidence`, never written down. It takes for granted that the package verifies.
    [[nodiscard]] EvidenceStatus evidence_status() const;
};

// What to call a blob in a report: its file name, or what kind of document it is.
[[nodiscard]] std::string blob_name(const Descriptor &blob);

// The package manifests that an index lists (not their referrers).
[[nodiscard]] std::vector<Descriptor> packages_of(const OciIndex &index);

// The only package of an archive; SKL_E_MANIFEST_INVALID if there is none or several.
[[nodiscard]] Result<Descriptor> only_package(const BlobSource &source);

// The package that the index calls by this name or digest; without a name, the only one.
// SKL_E_NOT_FOUND with the names that there are.
[[nodiscard]] Result<Descriptor> package_named(const BlobSource &source, std::string_view name);

// Reads and checks the documents: manifest, skill.json and what is attached, each against its
// digest. The model is not opened.
[[nodiscard]] Result<Package> read_package(const BlobSource &source, const Descriptor &manifest);

}  // namespace skillet
