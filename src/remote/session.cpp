// SPDX-License-Identifier: Apache-2.0
#include "remote/session.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "json/parse.h"

namespace skillet {
namespace {

constexpr unsigned redirects_max = 5;

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool may_pass(int status) {
    return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

// What an error document of the registry says, in so far as it is text.
std::string said_in(const HttpResponse &response) {
    const auto document = json::parse(response.body, SKL_E_REMOTE_INVALID, "");
    if (!document) return {};
    std::string said;
    for (const char *pointer : {"/errors/0/code", "/errors/0/message"}) {
        const json::Value *value = json::resolve(*document, pointer);
        if (value == nullptr || value->string() == nullptr) continue;
        const std::string_view text = std::string_view(*value->string()).substr(0, 200);
        said += said.empty() ? ": " : ", ";
        for (const char c : text) said += c >= ' ' && c < 127 ? c : '?';
    }
    return said;
}

std::string scope_of(const RemoteReference &reference, RemoteRepository::Purpose purpose) {
    return fmt::format("repository:{}:{}", reference.name,
                       purpose == RemoteRepository::Purpose::push ? "pull,push" : "pull");
}

Authorizer::PlainHttp plain_of(const RemoteOptions &options, const Url &base) {
    if (options.plain_http) return Authorizer::PlainHttp::anywhere;
    return base.tls ? Authorizer::PlainHttp::never : Authorizer::PlainHttp::on_this_machine;
}

// The host that serves docker.io has another name.
std::string server_of(const std::string &host) {
    return host == "docker.io" ? "registry-1.docker.io" : host;
}

}  // namespace

Error unexpected(const HttpResponse &response, std::string_view what, const std::string &subject) {
    std::string message =
        fmt::format("{}: the registry answers {}{}", what, response.status, said_in(response));
    if (response.status == 404) return make_error(SKL_E_NOT_FOUND, std::move(message), subject);
    if (may_pass(response.status)) {
        return make_error(SKL_E_REMOTE_UNREACHABLE, std::move(message), subject, "try again later");
    }
    return make_error(SKL_E_REMOTE_INVALID, std::move(message), subject);
}

RemoteRepository::RemoteRepository(RemoteReference reference, Url base, Purpose purpose,
                                   RemoteOptions options)
    : reference_(std::move(reference)),
      options_(std::move(options)),
      base_(std::move(base)),
      authorizer_(reference_.host, scope_of(reference_, purpose), options_.credentials_file,
                  plain_of(options_, base_)) {}

Result<std::unique_ptr<RemoteRepository>> RemoteRepository::open(const RemoteReference &reference,
                                                                 Purpose purpose,
                                                                 RemoteOptions options) {
    SKL_TRY_ASSIGN(secure, Url::of_host(server_of(reference.host), false));
    const bool plain =
        options.plain_http || (is_loopback(secure.host) && !reference.host.ends_with(":443"));
    SKL_TRY_ASSIGN(base, Url::of_host(server_of(reference.host), plain));
    options.connections_max = std::clamp(options.connections_max, 1u, 16u);
    return std::unique_ptr<RemoteRepository>(
        new RemoteRepository(reference, base, purpose, std::move(options)));
}

Url RemoteRepository::url(std::string_view path) const {
    Url url = base_;
    url.target = fmt::format("/v2/{}/{}", reference_.name, path);
    return url;
}

Result<RemoteSession> RemoteSession::open(RemoteRepository &repository, const StopSignal &stop) {
    SKL_TRY_ASSIGN(transport, Transport::open(repository.options().transport));
    return RemoteSession(repository, std::move(transport), stop);
}

// Only the registry itself is told who we are: a redirect may lead anywhere.
Result<HttpResponse> RemoteSession::perform_authorized(HttpRequest request) {
    if (!request.url.same_origin(repository_->url(""))) return transport_.perform(request, stop_);
    Authorizer &authorizer = repository_->authorizer();
    constexpr const char *name = "Authorization: ";
    std::string used = authorizer.header();
    if (!used.empty()) request.headers.push_back(name + used);
    SKL_TRY_ASSIGN(first, transport_.perform(request, stop_));
    if (first.status != 401) return std::move(first);
    SKL_TRY(authorizer.answer(first.header("www-authenticate"), used, transport_, stop_));
    if (!used.empty()) request.headers.pop_back();
    request.headers.push_back(name + authorizer.header());
    return transport_.perform(request, stop_);
}

Result<Url> RemoteSession::follow(const Url &from, std::string_view location) const {
    SKL_TRY_ASSIGN(target, from.resolve(location));
    const bool stays_here = !from.tls && is_loopback(target.host);
    if (target.tls || stays_here || repository_->options().plain_http) return std::move(target);
    return make_error(SKL_E_REMOTE_INVALID,
                      fmt::format("{} leads to a host without TLS", from.host), target.host);
}

Result<HttpResponse> RemoteSession::attempt(const HttpRequest &request) {
    HttpRequest current = request;
    for (unsigned hops = 0; hops <= redirects_max; ++hops) {
        SKL_TRY_ASSIGN(response, perform_authorized(current));
        const bool asked = response.status == 401 || response.status == 403;
        if (asked && current.url.same_origin(repository_->url(""))) {
            return repository_->authorizer().refused(
                fmt::format("the registry answers {}{}", response.status, said_in(response)));
        }
        const bool follows = current.method == "GET" || current.method == "HEAD";
        if (!follows || !is_redirect(response.status)) return std::move(response);
        SKL_TRY_ASSIGN(next, follow(current.url, response.header("location")));
        current.url = std::move(next);
    }
    return make_error(SKL_E_REMOTE_INVALID,
                      fmt::format("more than {} redirects, one after the other", redirects_max),
                      request.url.host);
}

bool RemoteSession::worth_another(const Result<HttpResponse> &outcome) const {
    return outcome ? may_pass(outcome->status)
                   : outcome.error().code == SKL_E_REMOTE_UNREACHABLE && transport_.broke_off();
}

Result<void> RemoteSession::wait(const Result<HttpResponse> &outcome, Backoff &backoff) {
    if (!outcome) return backoff.wait(outcome.error(), std::nullopt, stop_);
    return backoff.wait(unexpected(*outcome, "no answer yet", repository_->reference().host),
                        parse_retry_after(outcome->header("retry-after"), ::time(nullptr)), stop_);
}

Result<HttpResponse> RemoteSession::send(const MakeRequest &make, Backoff &backoff) {
    for (;;) {
        auto outcome = attempt(make());
        if (!worth_another(outcome)) return outcome;
        SKL_TRY(wait(outcome, backoff));
    }
}

Result<HttpResponse> RemoteSession::send(const HttpRequest &request) {
    Backoff attempts = backoff();
    return send([&] { return request; }, attempts);
}

}  // namespace skillet
