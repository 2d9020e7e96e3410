// SPDX-License-Identifier: Apache-2.0
// Names and passwords for registries, as docker keeps them: $DOCKER_CONFIG/config.json, else
// ~/.docker/config.json.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skillet {

struct Credentials {
    std::string user;
    std::string password;
};

// What docker's configuration says about a registry, HOST or HOST:PORT. Nothing if it says nothing;
// SKL_E_REMOTE_DENIED if the answer is in a credential helper, which is a program: we start none.
// No error holds a password.
[[nodiscard]] Result<std::optional<Credentials>> credentials_in(std::string_view config_text,
                                                                std::string_view host);

// The same from a file; an empty path means docker's own, which may be missing.
[[nodiscard]] Result<std::optional<Credentials>> find_credentials(const std::string &path,
                                                                  std::string_view host);

}  // namespace skillet
