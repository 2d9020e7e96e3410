// SPDX-License-Identifier: Apache-2.0
// A whole package, read from a store or an archive, and the verification of every claim it makes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/cancel.h"
#include "base/result.h"
#include "gguf/facts.h"
#include "manifest/calibration.h"
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
};

// Immutable after read_package.
struct Package {
    Descriptor descriptor;  // its digest is the package's identity
    OciManifest manifest;
    Skill skill;
    Descriptor artifact;                     // the layer that holds the model
    std::optional<Calibration> calibration;  // only if bound to this artifact and contract
    std::optional<Digest> evidence;          // of an evaluation bound to both, likewise
    std::vector<AttachedDocument> documents;

    // Every blob it consists of, the manifest first; no digest twice.
    [[nodiscard]] std::vector<Descriptor> blobs() const;
    [[nodiscard]] uint64_t total_bytes() const;
    // "structural", or "evaluated" with evidence: computed, never written down.
    [[nodiscard]] const char *evidence_status() const;
};

// The package manifests that an index lists (not their referrers).
[[nodiscard]] std::vector<Descriptor> packages_of(const OciIndex &index);

// The only package of an archive; SKL_E_MANIFEST_INVALID if there is none or several.
[[nodiscard]] Result<Descriptor> only_package(const BlobSource &source);

// Reads and checks the documents: manifest, skill.json and what is attached, each against its
// digest. The model is not opened.
[[nodiscard]] Result<Package> read_package(const BlobSource &source, const Descriptor &manifest);

// One check of verify_package, for people to read.
struct Check {
    std::string name;
    std::string subject;
    std::string finding;
};

struct Verification {
    std::vector<Check> checks;  // those that held, in order
    gguf::Facts facts;
};

// Hashes every blob, inspects the model's bytes, recomputes every derived member and compares.
// The error of the first check that fails says which blob or member, what was claimed and observed.
[[nodiscard]] Result<Verification> verify_package(const BlobSource &source, const Package &package,
                                                  const Work &work = {});

}  // namespace skillet
