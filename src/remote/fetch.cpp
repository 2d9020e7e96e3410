// SPDX-License-Identifier: Apache-2.0
#include "remote/fetch.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "remote/hand_over.h"
#include "store/blob_source.h"

namespace skillet {
namespace {

constexpr unsigned pages_max = 32;

// Below this a thread of its own for writing costs more than it saves.
constexpr uint64_t worth_a_thread_bytes = 4u << 20;

// Less than this is no progress worth a fresh start of the attempts.
constexpr uint64_t progress_bytes = 1u << 20;

std::string accept(std::initializer_list<std::string_view> types) {
    return fmt::format("Accept: {}", fmt::join(types, ", "));
}

// The digest that the registry says a manifest has must be the one that it has.
Result<void> check_content_digest(const HttpResponse &response, const Digest &found) {
    const auto said = Digest::parse(response.header("docker-content-digest"));
    return said ? check_digest(*said, found) : Result<void>();
}

HttpRequest manifest_request(RemoteSession &session, const std::string &selector,
                             std::initializer_list<std::string_view> types) {
    HttpRequest request;
    request.url = session.repository().url("manifests/" + selector);
    request.headers = {accept(types)};
    request.answer_bytes_max = document_bytes_max;
    return request;
}

std::string subject_of(RemoteSession &session, const std::string &selector) {
    RemoteReference reference = session.repository().reference();
    reference.tag.clear();
    reference.digest.reset();
    const bool is_digest = selector.starts_with("sha256:");
    return reference.text() + (is_digest ? "@" : ":") + selector;
}

// Where a page says that the next one is: Link: </v2/…>; rel="next".
std::string_view next_page(const HttpResponse &response) {
    const std::string_view link = response.header("link");
    const size_t begin = link.find('<');
    const size_t end = link.find('>');
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin ||
        link.find("rel=\"next\"", end) == std::string_view::npos) {
        return {};
    }
    return link.substr(begin + 1, end - begin - 1);
}

Error refuse_index(Error error, const std::string &subject) {
    error.code = SKL_E_REMOTE_INVALID;
    error.message =
        fmt::format("the list of referrers is malformed: {} ({})", error.message, error.subject);
    error.subject = subject;
    return error;
}

Result<void> add_page(const HttpResponse &response, const std::string &subject,
                      std::vector<Descriptor> &entries) {
    auto index = OciIndex::parse(response.body);
    if (!index) return refuse_index(std::move(index).error(), subject);
    entries.insert(entries.end(), index->manifests.begin(), index->manifests.end());
    return {};
}

Result<std::vector<Descriptor>> tagged_referrers(RemoteSession &session, const Digest &subject) {
    std::vector<Descriptor> entries;
    SKL_TRY_ASSIGN(response,
                   session.send(manifest_request(session, referrers_tag(subject), {media::index})));
    if (response.status == 404) return entries;
    if (!response.succeeded()) {
        return unexpected(response, "no list of referrers", subject.to_string());
    }
    SKL_TRY(add_page(response, subject.to_string(), entries));
    return entries;
}

Result<std::vector<Descriptor>> all_referrers(RemoteSession &session, const Digest &subject) {
    std::vector<Descriptor> entries;
    HttpRequest request;
    request.url = session.repository().url("referrers/" + subject.to_string());
    request.headers = {accept({media::index})};
    request.answer_bytes_max = document_bytes_max;
    for (unsigned page = 0; page < pages_max; ++page) {
        SKL_TRY_ASSIGN(response, session.send(request));
        // A registry without this part of the interface says so in various ways.
        const bool unknown = response.status == 404 || response.status == 405 ||
                             response.status == 400 || response.status == 501;
        if (page == 0 && unknown) return tagged_referrers(session, subject);
        if (!response.succeeded()) {
            return unexpected(response, "no list of referrers", subject.to_string());
        }
        SKL_TRY(add_page(response, subject.to_string(), entries));
        const std::string_view next = next_page(response);
        if (next.empty()) return entries;
        SKL_TRY_ASSIGN(url, request.url.resolve(next));
        request.url = std::move(url);
    }
    return make_error(SKL_E_REMOTE_INVALID,
                      fmt::format("a list of referrers of more than {} pages", pages_max),
                      subject.to_string());
}

// "bytes 10-31/32" or "bytes 10-31/*": where the answer begins, if it is for a blob of that size.
std::optional<uint64_t> range_begin(std::string_view text, uint64_t size) {
    if (!text.starts_with("bytes ")) return std::nullopt;
    text.remove_prefix(6);
    uint64_t begin = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), begin);
    const size_t slash = text.find('/');
    if (failure != std::errc() || *end != '-' || slash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view total = text.substr(slash + 1);
    if (total != "*" && total != std::to_string(size)) return std::nullopt;
    return begin;
}

