// SPDX-License-Identifier: Apache-2.0
// What a result code of SQLite means for us: a code of ours, and advice for whoever reads it.
#pragma once

#include <string_view>

#include "base/error.h"

struct sqlite3;

namespace skillet {

// The failure `code` (extended or not) of the file `path`. `detail` is SQLite's own sentence.
// A code that only a mistake of ours can cause gives SKL_E_INTERNAL.
[[nodiscard]] Error sqlite_error(int code, std::string_view detail, std::string_view path);

// The failure `code` that `connection` has just reported.
[[nodiscard]] Error sqlite_error(int code, sqlite3 *connection);

}  // namespace skillet
