// SPDX-License-Identifier: Apache-2.0
#include "package/package.h"

#include <algorithm>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr Code invalid = SKL_E_MANIFEST_INVALID;

// The documents whose `subject` is this package, among the manifests of the index.
Result<std::vector<AttachedDocument>> find_documents(const BlobSource &source,
                                                     const Descriptor &package) {
    std::vector<AttachedDocument> documents;
    SKL_TRY_ASSIGN(index, source.index());
    for (const Descriptor &entry : index.manifests) {
        if (entry.artifact_type != media::calibration && entry.artifact_type != media::evidence) {
            continue;
        }
        const std::string_view about = entry.annotation(annotation_subject);
        if (!about.empty() && about != package.digest.to_string()) continue;
        SKL_TRY_ASSIGN(text, read_document(source, entry));
        SKL_TRY_ASSIGN(manifest, OciManifest::parse(text));
        if (!manifest.subject || manifest.subject->digest != package.digest) continue;
        const Descriptor *content = manifest.layer(entry.artifact_type);
        if (content == nullptr) {
            return make_error(invalid, "an attached document needs one layer of its own type",
                              entry.digest.to_string());
        }
        const Descriptor layer = *content;
        documents.push_back({entry, std::move(manifest), layer, false});
    }
    return documents;
}

bool is_about(const Package &package, const Digest &artifact, const Digest &contract) {
    return artifact == package.skill.artifact_digest &&
           contract == package.skill.contract.core_digest();
}

// A document counts only for the artifact and contract that it names.
Result<void> apply_document(Package &package, AttachedDocument &document, std::string_view text) {
    if (document.content.media_type == media::evidence) {
        SKL_TRY_ASSIGN(evidence, Evidence::parse(text));
        document.bound = is_about(package, evidence.artifact, evidence.contract);
        if (document.bound) package.evidence.push_back(std::move(evidence));
        return {};
    }
    SKL_TRY_ASSIGN(calibration, Calibration::parse(text));
    document.bound = is_about(package, calibration.artifact, calibration.contract);
    if (!document.bound) {
        package.foreign_calibration = std::move(calibration);
        return {};
    }
    // Of two, which one counts would depend on the order of the index.
    if (package.calibration) {
        return make_error(invalid, "a second calibration of this model under this contract",
                          document.content.digest.to_string());
    }
    package.calibration = std::move(calibration);
    return {};
}

Result<void> apply_documents(const BlobSource &source, Package &package) {
    if (package.documents.size() > attached_documents_max) {
        return make_error(invalid,
                          fmt::format("{} documents are attached, at most {} are read",
                                      package.documents.size(), attached_documents_max),
                          "index.json");
    }
    for (AttachedDocument &document : package.documents) {
        SKL_TRY_ASSIGN(text, read_document(source, document.content));
        SKL_TRY(apply_document(package, document, text));
    }
    return {};
}

Result<const Descriptor *> only_layer(const OciManifest &manifest, std::string_view media_type) {
    const Descriptor *layer = manifest.layer(media_type);
    if (layer == nullptr) {
        return make_error(invalid, fmt::format("needs exactly one layer of type {}", media_type),
                          "/layers", "pack it with `skillet pack`");
    }
    return layer;
}

// What the OCI manifest says about the skill must be what skill.json says.
Result<void> check_agreement(const OciManifest &manifest, const Skill &skill,
                             const Descriptor &artifact) {
    const bool same_model = artifact.digest == skill.artifact_digest;
    if (!same_model || artifact.size != skill.artifact_bytes) {
        return make_error(invalid,
                          fmt::format("names the model {} of {} bytes, but the package holds {} of "
                                      "{} bytes",
                                      skill.artifact_digest.to_string(), skill.artifact_bytes,
                                      artifact.digest.to_string(), artifact.size),
                          same_model ? "/artifact/bytes" : "/artifact/digest");
    }
    struct Claim {
        std::string_view annotation;
        const char *member;
        const std::string &text;
    };
    for (const Claim &claim : {Claim{annotation_version, "/version", skill.version.text()},
                               Claim{annotation_licenses, "/license", skill.license}}) {
        const auto found = manifest.annotations.find(claim.annotation);
        if (found == manifest.annotations.end() || found->second == claim.text) continue;
        return make_error(invalid,
                          fmt::format("the manifest says \"{}\", skill.json says \"{}\"",
                                      found->second, claim.text),
                          claim.member);
    }
    return {};
}

}  // namespace

