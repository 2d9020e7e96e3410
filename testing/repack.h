// SPDX-License-Identifier: Apache-2.0
// A copy of a .skill file whose skill.json says something else, with digests that fit again: what
// an author gets who bypasses `skillet pack`. Attached documents stay behind.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "json/write.h"
#include "package/package.h"
#include "store/archive.h"
#include "testing/document_edit.h"
#include "testing/skill_builder.h"

namespace skillet::testing {

// Writes `output` and gives the path back.
inline std::string repack_skill(const std::string &archive_path, const std::string &output,
                                const std::function<void(json::Value &)> &edit) {
    const Archive archive = made(Archive::open(made(FileSlice::open(archive_path))));
    Descriptor package = made(only_package(archive));
    OciManifest manifest = made(OciManifest::parse(made(read_document(archive, package))));

    // A config that says nothing contradicts nothing.
    const MemorySource config("{}", "config");
    manifest.config.digest = sha256("{}");
    manifest.config.size = config.size();

    std::vector<FileSlice> kept;
    std::vector<ArchiveBlob> blobs;
    std::string skill_text;
    for (Descriptor &layer : manifest.layers) {
        if (layer.media_type != media::skill) {
            kept.push_back(made(archive.open(layer.digest)));
            blobs.push_back({layer.digest, nullptr});
            continue;
        }
        json::Value document = json_of(made(read_document(archive, layer)));
        edit(document);
        skill_text = json::canonical(document);
        layer.digest = sha256(skill_text);
        layer.size = skill_text.size();
    }
    for (size_t i = 0; i < kept.size(); ++i) blobs[i].bytes = &kept[i];

    const MemorySource skill(skill_text, "skill.json");
    blobs.push_back({sha256(skill_text), &skill});
    blobs.push_back({manifest.config.digest, &config});
    const std::string manifest_text = manifest.to_json();
    const MemorySource manifest_bytes(manifest_text, "manifest");
    package.digest = sha256(manifest_text);
    package.size = manifest_text.size();
    blobs.push_back({package.digest, &manifest_bytes});
    const auto written = write_archive(*posix_file_system(), output, {{package}}, blobs);
    if (!written) throw std::runtime_error(written.error().message);
    return output;
}

// With one member that is other or new.
inline std::string repack_skill(const std::string &archive_path, const std::string &output,
                                std::string_view pointer, const json::Value &value) {
    return repack_skill(archive_path, output,
                        [&](json::Value &document) { set_member(document, pointer, value); });
}

// Changes one byte in the middle of a file, past what its mode allows.
inline void damage_file(const std::string &path) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
    file.seekg(middle);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(middle);
    file.put(byte);
    if (!file.flush()) throw std::runtime_error("cannot damage " + path);
}

}  // namespace skillet::testing
