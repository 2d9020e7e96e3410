// SPDX-License-Identifier: Apache-2.0
#include "assembly/push.h"

#include <algorithm>
#include <atomic>

#include "remote/transfers.h"
#include "remote/upload.h"

namespace skillet {
namespace {

// All but the manifests, which a registry wants as such, and last; the largest first.
std::vector<Descriptor> plain_blobs(const Package &package) {
    std::vector<Descriptor> blobs = package.blobs();
    std::erase_if(blobs, [](const Descriptor &blob) { return blob.media_type == media::manifest; });
    std::stable_sort(blobs.begin(), blobs.end(),
                     [](const auto &a, const auto &b) { return a.size > b.size; });
    return blobs;
}

Result<uint64_t> push_blobs(const BlobSource &source, const Package &package,
                            RemoteRepository &repository, const Work &work) {
    const std::vector<Descriptor> blobs = plain_blobs(package);
    uint64_t bytes = 0;
    for (const Descriptor &blob : blobs) bytes += blob.size;
    std::atomic<uint64_t> uploaded{0};
    const auto send = [&](size_t index, RemoteSession &session,
                          const Advance &advance) -> Result<void> {
        const Descriptor &blob = blobs[index];
        SKL_TRY_ASSIGN(present, has_blob(session, blob.digest));
        if (present) return advance(blob.size);
        Phase hashing({session.stop(), {}}, "", blob.size);
        SKL_TRY_ASSIGN(content, open_verified(source, blob, hashing));
        uploaded += blob.size;
        return upload_blob(session, blob, content, advance);
    };
    SKL_TRY(run_transfers(repository, blobs.size(), send, "upload", bytes, work));
    return uploaded.load();
}

// What is about the package goes after it: a registry may refuse a subject that it does not have.
Result<void> push_documents(RemoteSession &session, const BlobSource &source,
                            const Package &package) {
    std::vector<Descriptor> unlisted;
    for (const AttachedDocument &document : package.documents) {
        SKL_TRY_ASSIGN(text, read_document(source, document.descriptor));
        SKL_TRY_ASSIGN(listed,
                       upload_manifest(session, document.descriptor.digest.to_string(), text));
        if (listed) continue;
        Descriptor entry = document.descriptor;
        entry.annotations.clear();  // ours, about where it lies in a root
        unlisted.push_back(std::move(entry));
    }
    if (unlisted.empty()) return {};
    return tag_referrers(session, package.descriptor.digest, unlisted);
}

}  // namespace

Result<Pushed> push(const BlobSource &source, const Package &package,
                    const RemoteReference &reference, const RemoteOptions &options,
                    const Work &work) {
    RemoteReference target = reference;
    if (target.selector().empty()) target.tag = tag_of_version(package.skill.version.text());
    if (target.digest && *target.digest != package.descriptor.digest) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          "the package has the digest " + package.descriptor.digest.to_string(),
                          target.text(), "name a tag, or nothing: then its version is the tag");
    }
    SKL_TRY_ASSIGN(manifest, read_document(source, package.descriptor));
    SKL_TRY_ASSIGN(repository,
                   RemoteRepository::open(target, RemoteRepository::Purpose::push, options));
    SKL_TRY_ASSIGN(uploaded, push_blobs(source, package, *repository, work));
    SKL_TRY_ASSIGN(session, RemoteSession::open(*repository, work.stop));
    SKL_TRY(upload_manifest(session, target.selector(), manifest));
    SKL_TRY(push_documents(session, source, package));
    Pushed pushed{target.text(), target.tag, uploaded, package.documents.size()};
    target.digest = package.descriptor.digest;
    pushed.reference = target.text();
    return pushed;
}

}  // namespace skillet
