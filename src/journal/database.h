// SPDX-License-Identifier: Apache-2.0
// The one SQLite connection of a root (ROOT/skillet.db, WAL): ledger and registry rows commit
// together.
//
// Only this module sees sqlite3.h. A Database is used by one thread at a time (its owner locks);
// several processes may open the same file: writers wait for each other up to busy_ms_max.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace skillet {

inline constexpr int busy_ms_max = 10'000;

class Database;

// A prepared statement. Parameters and columns count from 0. Text is copied.
class Statement {
public:
    Statement(Statement &&) noexcept = default;
    Statement &operator=(Statement &&) noexcept = default;

    Statement &bind(int parameter, int64_t value);
    Statement &bind(int parameter, std::string_view value);
    Statement &bind_null(int parameter);

    // True: a row is there to be read. False: done, and ready for another round (parameters keep
    // their values). Errors of bind() surface here.
    [[nodiscard]] Result<bool> step();
    // Runs a statement that gives no rows; it may be run again.
    [[nodiscard]] Result<void> run();

    [[nodiscard]] int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] bool is_null(int column) const;

private:
    friend class Database;
    Statement() = default;
    struct Finalize {
        void operator()(sqlite3_stmt *statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    int bind_error_ = 0;
};

class Database {
public:
    // Opens or creates the file, brings its schema up to date (one transaction), and checks that it
    // is ours. Whoever may read its folder may read a new one; its owner alone may write it. A
    // database of a newer version is refused (SKL_E_FORMAT_UNSUPPORTED), a damaged one or another
    // program's too (SKL_E_STORE_CORRUPT). ":memory:" is a database of its own that no file holds.
    static Result<Database> open(const std::string &path);
    // Opens what is there without changing anything, also on a medium that cannot be written, and
    // while others write. An older version is refused: somebody has to bring it up to date first.
    static Result<Database> open_to_read(const std::string &path);

    Database(Database &&) noexcept = default;
    Database &operator=(Database &&) noexcept = default;

    [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
    // Runs `body` in one immediate transaction: committed (and synced) if it returns success,
    // rolled back otherwise. REQUIRES: no transaction is open.
    [[nodiscard]] Result<void> transact(const std::function<Result<void>()> &body);
    // Runs `body`, which only reads, as of one moment. REQUIRES: no transaction is open.
    [[nodiscard]] Result<void> look(const std::function<Result<void>()> &body) const;
    // What SQLite's own checks find wrong with the file; empty: nothing. Reads all of it.
    [[nodiscard]] Result<std::vector<std::string>> check() const;

private:
    Database() = default;
    struct Close {
        void operator()(sqlite3 *connection) const;
    };
    std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace skillet