std::vector<Descriptor> Package::blobs() const {
    std::vector<Descriptor> all;
    const auto add = [&all](const Descriptor &blob) {
        const auto same = [&](const Descriptor &other) { return other.digest == blob.digest; };
        if (std::none_of(all.begin(), all.end(), same)) all.push_back(blob);
    };
    const auto add_manifest = [&add](const Descriptor &own, const OciManifest &content) {
        add(own);
        add(content.config);
        for (const Descriptor &layer : content.layers) add(layer);
    };
    add_manifest(descriptor, manifest);
    for (const AttachedDocument &document : documents) {
        add_manifest(document.descriptor, document.manifest);
    }
    return all;
}

uint64_t Package::total_bytes() const {
    uint64_t bytes = 0;
    for (const Descriptor &blob : blobs()) bytes += blob.size;
    return bytes;
}

EvidenceStatus Package::evidence_status() const { return skillet::evidence_status(evidence); }

std::string blob_name(const Descriptor &blob) {
    if (const std::string_view path = blob.annotation(annotation_filepath); !path.empty()) {
        return std::string(path);
    }
    if (blob.media_type == media::manifest) return "manifest";
    if (blob.media_type == media::calibration) return "calibration";
    if (blob.media_type == media::evidence) return "evidence";
    return "config";
}

std::vector<Descriptor> packages_of(const OciIndex &index) {
    std::vector<Descriptor> packages;
    std::copy_if(index.manifests.begin(), index.manifests.end(), std::back_inserter(packages),
                 [](const Descriptor &entry) { return entry.artifact_type == media::model; });
    return packages;
}

Result<Descriptor> only_package(const BlobSource &source) {
    SKL_TRY_ASSIGN(index, source.index());
    std::vector<Descriptor> packages = packages_of(index);
    if (packages.size() != 1) {
        return make_error(invalid,
                          fmt::format("holds {} packages where one is needed", packages.size()),
                          "index.json", "pack one skill per file");
    }
    return std::move(packages.front());
}

Result<Descriptor> package_named(const BlobSource &source, std::string_view name) {
    SKL_TRY_ASSIGN(index, source.index());
    const std::vector<Descriptor> packages = packages_of(index);
    if (name.empty() && packages.size() < 2) return only_package(source);
    std::string names;
    const Descriptor *found = nullptr;
    bool several = false;
    for (const Descriptor &package : packages) {
        const std::string_view own = package.annotation(annotation_ref_name);
        names += names.empty() ? "" : ", ";
        names += own.empty() ? package.digest.to_string() : std::string(own);
        if (own != name && package.digest.to_string() != name) continue;
        several = found != nullptr && found->digest != package.digest;
        found = &package;
    }
    if (found != nullptr && !several && !name.empty()) return *found;
    const std::string hint = names.empty() ? "" : "name one of: " + names;
    if (several) return make_error(invalid, "the name stands for several packages", "index.json");
    if (!name.empty()) {
        return make_error(SKL_E_NOT_FOUND, "no package of that name", std::string(name), hint);
    }
    return make_error(invalid,
                      fmt::format("holds {} packages where one is needed", packages.size()),
                      "index.json", hint);
}

Result<Package> read_package(const BlobSource &source, const Descriptor &descriptor) {
    SKL_TRY_ASSIGN(text, read_document(source, descriptor));
    SKL_TRY_ASSIGN(manifest, OciManifest::parse(text));
    if (manifest.artifact_type != media::model) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "the manifest describes no model package",
                          "/artifactType");
    }
    SKL_TRY_ASSIGN(skill_layer, only_layer(manifest, media::skill));
    SKL_TRY_ASSIGN(weight_layer, only_layer(manifest, media::weight));
    SKL_TRY_ASSIGN(skill_text, read_document(source, *skill_layer));
    SKL_TRY_ASSIGN(skill, Skill::parse(skill_text));
    SKL_TRY(check_agreement(manifest, skill, *weight_layer));
    SKL_TRY_ASSIGN(documents, find_documents(source, descriptor));

    const Descriptor artifact = *weight_layer;
    Package package{descriptor, std::move(manifest), std::move(skill), artifact, {},
                    {},         std::move(documents)};
    SKL_TRY(apply_documents(source, package));
    return package;
}

}  // namespace skillet
