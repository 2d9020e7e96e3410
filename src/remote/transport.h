// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange at a time over libcurl: no redirects, no retries, no credentials of its own.
// Proxies come from the environment (http_proxy, HTTPS_PROXY, NO_PROXY …), as libcurl reads it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/cancel.h"
#include "base/result.h"
#include "remote/url.h"

namespace skillet {

struct HttpResponse {
    int status = 0;
    std::map<std::string, std::string, std::less<>> headers;  // by names in lower case
    std::string body;  // unless somebody took it; of an error, its beginning

    // The header's value, or empty.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] bool succeeded() const { return status >= 200 && status < 300; }
};

struct HttpRequest {
    std::string method = "GET";
    Url url;
    std::vector<std::string> headers = {};  // "Name: value"
    // What is sent, from `body_offset` on.
    const ByteSource *body = nullptr;
    uint64_t body_offset = 0;
    uint64_t body_bytes = 0;
    std::function<void(uint64_t bytes)> sent = {};
    // What to do with each piece of an answer that succeeded; none: it is kept. `head` has no body.
    std::function<Result<void>(const HttpResponse &head, std::span<const std::byte>)> take = {};
    uint64_t answer_bytes_max = 0;  // a longer answer is cut off and refused, if it is kept
};

struct TransportOptions {
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(15);
    // The longest that no byte may come or go.
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
};

// A connection, kept for the next exchange if the server keeps it. For one thread.
class Transport {
public:
    static Result<Transport> open(const TransportOptions &options);
    Transport(Transport &&) noexcept;
    ~Transport();

    // An answer of any status. SKL_E_REMOTE_UNREACHABLE or SKL_E_REMOTE_INVALID if there is none,
    // the error of `take`, or that of `stop`.
    [[nodiscard]] Result<HttpResponse> perform(const HttpRequest &request, const StopSignal &stop);
    // Whether the last exchange broke off for a reason that passes: not a name that nobody has, or
    // a port where nobody listens.
    [[nodiscard]] bool broke_off() const;

private:
    struct Handles;
    explicit Transport(std::unique_ptr<Handles> handles);
    std::unique_ptr<Handles> handles_;
};

}  // namespace skillet
