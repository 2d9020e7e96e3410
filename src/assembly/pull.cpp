// SPDX-License-Identifier: Apache-2.0
#include "assembly/pull.h"

#include <algorithm>
#include <atomic>
#include <map>

#include "base/sealed_file.h"
#include "remote/fetch.h"
#include "remote/transfers.h"

namespace skillet {
namespace {

// Somebody else may remove what both need, as often as this.
constexpr unsigned rounds_max = 3;

// What of a package is read before it is taken: manifests, skill.json and what is attached.
class RemoteDocuments final : public BlobSource {
public:
    static Result<RemoteDocuments> fetch(RemoteSession &session, const std::string &selector) {
        RemoteDocuments documents;
        SKL_TRY_ASSIGN(package, fetch_manifest(session, selector));
        SKL_TRY_ASSIGN(layers, documents.add_manifest(package));
        SKL_TRY(documents.add_layers(session, layers, {media::skill}));
        const std::vector<std::string_view> types{media::calibration, media::evidence};
        SKL_TRY_ASSIGN(referrers, fetch_referrers(session, package.descriptor.digest, types,
                                                  attached_documents_max));
        for (const Descriptor &referrer : referrers) {
            SKL_TRY_ASSIGN(attached, fetch_manifest(session, referrer.digest.to_string()));
            attached.descriptor.annotations.emplace(annotation_subject,
                                                    package.descriptor.digest.to_string());
            SKL_TRY_ASSIGN(own_layers, documents.add_manifest(attached));
            SKL_TRY(documents.add_layers(session, own_layers, types));
        }
        return documents;
    }

    [[nodiscard]] Result<OciIndex> index() const override { return index_; }
    [[nodiscard]] Result<FileSlice> open(const Digest &digest) const override {
        const auto found = files_.find(digest);
        if (found != files_.end()) return found->second;
        return make_error(SKL_E_NOT_FOUND, "no such document", digest.to_string());
    }
    [[nodiscard]] bool holds(const Digest &digest) const { return files_.contains(digest); }

private:
    Result<void> add(const Digest &digest, const std::string &text) {
        // A file, since that is what packages are read from.
        SKL_TRY_ASSIGN(file, SealedFile::create(digest.to_string()));
        SKL_TRY(file.append(std::as_bytes(std::span(text))));
        SKL_TRY_ASSIGN(sealed, std::move(file).seal());
        files_.emplace(digest, std::move(sealed));
        return {};
    }

    Result<std::vector<Descriptor>> add_manifest(const RemoteManifest &manifest) {
        SKL_TRY_ASSIGN(content, OciManifest::parse(manifest.text));
        SKL_TRY(add(manifest.descriptor.digest, manifest.text));
        index_.manifests.push_back(manifest.descriptor);
        return std::move(content.layers);
    }

    Result<void> add_layers(RemoteSession &session, const std::vector<Descriptor> &layers,
                            const std::vector<std::string_view> &types) {
        for (const Descriptor &layer : layers) {
            const bool wanted =
                std::find(types.begin(), types.end(), layer.media_type) != types.end();
            if (!wanted || holds(layer.digest)) continue;
            SKL_TRY_ASSIGN(text, fetch_document(session, layer));
            SKL_TRY(add(layer.digest, text));
        }
        return {};
    }

    OciIndex index_;
    std::map<Digest, FileSlice> files_;
};

// One package on its way into a root.
class Pull {
public:
    Pull(Root &root, RemoteRepository &repository, const Work &work)
        : root_(root), repository_(repository), work_(work) {}

