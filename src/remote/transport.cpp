// SPDX-License-Identifier: Apache-2.0
#include "remote/transport.h"

#include <pthread.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <new>

#include <fmt/format.h>

#include "remote/curl_library.h"

namespace skillet {
namespace {

constexpr uint64_t header_bytes_max = 64 * 1024;
constexpr uint64_t error_bytes_max = 16 * 1024;
constexpr long buffer_bytes = 512 * 1024;
// How long a caller who wants an end may wait for it.
constexpr auto look = std::chrono::milliseconds(100);

// TLS writes to sockets that may be closed at the other end, which must not end the process: holds
// back the signal that this thread would get for it.
class NoSigpipe {
public:
    NoSigpipe() {
        ::sigemptyset(&only_);
        ::sigaddset(&only_, SIGPIPE);
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
        ::pthread_sigmask(SIG_BLOCK, &only_, &before_);
    }
    ~NoSigpipe() {
        constexpr timespec now{};
        while (!was_pending_ && ::sigtimedwait(&only_, nullptr, &now) == SIGPIPE) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoSigpipe(const NoSigpipe &) = delete;
    NoSigpipe &operator=(const NoSigpipe &) = delete;

private:
    sigset_t only_{};
    sigset_t before_{};
    bool was_pending_ = false;
};

// What libcurl's callbacks see of one exchange.
struct Exchange {
    const HttpRequest &request;
    HttpResponse response;
    Result<void> failure;  // of a callback: it ends the exchange
    bool enough = false;   // the rest of an error's text is of no use
    uint64_t header_bytes = 0;
    uint64_t sent = 0;
    SteadyClock::time_point last_sign = SteadyClock::now();
};

Error invalid(const HttpRequest &request, std::string message) {
    return make_error(SKL_E_REMOTE_INVALID, std::move(message), request.url.host);
}

// Callbacks are called by C code: nothing may be thrown through it.
template <typename Body>
bool survives(Exchange &exchange, Body body) noexcept {
    try {
        exchange.last_sign = SteadyClock::now();
        if (exchange.failure) exchange.failure = body();
    } catch (const std::bad_alloc &) {
        exchange.failure = Error{SKL_E_OUT_OF_MEMORY, "out of memory", {}, {}, {}, {}};
    } catch (...) {
        exchange.failure = Error{SKL_E_INTERNAL, {}, {}, {}, {}, {}};
    }
    return exchange.failure.has_value();
}

std::string_view trimmed(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

Result<void> take_header(Exchange &exchange, std::string_view line) {
    exchange.header_bytes += line.size();
    if (exchange.header_bytes > header_bytes_max) {
        return invalid(exchange.request,
                       fmt::format("headers of more than {} bytes", header_bytes_max));
    }
    HttpResponse &response = exchange.response;
    if (line.starts_with("HTTP/")) {  // also of an interim answer, which another one follows
        response = {};
        const size_t space = std::min(line.find(' '), line.size());
        const std::string_view status = trimmed(line.substr(space)).substr(0, 3);
        std::from_chars(status.data(), status.data() + status.size(), response.status);
        return {};
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::string_view value = trimmed(line.substr(colon + 1));
    const auto [place, added] = response.headers.emplace(std::move(name), value);
    if (!added) place->second += fmt::format(", {}", value);
    return {};
}

Result<void> take_body(Exchange &exchange, std::span<const std::byte> bytes) {
    const HttpRequest &request = exchange.request;
    HttpResponse &response = exchange.response;
    if (response.succeeded() && request.take) return request.take(response, bytes);
    const uint64_t most = response.succeeded() ? request.answer_bytes_max : error_bytes_max;
    const uint64_t room = most - std::min<uint64_t>(most, response.body.size());
    const size_t kept = static_cast<size_t>(std::min<uint64_t>(room, bytes.size()));
    response.body.append(reinterpret_cast<const char *>(bytes.data()), kept);
    if (kept == bytes.size()) return {};
    if (response.succeeded()) {
        return invalid(request, fmt::format("an answer of more than {} bytes", most));
    }
    exchange.enough = true;
    return {};
}

size_t on_header(char *data, size_t size, size_t count, void *user) {
    auto &exchange = *static_cast<Exchange *>(user);
    const std::string_view line(data, size * count);
    return survives(exchange, [&] { return take_header(exchange, line); }) ? size * count : 0;
}

size_t on_body(char *data, size_t size, size_t count, void *user) {
    auto &exchange = *static_cast<Exchange *>(user);
    const auto bytes = std::as_bytes(std::span(data, size * count));
    const bool goes_on = survives(exchange, [&] { return take_body(exchange, bytes); });
    return goes_on && !exchange.enough ? size * count : 0;
}

size_t on_send(char *buffer, size_t size, size_t count, void *user) {
    auto &exchange = *static_cast<Exchange *>(user);
    const HttpRequest &request = exchange.request;
    const uint64_t left = request.body_bytes - exchange.sent;
    const auto part =
        std::span(buffer, static_cast<size_t>(std::min<uint64_t>(left, size * count)));
    const auto read = [&]() -> Result<void> {
        if (part.empty()) return {};
        SKL_TRY(request.body->read_at(request.body_offset + exchange.sent,
                                      std::as_writable_bytes(part)));
        exchange.sent += part.size();
        if (request.sent) request.sent(part.size());
        return {};
    };
    return survives(exchange, read) ? part.size() : CURL_READFUNC_ABORT;
}

// Whose certificates to trust, where the environment says so as curl and OpenSSL read it.
const char *certificates() {
    for (const char *name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
        const char *path = std::getenv(name);
        if (path != nullptr && *path != '\0') return path;
    }
    return nullptr;
}

// What went wrong, by libcurl's code.
struct Outcome {
    Code code;
    bool passes;  // worth another attempt
    const char *hint;
};

Outcome outcome_of(CURLcode code) {
    constexpr const char *wait = "check the network, or try again later";
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
            return {SKL_E_REMOTE_UNREACHABLE, false, "check host, port and proxy"};
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
            return {SKL_E_REMOTE_INVALID, false,
                    "let SSL_CERT_FILE name a file of the certificates to trust"};
        case CURLE_SSL_CONNECT_ERROR:
            return {SKL_E_REMOTE_INVALID, false,
                    "a registry without TLS needs --plain-http, if its network is trusted"};
        case CURLE_OUT_OF_MEMORY: return {SKL_E_OUT_OF_MEMORY, false, ""};
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_SEND_ERROR:
        case CURLE_SEND_FAIL_REWIND:
        case CURLE_RECV_ERROR:
        case CURLE_GOT_NOTHING:
        case CURLE_PARTIAL_FILE:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM: return {SKL_E_REMOTE_UNREACHABLE, true, wait};
        default: return {SKL_E_REMOTE_INVALID, false, ""};
    }
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
    const auto found = headers.find(name);
    return found != headers.end() ? std::string_view(found->second) : std::string_view();
}

struct Transport::Handles {
    const CurlLibrary &curl;
    TransportOptions options;
    CURLM *multi = nullptr;
    CURL *easy = nullptr;
    curl_slist *headers = nullptr;
    bool broke_off = false;

    explicit Handles(const CurlLibrary &library, const TransportOptions &wanted)
        : curl(library),
          options(wanted),
          multi(library.multi_init()),
          easy(multi != nullptr ? library.easy_init() : nullptr) {}
    ~Handles() {
        forget_headers();
        if (easy != nullptr) curl.easy_cleanup(easy);
        if (multi != nullptr) curl.multi_cleanup(multi);
    }
    Handles(const Handles &) = delete;
    Handles &operator=(const Handles &) = delete;

    void forget_headers() {
        curl.slist_free_all(headers);
        headers = nullptr;
    }
    template <typename Value>
    bool set(CURLoption option, Value value) {
        return curl.easy_setopt(easy, option, value) == CURLE_OK;
    }
    bool add_header(const std::string &line) {
        curl_slist *more = curl.slist_append(headers, line.c_str());
        if (more != nullptr) headers = more;
        return more != nullptr;
    }

    bool set_up(Exchange &exchange);
    bool set_body(Exchange &exchange);
    // Until it is over, somebody wants an end, or nothing happens for too long.
    Result<CURLcode> run(Exchange &exchange, const StopSignal &stop);
};

bool Transport::Handles::set_body(Exchange &exchange) {
    const HttpRequest &request = exchange.request;
    if (request.method == "HEAD") return set(CURLOPT_NOBODY, 1L);
    if (request.method == "GET") return set(CURLOPT_HTTPGET, 1L);
    return set(CURLOPT_UPLOAD, 1L) && set(CURLOPT_CUSTOMREQUEST, request.method.c_str()) &&
           set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body_bytes)) &&
           set(CURLOPT_READFUNCTION, on_send) && set(CURLOPT_READDATA, &exchange) &&
           // No CURLOPT_SEEKFUNCTION: where a connection breaks in an upload, libcurl would send
           // all of it again, while the server may have kept a part. Its sender asks first.
           set(CURLOPT_UPLOAD_BUFFERSIZE, buffer_bytes) &&
           add_header("Expect:");  // what we send, we have been asked for
}

bool Transport::Handles::set_up(Exchange &exchange) {
    curl.easy_reset(easy);
    forget_headers();
    const HttpRequest &request = exchange.request;
    for (const std::string &line : request.headers) {
        if (!add_header(line)) return false;
    }
    const char *trusted = certificates();
    return set_body(exchange) && set(CURLOPT_URL, request.url.text().c_str()) &&
           set(CURLOPT_HTTPHEADER, headers) && set(CURLOPT_PROTOCOLS_STR, "http,https") &&
           set(CURLOPT_FOLLOWLOCATION, 0L) && set(CURLOPT_PATH_AS_IS, 1L) &&
           set(CURLOPT_USERAGENT, "skillet") && set(CURLOPT_NOSIGNAL, 1L) &&
           set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) && set(CURLOPT_BUFFERSIZE, buffer_bytes) &&
           set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count())) &&
           set(CURLOPT_HEADERFUNCTION, on_header) && set(CURLOPT_HEADERDATA, &exchange) &&
           set(CURLOPT_WRITEFUNCTION, on_body) && set(CURLOPT_WRITEDATA, &exchange) &&
           (trusted == nullptr || set(CURLOPT_CAINFO, trusted));
}

