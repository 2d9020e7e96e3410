// SPDX-License-Identifier: Apache-2.0
#include "remote/upload.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"

namespace skillet {
namespace {

constexpr const char *binary = "Content-Type: application/octet-stream";

// The registry's answer "Range: 0-41": bytes that it has.
std::optional<uint64_t> received(const HttpResponse &response) {
    std::string_view text = response.header("range");
    if (text.starts_with("bytes=")) text.remove_prefix(6);
    if (!text.starts_with("0-")) return std::nullopt;
    text.remove_prefix(2);
    uint64_t last = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), last);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return last + (last < UINT64_MAX);
}

// One blob on its way, over all attempts.
class BlobUpload {
public:
    BlobUpload(RemoteSession &session, const Descriptor &descriptor, const ByteSource &bytes,
               const Advance &advance)
        : session_(session),
          descriptor_(descriptor),
          bytes_(bytes),
          advance_(advance),
          backoff_(session.backoff()) {}

    Result<void> run() {
        SKL_TRY(begin());
        for (;;) {
            const bool closing = offset_ == descriptor_.size || descriptor_.size <= piece_max();
            const auto outcome = session_.attempt(closing ? closing_request() : piece_request());
            if (session_.worth_another(outcome)) {
                SKL_TRY(session_.wait(outcome, backoff_));
                SKL_TRY(ask());
                continue;
            }
            if (!outcome) return outcome.error();
            if (outcome->status == 404 || outcome->status == 416) {
                // The place to write to is gone, or holds something else than we think.
                SKL_TRY(backoff_.wait(refused(*outcome), std::nullopt, session_.stop()));
                SKL_TRY(ask());
                continue;
            }
            if (!outcome->succeeded()) return refused(*outcome);
            if (closing) return advance_to(descriptor_.size);
            SKL_TRY(go_on(*outcome));
        }
    }

private:
    [[nodiscard]] Error refused(const HttpResponse &response) const {
        return unexpected(response, "the blob was not taken", descriptor_.digest.to_string());
    }

    // Asks for a place to write to.
    Result<void> begin() {
        HttpRequest request;
        request.method = "POST";
        request.url = session_.repository().url("blobs/uploads/");
        request.answer_bytes_max = document_bytes_max;
        SKL_TRY_ASSIGN(response, session_.send([&] { return request; }, backoff_));
        if (!response.succeeded()) return refused(response);
        if (response.header("location").empty()) {
            return make_error(SKL_E_REMOTE_INVALID, "the registry names no place to write to",
                              descriptor_.digest.to_string());
        }
        place_ = session_.repository().url("blobs/uploads/");
        offset_ = 0;
        return move_to(response);
    }

    Result<void> move_to(const HttpResponse &response) {
        const std::string_view location = response.header("location");
        if (location.empty()) return {};
        SKL_TRY_ASSIGN(next, session_.follow(place_, location));
        place_ = std::move(next);
        return {};
    }

    // After a piece that was taken.
    Result<void> go_on(const HttpResponse &response) {
        SKL_TRY(move_to(response));
        const uint64_t now = received(response).value_or(offset_ + piece());
        if (now > descriptor_.size || now <= offset_) {
            return make_error(
                SKL_E_REMOTE_INVALID,
                fmt::format("the registry says that it has {} bytes of {}", now, descriptor_.size),
                descriptor_.digest.to_string());
        }
        offset_ = now;
        if (offset_ > told_) backoff_.forgive();  // further than ever
        return advance_to(offset_);
    }

    // After a break: how far did it come?
    Result<void> ask() {
        if (descriptor_.size <= piece_max()) return begin();
        HttpRequest request;
        request.url = place_;
        request.answer_bytes_max = document_bytes_max;
        const auto outcome = session_.attempt(request);
        const auto now = outcome && outcome->succeeded() ? received(*outcome) : std::nullopt;
        if (!now || *now > descriptor_.size) return begin();
        SKL_TRY(move_to(*outcome));
        // "0-0" stands for none at all where nothing has come yet: one byte is sent again.
        offset_ = *now == 1 ? 0 : *now;
        return {};
    }

    [[nodiscard]] uint64_t piece_max() const {
        return std::max<uint64_t>(1, session_.repository().options().piece_bytes);
    }
    [[nodiscard]] uint64_t piece() const {
        return std::min(piece_max(), descriptor_.size - offset_);
    }

    HttpRequest piece_request() {
        HttpRequest request = sending("PATCH", place_, piece());
        request.headers.push_back(
            fmt::format("Content-Range: {}-{}", offset_, offset_ + piece() - 1));
        return request;
    }

    // All of a small blob; of another one, nothing more.
    HttpRequest closing_request() {
        return sending("PUT", place_.with_query("digest", descriptor_.digest.to_string()),
                       descriptor_.size - offset_);
    }

