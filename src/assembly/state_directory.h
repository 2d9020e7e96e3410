// SPDX-License-Identifier: Apache-2.0
// Where runtimes write what is not the root's truth, such as which package the engine is at.
//
// Losing it loses no package. A root on a read-only mount has none inside, hence a place of its own
// for each root below the user's state directory.
#pragma once

#include <string>

namespace skillet {

// ROOT/run if that can be written or made, else $XDG_STATE_HOME/skillet/HEX, where HEX is the start
// of the SHA-256 of the root's canonical path. Empty if there is no HOME to put it in either.
// Makes nothing.
[[nodiscard]] std::string default_state_directory(const std::string &root);

// The nearest folder above `path`, or itself, that exists.
[[nodiscard]] std::string existing_part(std::string path);

// Whether this process may make files in the directory.
[[nodiscard]] bool can_write_in(const std::string &directory);

// A directory of the XDG specification: the variable's value, else $HOME with `below_home`; empty
// without either.
[[nodiscard]] std::string xdg_directory(const char *variable, const char *below_home);

}  // namespace skillet
