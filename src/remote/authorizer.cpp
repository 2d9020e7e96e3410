// SPDX-License-Identifier: Apache-2.0
#include "remote/authorizer.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/parse.h"
#include "remote/base64.h"
#include "remote/credentials.h"

namespace skillet {
namespace {

constexpr uint64_t token_bytes_max = 1u << 20;

// What stands in a header must not end it.
bool is_header_value(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

Result<std::string> token_in(const HttpResponse &response, const Url &realm) {
    const auto refuse = [&](const char *message) {
        return make_error(SKL_E_REMOTE_INVALID, message, realm.host);
    };
    const auto document = json::parse(response.body, SKL_E_REMOTE_INVALID, "");
    if (!document) return refuse("the token server's answer is not strict JSON");
    for (const char *member : {"/token", "/access_token"}) {
        const json::Value *value = json::resolve(*document, member);
        const std::string *token = value != nullptr ? value->string() : nullptr;
        if (token != nullptr && is_header_value(*token)) return *token;
    }
    return refuse("the token server's answer holds no token");
}

}  // namespace

Authorizer::Authorizer(std::string host, std::string scope, std::string credentials_file,
                       PlainHttp plain_http)
    : host_(std::move(host)),
      scope_(std::move(scope)),
      credentials_file_(std::move(credentials_file)),
      plain_http_(plain_http) {}

std::string Authorizer::header() const {
    const std::lock_guard lock(mutex_);
    return header_;
}

Error Authorizer::refused(std::string message) const {
    const std::lock_guard lock(mutex_);
    return denied(std::move(message));
}

Error Authorizer::denied(std::string message) const {
    if (obstacle_) return *obstacle_;
    return make_error(
        SKL_E_REMOTE_DENIED, std::move(message), host_,
        fmt::format("log in with `docker login {}`, or give a file of credentials", host_));
}

Result<void> Authorizer::answer(std::string_view challenge_header, const std::string &used,
                                Transport &transport, const StopSignal &stop) {
    const std::lock_guard lock(mutex_);
    if (header_ != used) return {};  // another thread was faster
    const auto challenge = Challenge::parse(challenge_header);
    if (!challenge) return denied("the registry refuses, and asks for nothing that we know");
    if (challenge->bearer) {
        SKL_TRY_ASSIGN(token, fetch_token(*challenge, transport, stop));
        header_ = "Bearer " + token;
        return {};
    }
    SKL_TRY_ASSIGN(own, basic());
    if (own.empty()) return denied("the registry wants name and password, and none are known");
    if (own == used) return denied("the registry does not accept the name and password we have");
    header_ = std::move(own);
    return {};
}

// Empty if there are no credentials.
Result<std::string> Authorizer::basic() const {
    SKL_TRY_ASSIGN(found, find_credentials(credentials_file_, host_));
    if (!found) return std::string();
    return "Basic " + base64_encode(found->user + ":" + found->password);
}

Result<std::string> Authorizer::fetch_token(const Challenge &challenge, Transport &transport,
                                            const StopSignal &stop) {
    SKL_TRY_ASSIGN(realm, Url::parse(challenge.parameter("realm")));
    const bool may_be_plain =
        plain_http_ == PlainHttp::anywhere ||
        (plain_http_ == PlainHttp::on_this_machine && is_loopback(realm.host));
    if (!realm.tls && !may_be_plain) {
        return make_error(SKL_E_REMOTE_INVALID, "the registry names a token server without TLS",
                          realm.host);
    }
    HttpRequest request;
    request.url = realm;
    const std::string_view service = challenge.parameter("service");
    const std::string_view scope = challenge.parameter("scope");
    if (!service.empty()) request.url = request.url.with_query("service", service);
    request.url = request.url.with_query("scope", scope.empty() ? scope_ : scope);
    request.answer_bytes_max = token_bytes_max;
    // Public packages need no name: who keeps theirs where we cannot read it is asked for none.
    const auto found = basic();
    if (!found) obstacle_ = found.error();
    const std::string own = found ? *found : std::string();
    if (!own.empty()) request.headers.push_back("Authorization: " + own);
    SKL_TRY_ASSIGN(response, transport.perform(request, stop));
    if (response.succeeded()) return token_in(response, realm);
    if (response.status == 401 || response.status == 403) {
        return denied(own.empty() ? "the token server wants name and password, and none are known"
                                  : "the token server does not accept the name and password");
    }
    return make_error(SKL_E_REMOTE_UNREACHABLE,
                      fmt::format("the token server answers {}", response.status), realm.host,
                      "try again later");
}

}  // namespace skillet