    Result<Pulled> run() {
        SKL_TRY_ASSIGN(session, RemoteSession::open(repository_, work_.stop));
        SKL_TRY_ASSIGN(documents, RemoteDocuments::fetch(session, selector()));
        SKL_TRY_ASSIGN(package, read_package(documents, documents.index()->manifests.front()));
        // Nothing large is fetched for a package that would not be taken.
        SKL_TRY(check_license(root_.licenses(), package.skill.license_expression));
        for (unsigned round = 1;; ++round) {
            SKL_TRY(fetch_missing(documents, package));
            lost_ = false;
            auto row = root_.install(package, putting(documents), work_);
            if (row) return pulled(*std::move(row));
            if (!lost_ || round == rounds_max) return std::move(row).error();
        }
    }

private:
    [[nodiscard]] std::string selector() const { return repository_.reference().selector(); }

    Pulled pulled(PackageRow row) const {
        RemoteReference exact = repository_.reference();
        exact.digest = row.digest;
        return {std::move(row), exact.text(), downloaded_};
    }

    // Brings what the store lacks into its staging folder, where it is ours as long as we hold it.
    Result<void> fetch_missing(const RemoteDocuments &documents, const Package &package) {
        std::vector<Descriptor> missing;
        uint64_t bytes = 0;
        Phase looking({work_.stop, {}}, "", 0);
        for (const Descriptor &blob : package.blobs()) {
            if (documents.holds(blob.digest) || arrived_.contains(blob.digest)) continue;
            SKL_TRY_ASSIGN(intact, root_.store().is_intact(blob, looking));
            if (intact) continue;
            missing.push_back(blob);
            bytes += blob.size;
        }
        // The largest first, so that no connection is left alone with it in the end.
        std::stable_sort(missing.begin(), missing.end(),
                         [](const auto &a, const auto &b) { return a.size > b.size; });
        for (const Descriptor &blob : missing) {
            SKL_TRY_ASSIGN(partial, root_.store().partial(blob, work_.stop));
            arrived_.emplace(blob.digest, std::move(partial));
        }
        std::atomic<uint64_t> fetched{0};
        const auto fetch = [&](size_t index, RemoteSession &session, const Advance &advance) {
            PartialBlob &blob = arrived_.at(missing[index].digest);
            const uint64_t before = blob.size();
            auto done = fetch_blob(session, blob, advance);
            if (done) fetched += blob.size() - std::min(before, blob.size());
            return done;
        };
        SKL_TRY(run_transfers(repository_, missing.size(), fetch, "download", bytes, work_));
        downloaded_ += fetched;
        return {};
    }

    // How the root gets the blobs once it is locked: it copies documents and renames what arrived.
    PutBlob putting(const RemoteDocuments &documents) {
        return [&](Store &store, const Descriptor &blob, Phase &copying) -> Result<void> {
            if (documents.holds(blob.digest)) {
                SKL_TRY_ASSIGN(bytes, documents.open(blob.digest));
                return store.put(blob, bytes, copying);
            }
            if (const auto found = arrived_.find(blob.digest); found != arrived_.end()) {
                SKL_TRY(store.promote(found->second));
                arrived_.erase(found);
                return copying.advance(blob.size);
            }
            // It was here and whole when we looked.
            SKL_TRY_ASSIGN(intact, store.is_intact(blob, copying));
            if (intact) return {};
            lost_ = true;
            return make_error(SKL_E_NOT_FOUND, "another process removed the blob",
                              blob.digest.to_string(), "pull again");
        };
    }

    Root &root_;
    RemoteRepository &repository_;
    const Work &work_;
    std::map<Digest, PartialBlob> arrived_;
    uint64_t downloaded_ = 0;
    bool lost_ = false;  // a blob that we relied on
};

}  // namespace

Result<Pulled> pull(Root &root, const RemoteReference &reference, const RemoteOptions &options,
                    const Work &work) {
    if (reference.selector().empty()) {
        return make_error(SKL_E_INVALID_ARGUMENT, "which version is not said", reference.text(),
                          "write HOST/NAME:VERSION or HOST/NAME@sha256:…");
    }
    SKL_TRY(root.check_can_change());
    SKL_TRY_ASSIGN(repository,
                   RemoteRepository::open(reference, RemoteRepository::Purpose::pull, options));
    return Pull(root, *repository, work).run();
}

}  // namespace skillet