// One blob on its way, over all attempts.
class BlobTransfer {
public:
    BlobTransfer(RemoteSession &session, PartialBlob &blob, const Advance &advance)
        : session_(session),
          blob_(blob),
          advance_(advance),
          backoff_(session.backoff()),
          taken_up_(blob.size() > 0) {
        if (blob.descriptor().size < worth_a_thread_bytes) return;
        writing_ = std::make_unique<HandOver>([this](auto bytes) { return write(bytes); });
    }

    Result<void> run() {
        SKL_TRY(advance_(blob_.size()));
        for (;;) {
            if (blob_.complete()) {
                auto done = blob_.finish();
                // Another process's bytes may be at fault: once from the beginning.
                const bool again = !done && done.error().code == SKL_E_DIGEST_MISMATCH && taken_up_;
                if (!again) return done;
                taken_up_ = false;
            }
            SKL_TRY(continue_once());
        }
    }

private:
    // One attempt, and the pause behind it if it did not bring all.
    Result<void> continue_once() {
        const uint64_t before = blob_.size();
        begun_ = false;
        auto outcome = session_.attempt(request());
        if (writing_) {
            // Its own failure is why the attempt broke off, if both failed.
            if (auto written = writing_->drain(); !written) return written;
        }
        if (blob_.size() >= before + progress_bytes) backoff_.forgive();
        if (session_.worth_another(outcome)) return session_.wait(outcome, backoff_);
        if (!outcome) return outcome.error();
        if (outcome->status == 416 && before > 0) {
            // It has fewer bytes than we have already: ours are wrong, or another blob's.
            taken_up_ = false;
            return blob_.restart();
        }
        if (!outcome->succeeded()) {
            return unexpected(*outcome, "no such blob", blob_.descriptor().digest.to_string());
        }
        if (blob_.complete()) return {};
        return backoff_.wait(make_error(SKL_E_REMOTE_UNREACHABLE,
                                        fmt::format("the answer ended after {} of {} bytes",
                                                    blob_.size(), blob_.descriptor().size),
                                        blob_.descriptor().digest.to_string(), "try again later"),
                             std::nullopt, session_.stop());
    }

    HttpRequest request() {
        HttpRequest request;
        const Descriptor &blob = blob_.descriptor();
        request.url = session_.repository().url("blobs/" + blob.digest.to_string());
        if (blob_.size() > 0) {
            request.headers.push_back(fmt::format("Range: bytes={}-", blob_.size()));
        }
        request.take = [this](const HttpResponse &head, std::span<const std::byte> bytes) {
            return take(head, bytes);
        };
        return request;
    }

    Result<void> take(const HttpResponse &head, std::span<const std::byte> bytes) {
        if (!begun_) SKL_TRY(begin(head));
        begun_ = true;
        return writing_ ? writing_->put(bytes) : write(bytes);
    }

    Result<void> write(std::span<const std::byte> bytes) {
        SKL_TRY(blob_.write(bytes));
        return advance_(bytes.size());
    }

