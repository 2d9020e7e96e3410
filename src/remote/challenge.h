// SPDX-License-Identifier: Apache-2.0
// What a server that refused a request asks for: the header WWW-Authenticate.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace skillet {

struct Challenge {
    bool bearer = false;                                         // else basic
    std::map<std::string, std::string, std::less<>> parameters;  // by names in lower case

    [[nodiscard]] std::string_view parameter(std::string_view name) const;

    // The first one of a scheme we know; several challenges may follow each other. Nothing if there
    // is none, or if the header is malformed before it.
    static std::optional<Challenge> parse(std::string_view header);
};

}  // namespace skillet
