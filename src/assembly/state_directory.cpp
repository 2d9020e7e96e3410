// SPDX-License-Identifier: Apache-2.0
#include "assembly/state_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/digest.h"

namespace skillet {
namespace {

constexpr size_t root_hex_digits = 16;

// One name for a root, whichever way it is written.
std::string canonical_path(const std::string &path) {
    std::error_code failure;
    const auto canonical = std::filesystem::weakly_canonical(path, failure);
    return failure ? path : canonical.string();
}

}  // namespace

std::string xdg_directory(const char *variable, const char *below_home) {
    // A relative one is to be ignored, says the specification.
    if (const char *path = std::getenv(variable); path != nullptr && *path == '/') return path;
    const char *home = std::getenv("HOME");
    return home == nullptr || *home == '\0' ? "" : std::string(home) + below_home;
}

std::string existing_part(std::string path) {
    while (::access(path.c_str(), F_OK) != 0) {
        const size_t slash = path.find_last_of('/');
        if (slash == std::string::npos) return ".";
        if (slash == 0) return "/";
        path.resize(slash);
    }
    return path;
}

bool can_write_in(const std::string &directory) {
    // As this process acts, not as whoever started it.
    return ::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

std::string default_state_directory(const std::string &root) {
    std::string inside = root + "/run";
    if (can_write_in(existing_part(inside))) return inside;
    const std::string below = xdg_directory("XDG_STATE_HOME", "/.local/state");
    if (below.empty()) return below;
    return below + "/skillet/" + sha256(canonical_path(root)).hex().substr(0, root_hex_digits);
}

}  // namespace skillet
