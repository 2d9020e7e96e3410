// SPDX-License-Identifier: Apache-2.0
// An http(s) address, in the few forms that cannot be read in two ways: no user, no fragment, no
// byte that another reader could take for a separator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skillet {

struct Url {
    bool tls = true;
    std::string host;     // lower case; of IPv6 in brackets
    uint16_t port = 443;  // also where the text has none
    std::string target;   // path and query; begins with '/'

    // SKL_E_REMOTE_INVALID for anything else.
    static Result<Url> parse(std::string_view text);
    // HOST or HOST:PORT, with TLS unless `plain`.
    static Result<Url> of_host(std::string_view authority, bool plain);

    // Where a Location header of an answer from here leads.
    [[nodiscard]] Result<Url> resolve(std::string_view location) const;
    // The same server by the same means: credentials for one are for the other.
    [[nodiscard]] bool same_origin(const Url &other) const;
    // With NAME=VALUE, percent-encoded, added to the query.
    [[nodiscard]] Url with_query(std::string_view name, std::string_view value) const;
    [[nodiscard]] std::string text() const;
};

// localhost, 127.0.0.0/8 and [::1], as they are usually written.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace skillet
