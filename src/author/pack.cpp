// SPDX-License-Identifier: Apache-2.0
#include "author/pack.h"

#include <deque>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "json/parse.h"
#include "json/write.h"
#include "manifest/calibration.h"
#include "manifest/skill.h"
#include "package/model_config.h"
#include "package/package.h"
#include "store/archive.h"
#include "store/oci.h"

namespace skillet {
namespace {

std::string file_name_of(const std::string &path) { return path.substr(path.rfind('/') + 1); }

// Collects the blobs of one archive. Texts and files live as long as the builder.
class ArchiveBuilder {
public:
    Descriptor add_text(std::string_view media_type, std::string text, std::string_view path = {}) {
        const Digest digest = sha256(text);
        texts_.emplace_back(std::move(text), digest.to_string());
        return add(media_type, digest, texts_.back(), path);
    }

    Result<Descriptor> add_file(std::string_view media_type, FileSlice file,
                                std::string_view path) {
        SKL_TRY_ASSIGN(digest, sha256(file));
        files_.push_back(std::move(file));
        return add(media_type, digest, files_.back(), path);
    }

    Descriptor add(std::string_view media_type, const Digest &digest, const ByteSource &bytes,
                   std::string_view path = {}) {
        Descriptor descriptor{std::string(media_type), digest, bytes.size(), {}, {}};
        if (!path.empty()) descriptor.annotations.emplace(annotation_filepath, path);
        if (digests_.insert(digest).second) {
            total_bytes_ += descriptor.size;
            blobs_.push_back({digest, &bytes});
        }
        return descriptor;
    }

    // A document about `package`, as an OCI referrer listed in the index.
    Descriptor attach(std::string_view type, std::string text, const Descriptor &package) {
        OciManifest referrer;
        referrer.artifact_type = type;
        referrer.config = add_text(media::empty, "{}");
        referrer.layers = {add_text(type, std::move(text))};
        referrer.subject =
            Descriptor{std::string(media::manifest), package.digest, package.size, {}, {}};
        Descriptor entry = add_text(media::manifest, referrer.to_json());
        entry.artifact_type = type;
        entry.annotations.emplace(annotation_subject, package.digest.to_string());
        return entry;
    }

    [[nodiscard]] const std::vector<ArchiveBlob> &blobs() const { return blobs_; }
    [[nodiscard]] uint64_t total_bytes() const { return total_bytes_; }

private:
    // Deques: growing moves nothing that blobs_ points to.
    std::deque<MemorySource> texts_;
    std::deque<FileSlice> files_;
    std::vector<ArchiveBlob> blobs_;
    std::set<Digest> digests_;  // of blobs_
    uint64_t total_bytes_ = 0;
};

Result<json::Value> read_json_file(const std::string &path) {
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    SKL_TRY_ASSIGN(text, read_all(file, document_bytes_max));
    return json::parse(text, SKL_E_MANIFEST_INVALID, path);
}

// Files for people, each under its own name.
Result<void> add_documents(ArchiveBuilder &archive, OciManifest &manifest,
                           const std::vector<std::string> &paths) {
    std::set<std::string> names;
    for (const Descriptor &layer : manifest.layers) {
        names.emplace(layer.annotation(annotation_filepath));
    }
    if (paths.size() > layers_max - names.size()) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          fmt::format("{} documents; at most {} fit into a package", paths.size(),
                                      layers_max - names.size()));
    }
    for (const std::string &path : paths) {
        const std::string name = file_name_of(path);
        if (!is_utf8(name) || !names.insert(name).second) {
            return make_error(SKL_E_INVALID_ARGUMENT,
                              is_utf8(name) ? "the package has a file of this name already"
                                            : "the file's name is not UTF-8",
                              path, "give the file another name");
        }
        SKL_TRY_ASSIGN(file, FileSlice::open(path));
        SKL_TRY_ASSIGN(layer, archive.add_file(media::doc, std::move(file), name));
        manifest.layers.push_back(std::move(layer));
    }
    return {};
}

bool is_calibration(std::string_view schema) {
    return schema == "skillet.calibration/1" || schema == "skillet.calibration/2";
}

// The media type an attachment's own `schema` asks for.
Result<std::string_view> attachment_type(const json::Value &document, const std::string &path) {
    const json::Value *schema = json::resolve(document, "/schema");
    const std::string *name = schema != nullptr ? schema->string() : nullptr;
    if (name != nullptr && is_calibration(*name)) return media::calibration;
    if (name != nullptr && *name == "skillet.evidence/2") return media::evidence;
    return make_error(SKL_E_MANIFEST_INVALID, "is neither a calibration nor an evidence document",
                      path, "its member \"schema\" must say which");
}