    // Holds what the answer says it is against what was asked for.
    Result<void> begin(const HttpResponse &head) {
        const Descriptor &blob = blob_.descriptor();
        if (head.status == 206) {
            const auto from = range_begin(head.header("content-range"), blob.size);
            if (from != blob_.size()) {
                return make_error(SKL_E_REMOTE_INVALID,
                                  fmt::format("asked for bytes from {} on, the registry answers "
                                              "with another range",
                                              blob_.size()),
                                  blob.digest.to_string());
            }
        } else if (blob_.size() > 0) {
            SKL_TRY(blob_.restart());  // it sends all, whatever was asked for
        }
        const std::string_view length = head.header("content-length");
        uint64_t coming = 0;
        const auto read = std::from_chars(length.data(), length.data() + length.size(), coming);
        if (length.empty() || read.ec != std::errc()) return {};
        if (coming > UINT64_MAX - blob_.size()) coming = UINT64_MAX - blob_.size();
        return check_size(blob, blob_.size() + coming);
    }

    RemoteSession &session_;
    PartialBlob &blob_;
    const Advance &advance_;
    Backoff backoff_;
    bool taken_up_;       // some of the bytes were here before
    bool begun_ = false;  // this attempt's answer was looked at
    // Has the blob to itself from the first piece of an attempt until it is drained.
    std::unique_ptr<HandOver> writing_;
};

}  // namespace

Result<RemoteManifest> fetch_manifest(RemoteSession &session, const std::string &selector) {
    SKL_TRY_ASSIGN(response, session.send(manifest_request(session, selector,
                                                           {media::manifest, media::index})));
    const std::string subject = subject_of(session, selector);
    if (!response.succeeded()) return unexpected(response, "no such manifest", subject);
    const Digest found = sha256(response.body);
    SKL_TRY(check_content_digest(response, found));
    if (selector.starts_with("sha256:")) {
        SKL_TRY_ASSIGN(wanted, Digest::parse(selector));
        SKL_TRY(check_digest(wanted, found));
    }
    if (response.header("content-type").starts_with(media::index)) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "an index of several manifests", subject,
                          "name one of them: HOST/NAME@sha256:…");
    }
    SKL_TRY_ASSIGN(manifest, OciManifest::parse(response.body));
    Descriptor descriptor{
        std::string(media::manifest), found, response.body.size(), manifest.artifact_type, {}};
    return RemoteManifest{std::move(descriptor), std::move(response.body)};
}

Result<std::string> fetch_document(RemoteSession &session, const Descriptor &descriptor) {
    if (descriptor.size > document_bytes_max) {
        return make_error(SKL_E_MANIFEST_INVALID,
                          fmt::format("a document of {} bytes, at most {} are read",
                                      descriptor.size, document_bytes_max),
                          descriptor.digest.to_string());
    }
    HttpRequest request;
    request.url = session.repository().url("blobs/" + descriptor.digest.to_string());
    request.answer_bytes_max = descriptor.size;
    SKL_TRY_ASSIGN(response, session.send(request));
    if (!response.succeeded()) {
        return unexpected(response, "no such blob", descriptor.digest.to_string());
    }
    SKL_TRY(check_size(descriptor, response.body.size()));
    SKL_TRY(check_digest(descriptor.digest, sha256(response.body)));
    return std::move(response.body);
}

Result<std::vector<Descriptor>> fetch_referrers(RemoteSession &session, const Digest &subject,
                                                const std::vector<std::string_view> &types,
                                                size_t most) {
    SKL_TRY_ASSIGN(entries, all_referrers(session, subject));
    std::erase_if(entries, [&](const Descriptor &entry) {
        return std::find(types.begin(), types.end(), entry.artifact_type) == types.end();
    });
    if (entries.size() > most) {
        return make_error(
            SKL_E_REMOTE_INVALID,
            fmt::format("{} documents are attached, at most {} are read", entries.size(), most),
            subject.to_string());
    }
    return std::move(entries);
}

Result<void> fetch_blob(RemoteSession &session, PartialBlob &blob, const Advance &advance) {
    return BlobTransfer(session, blob, advance).run();
}

}  // namespace skillet