Result<CURLcode> Transport::Handles::run(Exchange &exchange, const StopSignal &stop) {
    for (;;) {
        int running = 0;
        if (curl.multi_perform(multi, &running) != CURLM_OK) return CURLE_RECV_ERROR;
        if (running == 0) break;
        SKL_TRY(stop.check());
        const auto idle = SteadyClock::now() - exchange.last_sign;
        // While it connects there is another limit.
        if (idle >= std::max(options.idle_timeout, exchange.header_bytes + exchange.sent == 0
                                                       ? options.connect_timeout
                                                       : options.idle_timeout)) {
            return CURLE_OPERATION_TIMEDOUT;
        }
        const auto patience = std::min<std::chrono::milliseconds>(look, options.idle_timeout);
        (void)curl.multi_poll(multi, nullptr, 0, static_cast<int>(patience.count()), nullptr);
    }
    int queued = 0;
    const CURLMsg *message = curl.multi_info_read(multi, &queued);
    return message != nullptr ? message->data.result : CURLE_RECV_ERROR;
}

Transport::Transport(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
Transport::Transport(Transport &&) noexcept = default;
Transport::~Transport() = default;

Result<Transport> Transport::open(const TransportOptions &options) {
    SKL_TRY_ASSIGN(library, CurlLibrary::get());
    auto handles = std::make_unique<Handles>(*library, options);
    if (handles->easy == nullptr) return make_error(SKL_E_OUT_OF_MEMORY, "libcurl has no memory");
    return Transport(std::move(handles));
}

bool Transport::broke_off() const { return handles_->broke_off; }

Result<HttpResponse> Transport::perform(const HttpRequest &request, const StopSignal &stop) {
    const NoSigpipe no_sigpipe;
    handles_->broke_off = false;
    SKL_TRY(stop.check());
    Exchange exchange{request, {}, {}};
    if (!handles_->set_up(exchange) ||
        handles_->curl.multi_add_handle(handles_->multi, handles_->easy) != CURLM_OK) {
        return make_error(SKL_E_OUT_OF_MEMORY, "libcurl refused to begin", request.url.host);
    }
    const auto ended = handles_->run(exchange, stop);
    handles_->curl.multi_remove_handle(handles_->multi, handles_->easy);
    if (!ended) return ended.error();
    if (!exchange.failure) return std::move(exchange.failure).error();
    if (*ended == CURLE_OK || exchange.enough) return std::move(exchange.response);
    const Outcome outcome = outcome_of(*ended);
    handles_->broke_off = outcome.passes;
    return make_error(outcome.code, handles_->curl.easy_strerror(*ended), request.url.host,
                      outcome.hint);
}

}  // namespace skillet
