// SPDX-License-Identifier: Apache-2.0
#include "author/inspect.h"

#include "compat/key.h"
#include "gguf/adapter.h"
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

json::Value adapter_json(const gguf::AdapterFacts &facts) {
    return json::Object{
        {"rank", facts.rank},
        {"alpha", facts.alpha},
        {"target_modules", json::Array(facts.target_modules.begin(), facts.target_modules.end())},
        {"tensors_digest", facts.tensors_digest.to_string()},
        {"precision", facts.precision}};
}

// A file on its own: an adapter is looked at without its base.
struct OwnFacts {
    json::Value adapter;  // null for a model
    json::Value key;      // null for an adapter, whose key depends on the base
    Result<void> runnable;
};

OwnFacts own_facts(const gguf::File &file, const gguf::Facts &facts) {
    if (!gguf::is_adapter(file)) {
        return {{}, key_of(facts).digest.to_string(), gguf::check_runnable(file, facts)};
    }
    const auto adapter = gguf::derive_adapter_facts(file);
    if (!adapter) return {{}, {}, adapter.error()};
    return {adapter_json(*adapter),
            {},
            make_error(SKL_E_FORMAT_UNSUPPORTED, "an adapter is nothing without its base",
                       "general.type", "pack it for its base: `skillet init ADAPTER --base BASE`")};
}

Result<json::Value> inspect_gguf(const FileSlice &file) {
    SKL_TRY_ASSIGN(content, gguf::read(file));
    SKL_TRY_ASSIGN(facts, gguf::derive_facts(content));
    SKL_TRY_ASSIGN(digest, sha256(file));
    const OwnFacts own = own_facts(content, facts);
    const Result<void> &runnable = own.runnable;
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
        {"adapter", own.adapter},
        {"compatibility_key", own.key},
        {"has_weights", !content.tensors.empty()},
        {"runnable", runnable.has_value()},
        {"obstacle", runnable ? json::Value()
                              : json::Value(json::Object{{"message", runnable.error().message},
                                                         {"subject", runnable.error().subject},
                                                         {"hint", runnable.error().hint}})},
        {"tensors", std::move(tensors)}});
}

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
    const CompatibilityKey key = key_of(package.skill);
    return json::Object{
        {"schema", "skillet.package/1"},
        {"digest", package.descriptor.digest.to_string()},
        {"bytes", package.total_bytes()},
        {"contract_digest", package.skill.contract.core_digest().to_string()},
        {"compatibility_key",
         json::Object{{"digest", key.digest.to_string()}, {"document", key.document}}},
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
    if (gguf::has_magic(file)) return inspect_gguf(file);
    SKL_TRY_ASSIGN(archive, Archive::open(file));
    SKL_TRY_ASSIGN(descriptor, only_package(archive));
    SKL_TRY_ASSIGN(package, read_package(archive, descriptor));
    return package_document(package);
}

}  // namespace skillet
