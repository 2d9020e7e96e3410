// SPDX-License-Identifier: Apache-2.0
#include "store/layout_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include <fmt/format.h>

#include "store/archive.h"

namespace skillet {
namespace {

constexpr uint64_t layout_bytes_max = 4096;
// Manifests that are read only to learn what they are.
constexpr size_t looks_max = 1024;

UniqueFd open_folder(int parent, const std::string &name, int flags = O_NOFOLLOW) {
    return UniqueFd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags));
}

// A plain file in an open folder; `path` is what errors call it.
Result<FileSlice> open_file(int folder, const std::string &name, const std::string &path) {
    UniqueFd file(::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file.valid() && errno == ELOOP) {
        return make_error(SKL_E_MANIFEST_INVALID, "a link where a file is wanted", path);
    }
    if (!file.valid()) return os_error(errno, "cannot open", path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return os_error(errno, "cannot read", path);
    if (!S_ISREG(status.st_mode)) {
        return make_error(SKL_E_MANIFEST_INVALID, "no plain file", path);
    }
    return FileSlice(std::make_shared<const UniqueFd>(std::move(file)), 0,
                     static_cast<uint64_t>(status.st_size), path);
}

Result<std::string> read_named(int folder, const std::string &name, const std::string &path,
                               uint64_t bytes_max) {
    SKL_TRY_ASSIGN(file, open_file(folder, name, path));
    if (file.size() <= bytes_max) return read_all(file, bytes_max);
    return make_error(SKL_E_MANIFEST_INVALID,
                      fmt::format("{} bytes, at most {} are read", file.size(), bytes_max), path);
}

Error in_file(const std::string &path, Error error) {
    if (!error.subject.empty()) error.message += fmt::format(" ({})", error.subject);
    error.subject = path;
    return error;
}

}  // namespace

Result<LayoutFolder> LayoutFolder::open(const std::string &path) {
    const UniqueFd folder = open_folder(AT_FDCWD, path, 0);
    if (!folder.valid()) return os_error(errno, "cannot open", path);
    auto layout = read_named(folder.get(), "oci-layout", path + "/oci-layout", layout_bytes_max);
    if (!layout && layout.error().code == SKL_E_NOT_FOUND) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "no oci-layout inside: not an OCI image layout",
                          path, "name a folder that \"skopeo copy … oci:FOLDER:NAME\" made");
    }
    if (!layout) return std::move(layout).error();
    if (auto known = check_oci_layout(*layout); !known) {
        return in_file(path + "/oci-layout", std::move(known).error());
    }
    SKL_TRY_ASSIGN(
        text, read_named(folder.get(), "index.json", path + "/index.json", document_bytes_max));
    auto index = OciIndex::parse(text);
    if (!index) return in_file(path + "/index.json", std::move(index).error());

    const UniqueFd outer = open_folder(folder.get(), "blobs");
    UniqueFd blobs = outer.valid() ? open_folder(outer.get(), "sha256") : UniqueFd();
    if (!blobs.valid()) {
        const bool is_link = errno == ENOTDIR || errno == ELOOP;
        if (!is_link) return os_error(errno, "cannot open", path + "/blobs/sha256");
        return make_error(SKL_E_MANIFEST_INVALID, "no folder", path + "/blobs/sha256");
    }
    LayoutFolder source(path, std::move(blobs));
    source.index_ = std::move(*index);
    SKL_TRY(source.complete_index());
    return source;
}

// Other tools copy a manifest and forget to say in the index what it is.
Result<void> LayoutFolder::complete_index() {
    size_t looks = 0;
    for (Descriptor &entry : index_.manifests) {
        if (!entry.artifact_type.empty() || entry.media_type != media::manifest) continue;
        if (++looks > looks_max) {
            return make_error(SKL_E_MANIFEST_INVALID,
                              fmt::format("more than {} manifests of which the index does not say "
                                          "what they are",
                                          looks_max),
                              path_ + "/index.json");
        }
        SKL_TRY_ASSIGN(text, read_document(*this, entry));
        auto manifest = OciManifest::parse(text);
        if (!manifest) return in_file(entry.digest.to_string(), std::move(manifest).error());
        entry.artifact_type = std::move(manifest->artifact_type);
    }
    return {};
}

Result<FileSlice> LayoutFolder::open(const Digest &digest) const {
    auto blob = open_file(blobs_->get(), digest.hex(),
                          fmt::format("{}/blobs/sha256/{}", path_, digest.hex()));
    if (blob || blob.error().code != SKL_E_NOT_FOUND) return blob;
    return make_error(SKL_E_NOT_FOUND, fmt::format("no such blob in {}", path_), digest.to_string(),
                      "the layout is incomplete: copy it again");
}

Result<std::unique_ptr<const BlobSource>> open_source(const std::string &path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        SKL_TRY_ASSIGN(folder, LayoutFolder::open(path));
        return std::unique_ptr<const BlobSource>(std::make_unique<LayoutFolder>(folder));
    }
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    SKL_TRY_ASSIGN(archive, Archive::open(file));
    return std::unique_ptr<const BlobSource>(std::make_unique<Archive>(std::move(archive)));
}

}  // namespace skillet
