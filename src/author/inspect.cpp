// SPDX-License-Identifier: Apache-2.0
#include "author/inspect.h"

#include "author/inspect_gguf.h"
#include "store/archive.h"

namespace skillet {
namespace {

// What the documents report, and of which kind: their figures stay in them.
json::Value evidence_json(const std::vector<Evidence> &documents) {
    json::Array list;
    for (const Evidence &document : documents) {
        list.push_back(json::Object{{"digest", document.digest.to_string()},
                                    {"kind", name_of(document.kind)},
                                    {"method", document.method},
                                    {"by", document.by},
                                    {"at", document.at}});
    }
    return list;
}

}  // namespace

json::Value package_document(const Package &package) {
    json::Array blobs;
    for (const Descriptor &blob : package.blobs()) {
        blobs.push_back(json::Object{{"digest", blob.digest.to_string()},
                                     {"media_type", blob.media_type},
                                     {"bytes", blob.size},
                                     {"file", blob.annotation(annotation_filepath)}});
    }
    const auto optional_digest = [](const auto &digest) {
        return digest ? json::Value(digest->to_string()) : json::Value();
    };
    std::optional<Digest> calibration;
    if (package.calibration) calibration = package.calibration->digest;
    return json::Object{
        {"schema", "skillet.package/1"},
        {"digest", package.descriptor.digest.to_string()},
        {"bytes", package.total_bytes()},
        {"contract_digest", package.skill.contract.core_digest().to_string()},
        {"evidence_status", name_of(package.evidence_status())},
        {"evidence", evidence_json(package.evidence)},
        {"calibration", optional_digest(calibration)},
        {"calibration_document", package.calibration ? package.calibration->json : json::Value()},
        {"signed", false},
        {"blobs", std::move(blobs)},
        {"skill", package.skill.json}};
}

Result<json::Value> inspect_file(const std::string &path) {
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    char magic[4] = {};
    if (file.size() >= sizeof magic) {
        SKL_TRY(file.read_at(0, std::as_writable_bytes(std::span(magic))));
    }
    if (std::string_view(magic, sizeof magic) == "GGUF")
        return inspect_gguf(file, {.any_architecture = true}, {});
    SKL_TRY_ASSIGN(archive, Archive::open(file));
    SKL_TRY_ASSIGN(descriptor, only_package(archive));
    SKL_TRY_ASSIGN(package, read_package(archive, descriptor));
    return package_document(package);
}

}  // namespace skillet