// An attachment that is bound to other digests would be ignored for ever: refuse it here.
Result<void> check_binding(const json::Value &document, const Skill &skill,
                           const std::string &path) {
    const json::Value artifact = skill.artifact_digest.to_string();
    const json::Value contract = skill.contract.core_digest().to_string();
    for (const auto &[pointer, expected] :
         {std::pair{"/subject/artifact", &artifact}, std::pair{"/subject/contract", &contract}}) {
        const json::Value *claimed = json::resolve(document, pointer);
        if (claimed != nullptr && *claimed == *expected) continue;
        return make_error(SKL_E_INCOMPATIBLE,
                          fmt::format("{} is about {}, this package is {}", pointer,
                                      claimed != nullptr ? json::compact(*claimed) : "nothing",
                                      json::compact(*expected)),
                          path, "measure this model under this contract, then pack again");
    }
    return {};
}

Result<std::vector<Descriptor>> add_attachments(ArchiveBuilder &archive, const Skill &skill,
                                                const Descriptor &package,
                                                const std::vector<std::string> &paths) {
    if (paths.size() > attached_documents_max) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          fmt::format("{} documents to attach; at most {} fit into a package",
                                      paths.size(), attached_documents_max));
    }
    std::vector<Descriptor> entries;
    bool calibrated = false;
    for (const std::string &path : paths) {
        SKL_TRY_ASSIGN(document, read_json_file(path));
        SKL_TRY_ASSIGN(type, attachment_type(document, path));
        if (type == media::calibration && std::exchange(calibrated, true)) {
            return make_error(SKL_E_INVALID_ARGUMENT, "a second calibration", path, "attach one");
        }
        SKL_TRY(check_binding(document, skill, path));
        std::string text = json::canonical(document);
        if (type == media::calibration) SKL_TRY(Calibration::parse(text));
        if (type == media::evidence) SKL_TRY(Evidence::parse(text));
        entries.push_back(archive.attach(type, std::move(text), package));
    }
    return entries;
}

// The author may call the base what he likes: its digest identifies it.
void name_base(const json::Value &document, AdapterBasis &basis) {
    const auto text_at = [&](const char *pointer) {
        const json::Value *value = json::resolve(document, pointer);
        return value != nullptr ? value->string() : nullptr;
    };
    if (const std::string *id = text_at("/adapter/base/id")) basis.base_id = *id;
    if (const std::string *version = text_at("/adapter/base/version"))
        basis.base_version = *version;
}

// The author's document, completed and compared with the file.
Result<Skill> read_skill(const std::string &path, Artifact &artifact) {
    SKL_TRY_ASSIGN(document, read_json_file(path));
    const json::Value *promise = json::resolve(document, "/contract");
    if (promise == nullptr) {
        return make_error(SKL_E_MANIFEST_INVALID, "has no contract", path,
                          "make a first one with `skillet init`");
    }
    SKL_TRY_ASSIGN(contract, Contract::parse(*promise, "/contract"));
    if (artifact.basis) name_base(document, *artifact.basis);
    add_derived_members(document, artifact, contract.context_tokens());
    SKL_TRY_ASSIGN(skill, Skill::from_json(document));
    SKL_TRY(skill.check_against(artifact.facts, artifact.digest, artifact.bytes,
                                artifact.basis ? &*artifact.basis : nullptr));
    return std::move(skill);
}

}  // namespace

Result<Packed> pack(FileSystem &files, const PackRequest &request, const NamedBase *base) {
    SKL_TRY_ASSIGN(model, FileSlice::open(request.model_path));
    SKL_TRY_ASSIGN(facts, inspect_artifact(model, base));
    SKL_TRY_ASSIGN(skill, read_skill(request.skill_path, facts));

    ArchiveBuilder archive;
    const Descriptor artifact = archive.add(media::weight, facts.digest, model,
                                            skill.adapter ? "adapter.gguf" : "model.gguf");
    OciManifest manifest;
    manifest.artifact_type = media::model;
    manifest.config = archive.add_text(media::model_config, json::canonical(model_config(skill)));
    manifest.layers = {artifact,
                       archive.add_text(media::skill, json::canonical(skill.json), "skill.json")};
    SKL_TRY(add_documents(archive, manifest, request.documents));
    manifest.annotations.emplace(annotation_title, skill.id);
    manifest.annotations.emplace(annotation_version, skill.version.text());
    manifest.annotations.emplace(annotation_licenses, skill.license);

    Descriptor package = archive.add_text(media::manifest, manifest.to_json());
    package.artifact_type = media::model;
    package.annotations.emplace(annotation_ref_name, skill.id + "-" + skill.version.text());
    SKL_TRY_ASSIGN(attached, add_attachments(archive, skill, package, request.attachments));
    OciIndex index;
    index.manifests.push_back(package);
    index.manifests.insert(index.manifests.end(), attached.begin(), attached.end());
    SKL_TRY(write_archive(files, request.output_path, index, archive.blobs()));
    return Packed{package.digest, skill.id, skill.version.text(), archive.total_bytes()};
}

}  // namespace skillet
