// SPDX-License-Identifier: Apache-2.0
#include "store/archive.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>

#include "store/tar.h"

namespace skillet {
namespace {

constexpr std::string_view layout_name = "oci-layout";
constexpr std::string_view index_name = "index.json";
constexpr std::string_view blob_prefix = "blobs/sha256/";
constexpr uint64_t layout_bytes_max = 4096;

Error refuse(const FileSlice &file, std::string message, std::string hint = {}) {
    return make_error(SKL_E_MANIFEST_INVALID, std::move(message), file.name(), std::move(hint));
}

// What an archive's headers say it holds.
class Contents {
public:
    static Result<Contents> read(const FileSlice &file);

    std::optional<FileSlice> layout;
    std::optional<FileSlice> index;
    std::map<Digest, FileSlice> blobs;

private:
    // Files the entry under its name if that is one of the few that exist.
    Result<void> add(const FileSlice &file, const TarEntry &entry);
    [[nodiscard]] bool place(const FileSlice &file, const TarEntry &entry, std::string_view name);

    std::set<std::string, std::less<>> names_;
};

// The name without what tar writers may add to it: a leading "./", a directory's closing "/".
std::string_view plain_name(const TarEntry &entry) {
    std::string_view name = entry.name;
    if (name.starts_with("./")) name.remove_prefix(2);
    if (entry.is_directory && name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
    return name;
}

bool is_known_directory(std::string_view name) {
    return name.empty() || name == "." || name == "blobs" || name == "blobs/sha256";
}

bool Contents::place(const FileSlice &file, const TarEntry &entry, std::string_view name) {
    if (entry.is_directory) return is_known_directory(name);
    FileSlice slice = file.slice(entry.offset, entry.size, fmt::format("{}/{}", file.name(), name));
    if (name == layout_name) {
        layout = std::move(slice);
        return true;
    }
    if (name == index_name) {
        index = std::move(slice);
        return true;
    }
    if (!name.starts_with(blob_prefix)) return false;
    name.remove_prefix(blob_prefix.size());
    const auto digest = Digest::parse(fmt::format("sha256:{}", name));
    if (digest) blobs.emplace(*digest, std::move(slice));
    return digest.has_value();
}

Result<void> Contents::add(const FileSlice &file, const TarEntry &entry) {
    const std::string_view name = plain_name(entry);
    if (!names_.emplace(name).second) {
        return refuse(file, fmt::format("two entries named \"{}\"", printable(name)));
    }
    if (names_.size() > archive_entries_max) {
        return refuse(file, fmt::format("more than {} entries", archive_entries_max));
    }
    if (place(file, entry, name)) return {};
    return refuse(file, fmt::format("an entry named \"{}\"", printable(entry.name)),
                  "an archive holds oci-layout, index.json and blobs/sha256/HEX, nothing else");
}

Result<Contents> Contents::read(const FileSlice &file) {
    Contents contents;
    TarReader reader(file);
    for (;;) {
        SKL_TRY_ASSIGN(entry, reader.next());
        if (!entry) break;
        SKL_TRY(contents.add(file, *entry));
    }
    return contents;
}

// A document's text; `name` is said in the errors.
Result<std::string> read_limited(const FileSlice &file, const FileSlice &document,
                                 std::string_view name, uint64_t bytes_max) {
    if (document.size() > bytes_max) {
        return refuse(file, fmt::format("{} has {} bytes, at most {} are read", name,
                                        document.size(), bytes_max));
    }
    return read_all(document, bytes_max);
}

// The same failure, said of a document inside the archive.
Error inside(std::string_view name, Error error) {
    error.message = fmt::format("{}: {}", name, error.message);
    return error;
}

Result<void> write_block(WritableFile &out, const TarBlock &block) { return out.write(block); }

Result<void> write_padding(WritableFile &out, uint64_t size) {
    constexpr TarBlock zeros{};
    return out.write(std::span(zeros).first(tar_padding(size)));
}

Result<void> write_document(WritableFile &out, std::string_view name, std::string_view text) {
    SKL_TRY(write_block(out, tar_header(name, text.size())));
    SKL_TRY(out.write(std::as_bytes(std::span(text))));
    return write_padding(out, text.size());
}

// Hashes while copying: an archive of damaged bytes must not come into being.
Result<void> write_blob(WritableFile &out, const ArchiveBlob &blob) {
    const std::string name = std::string(blob_prefix) + blob.digest.hex();
    SKL_TRY(write_block(out, tar_header(name, blob.bytes->size())));
    Sha256 hash;
    SKL_TRY(read_in_chunks(*blob.bytes, [&](std::span<const std::byte> chunk) {
        hash.update(chunk);
        return out.write(chunk);
    }));
    SKL_TRY(check_digest(blob.digest, hash.finish()));
    return write_padding(out, blob.bytes->size());
}

// Sorted, each digest once.
std::vector<ArchiveBlob> in_order(std::vector<ArchiveBlob> blobs) {
    std::sort(blobs.begin(), blobs.end(),
              [](const ArchiveBlob &a, const ArchiveBlob &b) { return a.digest < b.digest; });
    const auto same = [](const ArchiveBlob &a, const ArchiveBlob &b) {
        return a.digest == b.digest;
    };
    blobs.erase(std::unique(blobs.begin(), blobs.end(), same), blobs.end());
    return blobs;
}

Result<void> check_limits(const std::string &path, std::string_view index,
                          const std::vector<ArchiveBlob> &blobs) {
    const auto refuse_size = [&path](std::string message) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, std::move(message), path);
    };
    constexpr size_t documents = 2;
    if (blobs.size() + documents > archive_entries_max) {
        return refuse_size(fmt::format("{} blobs, an archive holds at most {}", blobs.size(),
                                       archive_entries_max - documents));
    }
    if (index.size() > document_bytes_max) {
        return refuse_size(fmt::format("an index of {} bytes, at most {} are read", index.size(),
                                       document_bytes_max));
    }
    for (const ArchiveBlob &blob : blobs) {
        assert(blob.bytes != nullptr);
        if (blob.bytes->size() > tar_file_bytes_max) {
            return refuse_size(fmt::format("a blob of {} bytes, an archive holds at most {} each",
                                           blob.bytes->size(), tar_file_bytes_max));
        }
    }
    return {};
}

}  // namespace

