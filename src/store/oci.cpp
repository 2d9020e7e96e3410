// SPDX-License-Identifier: Apache-2.0
#include "store/oci.h"

#include <fmt/format.h>

#include "json/members.h"
#include "json/parse.h"
#include "json/value.h"
#include "json/write.h"

namespace skillet {
namespace {

using json::MemberReader;
using json::Value;

// Sizes stay exact in the double-precision numbers that other JSON readers use.
constexpr int64_t blob_bytes_max = int64_t{1} << 53;

Result<Annotations> read_annotations(MemberReader &reader) {
    Annotations annotations;
    const Value *value = reader.optional("annotations");
    if (value == nullptr) return annotations;
    const json::Object *object = value->object();
    if (object == nullptr) {
        return reader.refuse("annotations",
                             fmt::format("expected an object, found {}", value->type_name()));
    }
    for (const auto &[name, item] : *object) {
        if (item.string() == nullptr) {
            return make_error(SKL_E_MANIFEST_INVALID,
                              fmt::format("an annotation is a string, not {}", item.type_name()),
                              json::pointer_join(reader.pointer("annotations"), name));
        }
        annotations.emplace(name, *item.string());
    }
    return annotations;
}

Result<Descriptor> read_descriptor(const Value &value, std::string pointer) {
    MemberReader reader(value, std::move(pointer), SKL_E_MANIFEST_INVALID);
    Descriptor descriptor;
    SKL_TRY_ASSIGN(media_type, reader.string("mediaType"));
    if (media_type.empty()) return reader.refuse("mediaType", "a media type cannot be empty");
    SKL_TRY_ASSIGN(digest_text, reader.string("digest"));
    const auto digest = Digest::parse(digest_text);
    if (!digest) {
        return reader.refuse("digest", "not \"sha256:\" and 64 lowercase hex digits");
    }
    SKL_TRY_ASSIGN(size, reader.integer("size", 0, blob_bytes_max));
    SKL_TRY_ASSIGN(artifact_type, reader.string_or("artifactType", ""));
    SKL_TRY_ASSIGN(annotations, read_annotations(reader));
    descriptor.media_type = std::move(media_type);
    descriptor.digest = *digest;
    descriptor.size = static_cast<uint64_t>(size);
    descriptor.artifact_type = std::move(artifact_type);
    descriptor.annotations = std::move(annotations);
    return descriptor;
}

Result<std::vector<Descriptor>> read_descriptors(MemberReader &reader, std::string_view name,
                                                 size_t max) {
    SKL_TRY_ASSIGN(items, reader.array(name));
    if (items->size() > max) {
        return reader.refuse(name,
                             fmt::format("{} entries, at most {} are read", items->size(), max));
    }
    std::vector<Descriptor> descriptors;
    descriptors.reserve(items->size());
    for (const Value &item : *items) {
        const std::string pointer =
            json::pointer_join(reader.pointer(name), std::to_string(descriptors.size()));
        SKL_TRY_ASSIGN(descriptor, read_descriptor(item, pointer));
        descriptors.push_back(std::move(descriptor));
    }
    return descriptors;
}

// The head that manifests and indexes share.
Result<void> check_kind(MemberReader &reader, std::string_view media_type) {
    SKL_TRY(reader.integer("schemaVersion", 2, 2));
    SKL_TRY_ASSIGN(found, reader.string_or("mediaType", media_type));
    if (found == media_type) return {};
    return reader.refuse("mediaType", fmt::format("expected \"{}\"", media_type));
}

Value to_value(const Annotations &annotations) {
    json::Object object;
    for (const auto &[name, text] : annotations) object.append(name, text);
    return object;
}

Value to_value(const Descriptor &descriptor) {
    json::Object object{{"mediaType", descriptor.media_type},
                        {"digest", descriptor.digest.to_string()},
                        {"size", descriptor.size}};
    if (!descriptor.artifact_type.empty()) object.append("artifactType", descriptor.artifact_type);
    if (!descriptor.annotations.empty()) {
        object.append("annotations", to_value(descriptor.annotations));
    }
    return object;
}

Value to_value(const std::vector<Descriptor> &descriptors) {
    json::Array array;
    array.reserve(descriptors.size());
    for (const Descriptor &descriptor : descriptors) array.push_back(to_value(descriptor));
    return array;
}

}  // namespace

std::string_view Descriptor::annotation(std::string_view name) const {
    const auto found = annotations.find(name);
    return found != annotations.end() ? std::string_view(found->second) : std::string_view();
}

Result<OciManifest> OciManifest::parse(std::string_view text) {
    SKL_TRY_ASSIGN(document, json::parse(text, SKL_E_MANIFEST_INVALID, "", {document_bytes_max}));
    MemberReader reader(document, "", SKL_E_MANIFEST_INVALID);
    OciManifest manifest;
    SKL_TRY(check_kind(reader, media::manifest));
    SKL_TRY_ASSIGN(artifact_type, reader.string_or("artifactType", ""));
    manifest.artifact_type = std::move(artifact_type);
    SKL_TRY_ASSIGN(config_value, reader.any("config"));
    SKL_TRY_ASSIGN(config, read_descriptor(*config_value, "/config"));
    manifest.config = std::move(config);
    SKL_TRY_ASSIGN(layers, read_descriptors(reader, "layers", layers_max));
    manifest.layers = std::move(layers);
    if (const Value *subject_value = reader.optional("subject")) {
        SKL_TRY_ASSIGN(subject, read_descriptor(*subject_value, "/subject"));
        manifest.subject = std::move(subject);
    }
    SKL_TRY_ASSIGN(annotations, read_annotations(reader));
    manifest.annotations = std::move(annotations);
    return manifest;
}

std::string OciManifest::to_json() const {
    json::Object object{{"schemaVersion", 2},
                        {"mediaType", media::manifest},
                        {"config", to_value(config)},
                        {"layers", to_value(layers)}};
    if (!artifact_type.empty()) object.append("artifactType", artifact_type);
    if (subject) object.append("subject", to_value(*subject));
    if (!annotations.empty()) object.append("annotations", to_value(annotations));
    return json::canonical(object);
}

const Descriptor *OciManifest::layer(std::string_view media_type) const {
    const Descriptor *found = nullptr;
    for (const Descriptor &candidate : layers) {
        if (candidate.media_type != media_type) continue;
        if (found != nullptr) return nullptr;
        found = &candidate;
    }
    return found;
}

Result<OciIndex> OciIndex::parse(std::string_view text) {
    SKL_TRY_ASSIGN(document, json::parse(text, SKL_E_MANIFEST_INVALID, "", {document_bytes_max}));
    MemberReader reader(document, "", SKL_E_MANIFEST_INVALID);
    SKL_TRY(check_kind(reader, media::index));
    SKL_TRY_ASSIGN(manifests, read_descriptors(reader, "manifests", index_manifests_max));
    return OciIndex{std::move(manifests)};
}

std::string OciIndex::to_json() const {
    return json::canonical(json::Object{
        {"schemaVersion", 2}, {"mediaType", media::index}, {"manifests", to_value(manifests)}});
}

Result<void> check_oci_layout(std::string_view text) {
    SKL_TRY_ASSIGN(document, json::parse(text, SKL_E_MANIFEST_INVALID, "oci-layout"));
    MemberReader reader(document, "", SKL_E_MANIFEST_INVALID);
    SKL_TRY_ASSIGN(version, reader.string("imageLayoutVersion"));
    if (version == "1.0.0") return {};
    return make_error(SKL_E_FORMAT_UNSUPPORTED, "the OCI image layout is not of version 1.0.0",
                      reader.pointer("imageLayoutVersion"), "use a newer build of skillet");
}

}  // namespace skillet
