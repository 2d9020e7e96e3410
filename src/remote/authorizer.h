// SPDX-License-Identifier: Apache-2.0
// The right to talk to one repository: what to send with a request, and how to get it when the
// registry asks. Credentials are looked up only then, and go to the registry and to the token
// server it names, nowhere else; nothing of them is in an error or a log. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "remote/challenge.h"
#include "remote/transport.h"

namespace skillet {

class Authorizer {
public:
    enum class PlainHttp { never, on_this_machine, anywhere };

    // `host` as the credentials' file calls it; `plain_http`: where a token server may lack TLS.
    Authorizer(std::string host, std::string scope, std::string credentials_file,
               PlainHttp plain_http);

    // The value of the header Authorization; empty as long as nobody asked for one.
    [[nodiscard]] std::string header() const;

    // After an answer 401 to a request that had `used`: gets what the challenge asks for.
    // SKL_E_REMOTE_DENIED if there is nothing more to try.
    [[nodiscard]] Result<void> answer(std::string_view challenge_header, const std::string &used,
                                      Transport &transport, const StopSignal &stop);

    // What to say when the registry refuses for good.
    [[nodiscard]] Error refused(std::string message) const;

private:
    Result<std::string> basic() const;
    // The functions below are called with mutex_ held.
    Result<std::string> fetch_token(const Challenge &challenge, Transport &transport,
                                    const StopSignal &stop);
    [[nodiscard]] Error denied(std::string message) const;

    const std::string host_;
    const std::string scope_;
    const std::string credentials_file_;
    const PlainHttp plain_http_;
    mutable std::mutex mutex_;
    std::string header_;             // guarded by mutex_
    std::optional<Error> obstacle_;  // likewise: why we are nobody to the token server
};

}  // namespace skillet