Result<Archive> Archive::open(const FileSlice &file) {
    SKL_TRY_ASSIGN(contents, Contents::read(file));
    if (!contents.layout) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "no oci-layout inside: not a .skill archive",
                          file.name(), "name a file that \"skillet pack\" made");
    }
    SKL_TRY_ASSIGN(layout, read_limited(file, *contents.layout, layout_name, layout_bytes_max));
    if (auto known = check_oci_layout(layout); !known) {
        return inside(layout_name, std::move(known).error());
    }
    if (!contents.index) return refuse(file, "no index.json inside");
    SKL_TRY_ASSIGN(text, read_limited(file, *contents.index, index_name, document_bytes_max));
    auto index = OciIndex::parse(text);
    if (!index) return inside(index_name, std::move(index).error());
    Archive archive;
    archive.index_ = std::move(*index);
    archive.blobs_ = std::move(contents.blobs);
    archive.name_ = file.name();
    return archive;
}

Result<FileSlice> Archive::open(const Digest &digest) const {
    const auto found = blobs_.find(digest);
    if (found != blobs_.end()) return found->second;
    return make_error(SKL_E_NOT_FOUND, fmt::format("no such blob in {}", name_), digest.to_string(),
                      "the archive is incomplete: pack it again");
}

Result<void> write_archive(FileSystem &files, const std::string &path, const OciIndex &index,
                           const std::vector<ArchiveBlob> &blobs) {
    const std::vector<ArchiveBlob> sorted = in_order(blobs);
    const std::string index_text = index.to_json();
    SKL_TRY(check_limits(path, index_text, sorted));
    const auto fill = [&](WritableFile &out) -> Result<void> {
        SKL_TRY(write_document(out, layout_name, oci_layout_text));
        SKL_TRY(write_document(out, index_name, index_text));
        for (const ArchiveBlob &blob : sorted) SKL_TRY(write_blob(out, blob));
        constexpr TarBlock end{};
        SKL_TRY(write_block(out, end));
        return write_block(out, end);
    };
    return replace_file(files, fmt::format("{}.{}.tmp", path, unique_name()), path,
                        Readers::as_umask, fill);
}

}  // namespace skillet
