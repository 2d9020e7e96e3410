// SPDX-License-Identifier: Apache-2.0
// Conversations with one repository of a registry: authorization when it is asked for, redirects,
// another attempt where one can help, and errors that say what the registry said.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "remote/authorizer.h"
#include "remote/backoff.h"
#include "remote/remote_reference.h"
#include "remote/transport.h"

namespace skillet {

struct RemoteOptions {
    bool plain_http = false;       // also for hosts that are not this machine
    std::string credentials_file;  // as docker writes it; empty: docker's own
    unsigned connections_max = 4;
    // What an upload sends at once. A break costs one piece at most, also where a registry forgets
    // what it has of an unfinished one.
    uint64_t piece_bytes = 16u << 20;
    TransportOptions transport;
    RetryRules retry;
};

// A repository and the right to talk to it, which several sessions share. Thread-safe.
class RemoteRepository {
public:
    enum class Purpose { pull, push };
    static Result<std::unique_ptr<RemoteRepository>> open(const RemoteReference &reference,
                                                          Purpose purpose, RemoteOptions options);

    [[nodiscard]] const RemoteReference &reference() const { return reference_; }
    [[nodiscard]] const RemoteOptions &options() const { return options_; }
    [[nodiscard]] Authorizer &authorizer() { return authorizer_; }
    // Of something in the repository, such as "manifests/1.0.0".
    [[nodiscard]] Url url(std::string_view path) const;

private:
    RemoteRepository(RemoteReference reference, Url base, Purpose purpose, RemoteOptions options);

    const RemoteReference reference_;
    const RemoteOptions options_;
    const Url base_;
    Authorizer authorizer_;
};

// For one thread.
class RemoteSession {
public:
    static Result<RemoteSession> open(RemoteRepository &repository, const StopSignal &stop);

    [[nodiscard]] RemoteRepository &repository() const { return *repository_; }
    [[nodiscard]] const StopSignal &stop() const { return stop_; }

    // Makes a request for each attempt, which may depend on what the one before achieved.
    using MakeRequest = std::function<HttpRequest()>;

    // One attempt: answers a challenge, follows redirects of GET and HEAD. An answer of any other
    // status is the caller's, 401 and 403 are SKL_E_REMOTE_DENIED.
    [[nodiscard]] Result<HttpResponse> attempt(const HttpRequest &request);
    // As many as the rules admit. What is left are answers that another attempt would not change.
    [[nodiscard]] Result<HttpResponse> send(const MakeRequest &make, Backoff &backoff);
    [[nodiscard]] Result<HttpResponse> send(const HttpRequest &request);

    // The address that an answer from `from` leads to: nowhere without TLS that was not so before.
    [[nodiscard]] Result<Url> follow(const Url &from, std::string_view location) const;

    // Whether another attempt can help after this outcome of attempt(), and when.
    [[nodiscard]] bool worth_another(const Result<HttpResponse> &outcome) const;
    // Waits for it: the error that it is in the end.
    [[nodiscard]] Result<void> wait(const Result<HttpResponse> &outcome, Backoff &backoff);
    [[nodiscard]] Backoff backoff() const { return Backoff(repository_->options().retry); }

private:
    RemoteSession(RemoteRepository &repository, Transport transport, StopSignal stop)
        : repository_(&repository), transport_(std::move(transport)), stop_(std::move(stop)) {}
    Result<HttpResponse> perform_authorized(HttpRequest request);

    RemoteRepository *repository_;
    Transport transport_;
    StopSignal stop_;
};

// The error for an answer that nobody can use: SKL_E_NOT_FOUND for 404, SKL_E_REMOTE_UNREACHABLE
// for what may pass, else SKL_E_REMOTE_INVALID; with what the registry says about it.
[[nodiscard]] Error unexpected(const HttpResponse &response, std::string_view what,
                               const std::string &subject);

}  // namespace skillet
