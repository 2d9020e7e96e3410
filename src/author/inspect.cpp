// SPDX-License-Identifier: Apache-2.0
#include "author/inspect.h"

#include "author/init.h"
#include "gguf/file.h"
#include "store/archive.h"

namespace skillet {
namespace {

json::Value tensor_json(const gguf::Tensor &tensor) {
    json::Array shape;
    for (const uint64_t extent : tensor.shape) shape.emplace_back(extent);
    const gguf::TensorType *type = gguf::tensor_type(tensor.type);
    return json::Object{{"name", tensor.name},
                        {"type", type != nullptr ? type->name : "unknown"},
                        {"shape", std::move(shape)},
                        {"bytes", tensor.bytes}};
}

Result<json::Value> inspect_gguf(const FileSlice &file) {
    SKL_TRY_ASSIGN(content, gguf::read(file));
    SKL_TRY_ASSIGN(facts, gguf::derive_facts(file, content));
    SKL_TRY_ASSIGN(digest, sha256(file));
    const auto runnable = gguf::check_runnable(file, content, facts);
    json::Array tensors;
    for (const gguf::Tensor &tensor : content.tensors) tensors.push_back(tensor_json(tensor));
    json::Array labels(facts.labels.begin(), facts.labels.end());
    return json::Value(json::Object{
        {"schema", "skillet.gguf/1"},
        {"digest", digest.to_string()},
        {"bytes", file.size()},
        {"format_version", facts.format_version},
        {"name", facts.name},
        {"license", facts.license},
        {"architecture", facts.architecture},
        {"quantization", facts.quantization_label},
        {"parameters", facts.parameters},
        {"tokenizer", json::Object{{"id", facts.tokenizer_id},
                                   {"digest", facts.tokenizer_digest.to_string()},
                                   {"tokens", facts.vocabulary_size}}},
        {"context_length", facts.context_length},
        {"labels", std::move(labels)},
        {"has_weights", !content.tensors.empty()},
        {"runnable", runnable.has_value()},
        {"obstacle", runnable ? json::Value()
                              : json::Value(json::Object{{"message", runnable.error().message},
                                                         {"subject", runnable.error().subject},
                                                         {"hint", runnable.error().hint}})},
        {"tensors", std::move(tensors)}});
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
        {"evidence_status", package.evidence_status()},
        {"evidence", optional_digest(package.evidence)},
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
    if (std::string_view(magic, sizeof magic) == "GGUF") return inspect_gguf(file);
    SKL_TRY_ASSIGN(archive, Archive::open(file));
    SKL_TRY_ASSIGN(descriptor, only_package(archive));
    SKL_TRY_ASSIGN(package, read_package(archive, descriptor));
    return package_document(package);
}

}  // namespace skillet
