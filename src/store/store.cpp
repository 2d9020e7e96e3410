// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <span>

#include <fmt/format.h>

#include "base/side_hash.h"

namespace skillet {
namespace {

constexpr uint64_t layout_bytes_max = 4096;

Error corrupt(const std::string &path, const Error &cause, std::string hint) {
    return make_error(SKL_E_STORE_CORRUPT, cause.message, path, std::move(hint));
}

Result<void> check_layout_file(FileSystem &files, const std::string &path) {
    SKL_TRY_ASSIGN(file, files.open(path));
    auto text = read_all(file, layout_bytes_max);
    auto known = text ? check_oci_layout(*text) : Result<void>(text.error());
    if (known || known.error().code == SKL_E_FORMAT_UNSUPPORTED) return known;
    return corrupt(path, known.error(), "choose another --root, or restore this one");
}

}  // namespace

std::string Store::blobs_path() const { return directory_ + "/blobs/sha256"; }
std::string Store::staging_path() const { return directory_ + "/staging"; }
std::string Store::index_path() const { return directory_ + "/index.json"; }
std::string Store::layout_path() const { return directory_ + "/oci-layout"; }

std::string Store::blob_path(const Digest &digest) const {
    return fmt::format("{}/{}", blobs_path(), digest.hex());
}

Result<Store> Store::open(FileSystem &files, const std::string &root) {
    Store store(files, root + "/store");
    SKL_TRY(store.create_layout(root));
    store.clean_staging();
    return store;
}

Result<Store> Store::open_to_read(FileSystem &files, const std::string &root) {
    Store store(files, root + "/store");
    SKL_TRY(store.check_layout());
    return store;
}

Result<void> Store::check_layout() const { return check_layout_file(*files_, layout_path()); }

Result<void> Store::create_layout(const std::string &root) {
    SKL_TRY(files_->make_directories(root));
    for (const std::string &directory :
         {directory_, directory_ + "/blobs", blobs_path(), staging_path()}) {
        if (!files_->exists(directory)) SKL_TRY(files_->make_directory_inside(directory));
    }
    if (!files_->exists(index_path())) SKL_TRY(write_index({}));
    // The last to appear: whoever sees it sees a whole layout.
    if (files_->exists(layout_path())) return check_layout();
    return stage(layout_path(), [](WritableFile &file) {
        return file.write(std::as_bytes(std::span(oci_layout_text)));
    });
}

// Leftovers take space but do no harm, so failing to remove one is no reason to fail.
void Store::clean_staging() {
    const auto names = files_->list(staging_path());
    if (!names) return;
    for (const std::string &name : *names) {
        const std::string path = fmt::format("{}/{}", staging_path(), name);
        if (!can_be_taken_up(*files_, path)) (void)files_->remove_abandoned(path);
    }
}

Result<void> Store::stage(const std::string &path, const Fill &fill) {
    return replace_file(*files_, fmt::format("{}/{}", staging_path(), unique_name()), path,
                        Readers::like_folder, fill);
}

Result<void> Store::put(const Descriptor &descriptor, const ByteSource &bytes, Phase &phase) {
    SKL_TRY(phase.check());
    SKL_TRY(check_size(descriptor, bytes.size()));
    SKL_TRY_ASSIGN(intact, is_intact(descriptor, phase));
    // Whoever put it there may not have got as far as this.
    if (intact) return files_->sync_directory(blobs_path());
    return stage(blob_path(descriptor.digest), [&](WritableFile &file) -> Result<void> {
        SideHash hash(descriptor.size);
        const auto copy = [&](std::span<const std::byte> chunk) -> Result<void> {
            SKL_TRY(phase.advance(chunk.size()));
            return hash.update(chunk, [&] { return file.write(chunk); });
        };
        SKL_TRY(read_in_chunks(bytes, copy));
        return check_digest(descriptor.digest, hash.finish());
    });
}

Result<void> Store::put(const Descriptor &descriptor, const ByteSource &bytes) {
    Phase unwatched;
    return put(descriptor, bytes, unwatched);
}

Result<PartialBlob> Store::partial(const Descriptor &descriptor, const StopSignal &stop) const {
    return PartialBlob::open(*files_, staging_path(), descriptor, stop);
}

Result<void> Store::promote(PartialBlob &blob) {
    SKL_TRY(blob.rename_to(blob_path(blob.descriptor().digest)));
    return files_->sync_directory(blobs_path());
}

// A blob that cannot be read is as good as a damaged one: both are replaced.
Result<bool> Store::is_intact(const Descriptor &descriptor, Phase &phase) const {
    const auto blob = open(descriptor.digest);
    if (!blob || blob->size() != descriptor.size) return false;
    const auto found = sha256(*blob, phase);
    SKL_TRY(phase.check());
    return found && *found == descriptor.digest;
}

Result<void> Store::remove(std::span<const Digest> digests) {
    if (digests.empty()) return {};
    for (const Digest &digest : digests) SKL_TRY(files_->remove(blob_path(digest)));
    return files_->sync_directory(blobs_path());
}

Result<void> Store::protect(const Digest &digest) { return files_->protect(blob_path(digest)); }

Result<void> Store::write_index(const OciIndex &index) {
    const std::string text = index.to_json();
    if (index.manifests.size() > index_manifests_max || text.size() > document_bytes_max) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          fmt::format("an index of {} manifests in {} bytes, at most {} in {}",
                                      index.manifests.size(), text.size(), index_manifests_max,
                                      document_bytes_max),
                          index_path(), "remove packages, or use several roots");
    }
    return stage(index_path(), [&text](WritableFile &file) {
        return file.write(std::as_bytes(std::span(text)));
    });
}

Result<OciIndex> Store::index() const {
    const std::string hint = "it is written anew from the registry with the next change";
    const auto file = files_->open(index_path());
    if (!file) return corrupt(index_path(), file.error(), hint);
    SKL_TRY_ASSIGN(text, read_all(*file, document_bytes_max));
    auto index = OciIndex::parse(text);
    if (!index) return corrupt(index_path(), index.error(), hint);
    return index;
}

Result<FileSlice> Store::open(const Digest &digest) const {
    auto blob = files_->open(blob_path(digest));
    if (blob || blob.error().code != SKL_E_NOT_FOUND) return blob;
    return make_error(SKL_E_NOT_FOUND, "no such blob in the store", digest.to_string(),
                      "install the package again");
}

bool Store::contains(const Digest &digest) const { return files_->exists(blob_path(digest)); }

Result<std::vector<Digest>> Store::blobs() const {
    SKL_TRY_ASSIGN(names, files_->list(blobs_path()));
    std::vector<Digest> digests;
    digests.reserve(names.size());
    for (const std::string &name : names) {
        // Whatever else lies there is nobody's blob.
        if (const auto digest = Digest::parse("sha256:" + name)) digests.push_back(*digest);
    }
    return digests;
}

Result<std::vector<StoredName>> Store::names() const {
    SKL_TRY_ASSIGN(names, files_->list(blobs_path()));
    std::vector<StoredName> found;
    found.reserve(names.size());
    for (std::string &name : names) {
        auto facts = files_->facts(fmt::format("{}/{}", blobs_path(), name));
        // Removed since the folder was read.
        if (!facts && facts.error().code == SKL_E_NOT_FOUND) continue;
        if (!facts) return std::move(facts).error();
        const auto digest = Digest::parse("sha256:" + name);
        found.push_back({std::move(name), digest ? std::optional(*digest) : std::nullopt, *facts});
    }
    return found;
}

}  // namespace skillet
