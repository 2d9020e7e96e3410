// SPDX-License-Identifier: Apache-2.0
#include "journal/database.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cassert>
#include <cerrno>
#include <limits>

#include <fmt/format.h>
#include <sqlite3.h>

#include "journal/migrations.h"
#include "journal/sqlite_error.h"

namespace skillet {
namespace {

constexpr std::string_view memory_path = ":memory:";
constexpr int64_t application_id = 0x534B'4C54;  // "SKLT" in the header of the file
constexpr int wal_attempts_max = 100;

// Ends a transaction that is still open, however the function that began it is left.
class RollbackGuard {
public:
    explicit RollbackGuard(sqlite3 *connection) : connection_(connection) {}
    ~RollbackGuard() {
        // A failure to roll back leaves nothing to do: the next opening discards the rest.
        if (sqlite3_get_autocommit(connection_) == 0) {
            sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }
    RollbackGuard(const RollbackGuard &) = delete;
    RollbackGuard &operator=(const RollbackGuard &) = delete;

private:
    sqlite3 *connection_;
};

Result<void> execute(sqlite3 *connection, const char *sql) {
    const int code = sqlite3_exec(connection, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return sqlite_error(code, connection);
    return {};
}

Result<void> transact_on(sqlite3 *connection, const char *begin,
                         const std::function<Result<void>()> &body) {
    assert(sqlite3_get_autocommit(connection) != 0);
    const RollbackGuard guard(connection);
    SKL_TRY(execute(connection, begin));
    SKL_TRY(body());
    return execute(connection, "COMMIT");
}

constexpr const char *to_write = "BEGIN IMMEDIATE";
constexpr const char *to_read = "BEGIN";

// Gives a new database its mode from its first moment: SQLite would ask the umask. mknod() opens
// nothing; closing a descriptor of our own would drop the locks of other connections to the file.
// SQLite gives the same mode to the files of its log.
Result<void> create_readable_like_folder(const std::string &path) {
    if (::mknod(path.c_str(), S_IFREG | 0600, 0) != 0) {
        if (errno == EEXIST) return {};
        return os_error(errno, "cannot create the database", path);
    }
    struct stat folder {};
    const std::string parent = path.substr(0, path.rfind('/') + 1) + ".";
    if (::stat(parent.c_str(), &folder) != 0 ||
        ::chmod(path.c_str(), 0600 | (folder.st_mode & 0044)) != 0) {
        return os_error(errno, "cannot create the database", path);
    }
    return {};
}

Result<void> harden(sqlite3 *connection) {
    struct Option {
        int name;
        int value;
    };
    for (const Option option : {Option{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
                                {SQLITE_DBCONFIG_DQS_DML, 0},
                                {SQLITE_DBCONFIG_DQS_DDL, 0}}) {
        const int code = sqlite3_db_config(connection, option.name, option.value, nullptr);
        if (code != SQLITE_OK) return sqlite_error(code, connection);
    }
    sqlite3_busy_timeout(connection, busy_ms_max);
    return execute(connection, "PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL;");
}

// What the file says it is.
struct Identity {
    int64_t application = 0;
    int64_t version = 0;
    bool is_empty = false;
};

// One statement, so that a process that creates the schema meanwhile is seen whole or not at all.
Result<Identity> read_identity(const Database &database) {
    SKL_TRY_ASSIGN(statement, database.prepare("SELECT (SELECT * FROM pragma_application_id), "
                                               "(SELECT * FROM pragma_user_version), "
                                               "count(*) FROM sqlite_schema"));
    SKL_TRY_ASSIGN(found, statement.step());
    assert(found);
    static_cast<void>(found);
    Identity identity{statement.integer(0), statement.integer(1), false};
    identity.is_empty =
        identity.application == 0 && identity.version == 0 && statement.integer(2) == 0;
    return identity;
}

int64_t latest_version() { return static_cast<int64_t>(migrations().size()); }

Result<void> check_identity(const Identity &identity, const std::string &path) {
    if (identity.is_empty) return {};
    if (identity.application != application_id) {
        return make_error(SKL_E_STORE_CORRUPT,
                          fmt::format("this database belongs to another program (its application "
                                      "id is {}, ours is {})",
                                      identity.application, application_id),
                          path, "choose another root, or move this file away");
    }
    if (identity.version < 1) {
        return make_error(
            SKL_E_STORE_CORRUPT,
            fmt::format("the database has version {}; the first is 1", identity.version), path,
            "restore it from a backup");
    }
    if (identity.version > latest_version()) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED,
                          fmt::format("the database has version {}; this build reads up to {}",
                                      identity.version, latest_version()),
                          path, "use the newer build that wrote it, or another root");
    }
    return {};
}

// Two processes that switch a new file at once get SQLITE_BUSY without a wait, since each holds a
// read lock that the other one waits for. An empty write transaction does wait.
Result<void> enable_wal(sqlite3 *connection) {
    int code = SQLITE_BUSY;
    for (int attempt = 0; attempt < wal_attempts_max; ++attempt) {
        code = sqlite3_exec(connection, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
        if ((code & 0xff) != SQLITE_BUSY) break;
        SKL_TRY(execute(connection, "BEGIN IMMEDIATE; COMMIT"));
    }
    if (code != SQLITE_OK) return sqlite_error(code, connection);
    return {};
}

Result<void> check_wal(const Database &database, const std::string &path) {
    SKL_TRY_ASSIGN(mode, database.prepare("PRAGMA journal_mode"));
    SKL_TRY_ASSIGN(found, mode.step());
    if (found && mode.text(0) == "wal") return {};
    return make_error(SKL_E_IO, "this file system does not support a write-ahead log", path,
                      "put the root on a local file system");
}

// The files of the log stay when the last connection closes: whoever may not write the folder could
// not read the database without them.
Result<void> keep_log(sqlite3 *connection) {
    int on = 1;
    const int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
    // A file system that the tests put below SQLite may not know it.
    if (code != SQLITE_OK && code != SQLITE_NOTFOUND) return sqlite_error(code, connection);
    return execute(connection, "PRAGMA journal_size_limit = 1048576");
}

// REQUIRES: inside a transaction.
Result<void> migrate(sqlite3 *connection, int64_t version) {
    for (const char *step : migrations().subspan(static_cast<size_t>(version))) {
        SKL_TRY(execute(connection, step));
    }
    const std::string identity = fmt::format(
        "PRAGMA application_id = {}; PRAGMA user_version = {};", application_id, latest_version());
    return execute(connection, identity.c_str());
}

// The version is read again inside the transaction: another process may have been first.
Result<void> bring_up_to_date(const Database &database, sqlite3 *connection,
                              const std::string &path) {
    return transact_on(connection, to_write, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(identity, read_identity(database));
        SKL_TRY(check_identity(identity, path));
        if (identity.version == latest_version()) return {};
        return migrate(connection, identity.version);
    });
}

bool is_on_read_only_medium(const std::string &path) {
    struct statvfs medium {};
    return ::statvfs(path.c_str(), &medium) == 0 && (medium.f_flag & ST_RDONLY) != 0;
}

// What SQLite's URIs say of the characters that mean something in them.
std::string uri_of(std::string_view path) {
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        } else {
            uri += c;
        }
    }
    return uri;
}

Result<sqlite3 *> connect_to_read(const std::string &path, std::string_view parameters) {
    constexpr int flags =
        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    sqlite3 *connection = nullptr;
    const std::string uri = uri_of(path).append(parameters);
    const int code = sqlite3_open_v2(uri.c_str(), &connection, flags, nullptr);
    if (code == SQLITE_OK) return connection;
    sqlite3_close_v2(connection);
    return sqlite_error(code, sqlite3_errstr(code), path);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }

Statement &Statement::bind(int parameter, int64_t value) {
    const int code = sqlite3_bind_int64(statement_.get(), parameter + 1, value);
    if (bind_error_ == SQLITE_OK) bind_error_ = code;
    return *this;
}

Statement &Statement::bind(int parameter, std::string_view value) {
    // A null pointer would bind NULL instead of an empty text.
    const char *text = value.empty() ? "" : value.data();
    const int code = sqlite3_bind_text64(statement_.get(), parameter + 1, text, value.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
    if (bind_error_ == SQLITE_OK) bind_error_ = code;
    return *this;
}

Statement &Statement::bind_null(int parameter) {
    const int code = sqlite3_bind_null(statement_.get(), parameter + 1);
    if (bind_error_ == SQLITE_OK) bind_error_ = code;
    return *this;
}

Result<bool> Statement::step() {
    sqlite3 *connection = sqlite3_db_handle(statement_.get());
    if (bind_error_ != SQLITE_OK) return sqlite_error(bind_error_, connection);
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    std::optional<Error> error;
    if (code != SQLITE_DONE) error = sqlite_error(code, connection);
    sqlite3_reset(statement_.get());  // gives the locks back; repeats the code we have already
    if (error) return *std::move(error);
    return false;
}

Result<void> Statement::run() {
    SKL_TRY_ASSIGN(has_row, step());
    assert(!has_row);
    static_cast<void>(has_row);
    return {};
}

int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
    const unsigned char *text = sqlite3_column_text(statement_.get(), column);
    if (text == nullptr) return {};
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {reinterpret_cast<const char *>(text), static_cast<size_t>(size)};
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3 *connection) const { sqlite3_close_v2(connection); }

Result<Database> Database::open(const std::string &path) {
    const bool is_file = path != memory_path;
    if (is_file) SKL_TRY(create_readable_like_folder(path));

    // Without SQLITE_OPEN_CREATE: the file is there, and SQLite must not make one with other
    // rights.
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    sqlite3 *connection = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
    Database database;
    database.connection_.reset(connection);  // set even where opening fails
    if (code != SQLITE_OK) return sqlite_error(code, sqlite3_errstr(code), path);
    if (sqlite3_db_readonly(connection, "main") == 1) {
        return sqlite_error(SQLITE_READONLY, sqlite3_errstr(SQLITE_READONLY), path);
    }

    SKL_TRY(harden(connection));
    // Before anything is written: a file that is not ours stays as it is.
    SKL_TRY_ASSIGN(identity, read_identity(database));
    SKL_TRY(check_identity(identity, path));
    if (is_file) {
        SKL_TRY(enable_wal(connection));
        SKL_TRY(check_wal(database, path));
        SKL_TRY(keep_log(connection));
    }
    if (identity.version != latest_version()) {
        SKL_TRY(bring_up_to_date(database, connection, path));
    }
    return database;
}

Result<Database> Database::open_to_read(const std::string &path) {
    Database database;
    const auto connect = [&](std::string_view parameters) -> Result<Identity> {
        SKL_TRY_ASSIGN(connection, connect_to_read(path, parameters));
        database.connection_.reset(connection);
        SKL_TRY(harden(connection));
        return read_identity(database);
    };
    auto identity = connect("");
    // Without the files of its log, and none can be made. On a medium that nobody can write, none
    // is needed.
    if (!identity && is_on_read_only_medium(path)) identity = connect("?immutable=1");
    if (!identity) return std::move(identity).error();
    SKL_TRY(check_identity(*identity, path));
    if (identity->version != latest_version()) {
        return make_error(SKL_E_READ_ONLY,
                          fmt::format("the database has version {} and has to be brought to {} "
                                      "before it can be read",
                                      identity->version, latest_version()),
                          path, "run `skillet list` once as a user who may write it");
    }
    return database;
}

Result<Statement> Database::prepare(std::string_view sql) const {
    assert(sql.size() <= static_cast<size_t>(std::numeric_limits<int>::max()));
    sqlite3_stmt *compiled = nullptr;
    const int code = sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        &compiled, nullptr);
    Statement statement;
    statement.statement_.reset(compiled);
    if (code == SQLITE_OK) return statement;
    Error error = sqlite_error(code, connection_.get());
    // Our statements fit our schema, so it is the file that lacks a table or a column.
    if (code == SQLITE_ERROR) error.code = SKL_E_STORE_CORRUPT;
    return error;
}

Result<void> Database::transact(const std::function<Result<void>()> &body) {
    return transact_on(connection_.get(), to_write, body);
}

Result<void> Database::look(const std::function<Result<void>()> &body) const {
    return transact_on(connection_.get(), to_read, body);
}

Result<std::vector<std::string>> Database::check() const {
    std::vector<std::string> findings;
    SKL_TRY_ASSIGN(integrity, prepare("PRAGMA integrity_check"));
    for (;;) {
        SKL_TRY_ASSIGN(found, integrity.step());
        if (!found) break;
        if (std::string text = integrity.text(0); text != "ok") findings.push_back(std::move(text));
    }
    SKL_TRY_ASSIGN(references, prepare("PRAGMA foreign_key_check"));
    for (;;) {
        SKL_TRY_ASSIGN(found, references.step());
        if (!found) return findings;
        findings.push_back(fmt::format("row {} of table {} refers to a row of {} that is not there",
                                       references.integer(1), references.text(0),
                                       references.text(2)));
    }
}

}  // namespace skillet
