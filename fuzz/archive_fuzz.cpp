// SPDX-License-Identifier: Apache-2.0
// Any bytes as a .skill archive: opened, and everything inside read, without a crash.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <span>

#include "store/archive.h"

namespace {

skillet::FileSlice file_of(std::span<const uint8_t> bytes) {
    skillet::UniqueFd fd(::memfd_create("archive", MFD_CLOEXEC));
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 || static_cast<size_t>(written) != bytes.size()) std::abort();
    return {std::make_shared<const skillet::UniqueFd>(std::move(fd)), 0, bytes.size(), "fuzz"};
}

// What was read from the archive must be inside it.
void read_blob(const skillet::Archive &archive, const skillet::Descriptor &descriptor,
               size_t file_bytes) {
    const auto blob = archive.open(descriptor.digest);
    if (!blob) return;
    if (blob->offset() > file_bytes || blob->size() > file_bytes - blob->offset()) std::abort();
    const bool verified = skillet::open_verified(archive, descriptor).has_value();
    const bool read = skillet::read_document(archive, descriptor).has_value();
    if (verified != read && descriptor.size <= skillet::document_bytes_max) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const auto archive = skillet::Archive::open(file_of({data, size}));
    if (!archive) return 0;
    const auto index = archive->index();
    for (const skillet::Descriptor &entry : index->manifests) {
        read_blob(*archive, entry, size);
        const auto text = skillet::read_document(*archive, entry);
        if (!text) continue;
        const auto manifest = skillet::OciManifest::parse(*text);
        if (!manifest) continue;
        read_blob(*archive, manifest->config, size);
        for (const auto &layer : manifest->layers) read_blob(*archive, layer, size);
    }
    return 0;
}
