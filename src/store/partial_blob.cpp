// SPDX-License-Identifier: Apache-2.0
#include "store/partial_blob.h"

#include <chrono>

#include <fmt/format.h>

#include "store/blob_source.h"

namespace skillet {
namespace {

constexpr std::string_view suffix = ".partial";

// Nobody who waits this long between two attempts minds beginning again.
constexpr auto kept = std::chrono::hours(7 * 24);

}  // namespace

bool can_be_taken_up(FileSystem &files, const std::string &path) {
    if (!path.ends_with(suffix)) return false;
    const auto facts = files.facts(path);
    return facts && facts->is_file && std::chrono::system_clock::now() - facts->modified < kept;
}

PartialBlob::PartialBlob(PartialBlob &&other) noexcept = default;

PartialBlob::~PartialBlob() {
    // The other kind stays: it is the next attempt's beginning.
    if (file_ && own_) (void)files_->remove(path_);
}

Result<PartialBlob> PartialBlob::open(FileSystem &files, const std::string &staging,
                                      const Descriptor &descriptor, const StopSignal &stop) {
    PartialBlob partial(files, staging, descriptor);
    SKL_TRY(partial.take_file());
    if (!partial.own_) SKL_TRY(partial.hash_again(stop));
    return partial;
}

Result<void> PartialBlob::take_file() {
    path_ = fmt::format("{}/{}{}", staging_, descriptor_.digest.hex(), suffix);
    SKL_TRY_ASSIGN(file, files_->resume(path_));
    own_ = !file;
    if (own_) {
        path_ = fmt::format("{}/{}", staging_, unique_name());
        SKL_TRY_ASSIGN(fresh, files_->create(path_, Readers::like_folder));
        file = std::move(fresh);
    }
    file_ = std::move(file);
    hash_ = std::make_unique<Sha256>();
    size_ = 0;
    return {};
}

Result<void> PartialBlob::hash_again(const StopSignal &stop) {
    SKL_TRY_ASSIGN(written, files_->open(path_));
    if (written.size() > descriptor_.size) return restart();
    SKL_TRY(read_in_chunks(written, [&](std::span<const std::byte> chunk) {
        hash_->update(chunk);
        return stop.check();
    }));
    size_ = written.size();
    return {};
}

Result<void> PartialBlob::write(std::span<const std::byte> bytes) {
    if (bytes.size() > descriptor_.size - size_) {
        return check_size(descriptor_, size_ + bytes.size());
    }
    SKL_TRY(file_->write(bytes));
    hash_->update(bytes);
    size_ += bytes.size();
    return {};
}

Result<void> PartialBlob::restart() {
    SKL_TRY(files_->remove(path_));
    file_.reset();
    return take_file();
}

Result<void> PartialBlob::finish() {
    SKL_TRY(check_size(descriptor_, size_));
    auto right = check_digest(descriptor_.digest, hash_->finish());
    if (right) return file_->sync();
    SKL_TRY(restart());
    return right;
}

Result<void> PartialBlob::rename_to(const std::string &path) {
    SKL_TRY(files_->rename(path_, path));
    file_.reset();
    return {};
}

}  // namespace skillet