    HttpRequest sending(const char *method, Url url, uint64_t bytes) {
        HttpRequest request;
        request.method = method;
        request.url = std::move(url);
        request.headers = {binary};
        request.body = &bytes_;
        request.body_offset = offset_;
        request.body_bytes = bytes;
        request.answer_bytes_max = document_bytes_max;
        return request;
    }

    Result<void> advance_to(uint64_t offset) {
        const uint64_t step = offset > told_ ? offset - told_ : 0;
        told_ += step;
        return advance_(step);
    }

    RemoteSession &session_;
    const Descriptor &descriptor_;
    const ByteSource &bytes_;
    const Advance &advance_;
    Backoff backoff_;
    Url place_;
    uint64_t offset_ = 0;
    uint64_t told_ = 0;  // bytes that `advance_` has heard of
};

json::Value descriptor_value(const Descriptor &descriptor) {
    // By way of its text: the form of a descriptor is known in one place only.
    const auto index = json::parse(OciIndex{{descriptor}}.to_json(), SKL_E_INTERNAL, "");
    const json::Value *value = index ? json::resolve(*index, "/manifests/0") : nullptr;
    return value != nullptr ? *value : json::Value();
}

bool lists(const json::Array &manifests, const Descriptor &descriptor) {
    return std::any_of(manifests.begin(), manifests.end(), [&](const json::Value &entry) {
        const json::Value *digest = json::resolve(entry, "/digest");
        return digest != nullptr && *digest == json::Value(descriptor.digest.to_string());
    });
}

}  // namespace

Result<bool> has_blob(RemoteSession &session, const Digest &digest) {
    HttpRequest request;
    request.method = "HEAD";
    request.url = session.repository().url("blobs/" + digest.to_string());
    SKL_TRY_ASSIGN(response, session.send(request));
    if (response.status == 404) return false;
    if (response.succeeded()) return true;
    return unexpected(response, "no word on a blob", digest.to_string());
}

Result<void> upload_blob(RemoteSession &session, const Descriptor &descriptor,
                         const ByteSource &bytes, const Advance &advance) {
    return BlobUpload(session, descriptor, bytes, advance).run();
}

namespace {

Result<HttpResponse> put_manifest(RemoteSession &session, const std::string &selector,
                                  std::string_view media_type, std::string_view text) {
    const MemorySource bytes{std::string(text), selector};
    HttpRequest request;
    request.method = "PUT";
    request.url = session.repository().url("manifests/" + selector);
    request.headers = {fmt::format("Content-Type: {}", media_type)};
    request.body = &bytes;
    request.body_bytes = bytes.size();
    request.answer_bytes_max = document_bytes_max;
    SKL_TRY_ASSIGN(response, session.send(request));
    if (!response.succeeded()) return unexpected(response, "the manifest was not taken", selector);
    const auto said = Digest::parse(response.header("docker-content-digest"));
    if (!said || *said == sha256(text)) return std::move(response);
    return make_error(SKL_E_REMOTE_INVALID, "the registry took the manifest as another one",
                      said->to_string());
}

}  // namespace

Result<bool> upload_manifest(RemoteSession &session, const std::string &selector,
                             std::string_view text) {
    SKL_TRY_ASSIGN(manifest, OciManifest::parse(text));
    SKL_TRY_ASSIGN(response, put_manifest(session, selector, media::manifest, text));
    return !manifest.subject ||
           response.header("oci-subject") == manifest.subject->digest.to_string();
}

Result<void> tag_referrers(RemoteSession &session, const Digest &subject,
                           const std::vector<Descriptor> &referrers) {
    const std::string tag = referrers_tag(subject);
    HttpRequest request;
    request.url = session.repository().url("manifests/" + tag);
    request.headers = {fmt::format("Accept: {}", media::index)};
    request.answer_bytes_max = document_bytes_max;
    SKL_TRY_ASSIGN(response, session.send(request));
    if (!response.succeeded() && response.status != 404) {
        return unexpected(response, "no list of referrers", subject.to_string());
    }
    const std::string text = response.succeeded() ? response.body : OciIndex{}.to_json();
    // Members that we do not know stay as they are: others keep their entries here, too.
    if (const auto known = OciIndex::parse(text); !known) {
        return make_error(SKL_E_REMOTE_INVALID,
                          "the list of referrers is malformed: " + known.error().message, tag);
    }
    SKL_TRY_ASSIGN(index, json::parse(text, SKL_E_REMOTE_INVALID, tag));
    json::Array manifests = *json::resolve(index, "/manifests")->array();
    const size_t before = manifests.size();
    for (const Descriptor &referrer : referrers) {
        if (!lists(manifests, referrer)) manifests.push_back(descriptor_value(referrer));
    }
    if (manifests.size() == before) return {};
    index.object()->set("manifests", std::move(manifests));
    SKL_TRY(put_manifest(session, tag, media::index, json::canonical(index)));
    return {};
}

}  // namespace skillet
