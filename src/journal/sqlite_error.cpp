// SPDX-License-Identifier: Apache-2.0
#include "journal/sqlite_error.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "journal/database.h"

namespace skillet {
namespace {

struct Meaning {
    Code code;
    const char *message;
    const char *hint;
};

constexpr const char *restore_hint =
    "restore it from a backup, or move it away together with its -wal and -shm files and "
    "install the packages again";
constexpr const char *permission_hint =
    "check that the file and its folder exist and that this user may write both";
constexpr const char *busy_hint =
    "wait for the other process to finish, or stop it, and try again; nothing was changed";

Meaning meaning_of(int code) {
    if (code == SQLITE_IOERR_NOMEM) return meaning_of(SQLITE_NOMEM);
    switch (code & 0xff) {  // the primary code of an extended one
        case SQLITE_NOMEM: return {SKL_E_OUT_OF_MEMORY, "no memory is left for the database", ""};
        case SQLITE_FULL:
            return {SKL_E_IO, "no space is left for the database",
                    "free some space and try again; nothing was changed"};
        case SQLITE_IOERR:
            return {SKL_E_IO, "the database cannot be read or written",
                    "check the disk that holds it and try again"};
        case SQLITE_READONLY: return {SKL_E_IO, "the database is read-only", permission_hint};
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_AUTH: return {SKL_E_IO, "the database cannot be opened", permission_hint};
        case SQLITE_BUSY:
        case SQLITE_PROTOCOL: return {SKL_E_IO, "another process holds the database", busy_hint};
        case SQLITE_NOTADB: return {SKL_E_STORE_CORRUPT, "this is not a database", restore_hint};
        case SQLITE_CORRUPT: return {SKL_E_STORE_CORRUPT, "the database is damaged", restore_hint};
        case SQLITE_TOOBIG:
            return {SKL_E_INVALID_ARGUMENT, "a text is too long for the database",
                    "shorten the reason or the name"};
        default: return {SKL_E_INTERNAL, "the database was used wrongly", ""};
    }
}

}  // namespace

Error sqlite_error(int code, std::string_view detail, std::string_view path) {
    const Meaning meaning = meaning_of(code);
    std::string message = fmt::format("{}: {} ({})", meaning.message, detail, code);
    if ((code & 0xff) == SQLITE_BUSY) {
        message += fmt::format("; a wait for it ends after {} ms", busy_ms_max);
    }
    return make_error(meaning.code, std::move(message), std::string(path), meaning.hint);
}

Error sqlite_error(int code, sqlite3 *connection) {
    const char *path = sqlite3_db_filename(connection, "main");
    return sqlite_error(code, sqlite3_errmsg(connection), path == nullptr ? "" : path);
}

}  // namespace skillet
