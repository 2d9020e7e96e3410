// SPDX-License-Identifier: Apache-2.0
#include "journal/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::TempDir;

constexpr uid_t unprivileged_user = 65534;

Database open_database(const std::string &path) {
    Result<Database> database = Database::open(path);
    if (!database) throw std::runtime_error(database.error().message);
    return std::move(*database);
}

Result<void> run(const Database &database, std::string_view sql) {
    SKL_TRY_ASSIGN(statement, database.prepare(sql));
    for (;;) {
        SKL_TRY_ASSIGN(found, statement.step());
        if (!found) return {};
    }
}

int64_t integer(const Database &database, std::string_view sql) {
    Result<Statement> statement = database.prepare(sql);
    EXPECT_TRUE(statement) << sql;
    EXPECT_TRUE(*statement->step()) << sql;
    return statement->integer(0);
}

std::string text(const Database &database, std::string_view sql) {
    Result<Statement> statement = database.prepare(sql);
    EXPECT_TRUE(statement) << sql;
    EXPECT_TRUE(*statement->step()) << sql;
    return statement->text(0);
}

// Some row, which any transaction can add.
Result<void> add_binding(const Database &database, std::string_view name) {
    SKL_TRY_ASSIGN(insert, database.prepare("INSERT INTO binding VALUES (?, ?, '1.0.0')"));
    return insert.bind(0, name).bind(1, name).run();
}

int64_t count_bindings(const Database &database) {
    return integer(database, "SELECT count(*) FROM binding");
}

void write_file(const std::string &path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Runs `body` in a child process and gives what waitpid() says of its end; body's result is the
// exit status. A connection to a database must not cross a fork, so bodies open their own.
template <typename Body>
int in_child(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
}

// The code of opening `path` without the rights of root.
int open_as_unprivileged(const std::string &path) {
    return WEXITSTATUS(in_child([&] {
        if (::geteuid() == 0 && ::setuid(unprivileged_user) != 0) return -1;
        const Result<Database> database = Database::open(path);
        return database ? 0 : static_cast<int>(database.error().code);
    }));
}

TEST(Database, sets_the_safe_modes) {
    const TempDir folder;
    const Database database = open_database(folder / "skillet.db");
    EXPECT_EQ(text(database, "PRAGMA journal_mode"), "wal");
    EXPECT_EQ(integer(database, "PRAGMA synchronous"), 2);  // FULL
    EXPECT_EQ(integer(database, "PRAGMA foreign_keys"), 1);
    EXPECT_EQ(integer(database, "PRAGMA trusted_schema"), 0);
    EXPECT_EQ(integer(database, "PRAGMA busy_timeout"), busy_ms_max);
    EXPECT_EQ(integer(database, "PRAGMA user_version"), 3);
    EXPECT_EQ(integer(database, "PRAGMA application_id"), 0x534B4C54);
    EXPECT_EQ(text(database, "PRAGMA integrity_check"), "ok");
}

TEST(Database, has_strict_tables_only) {
    const Database database = open_database(":memory:");
    EXPECT_EQ(integer(database,
                      "SELECT count(*) FROM pragma_table_list WHERE strict = 0 AND "
                      "schema = 'main' AND name NOT LIKE 'sqlite_%'"),
              0);
}

TEST(Database, keeps_every_file_to_its_owner) {
    const TempDir folder;
    const mode_t umask_before = ::umask(0);
    const Database database = open_database(folder / "skillet.db");
    ::umask(umask_before);
    for (const char *name : {"skillet.db", "skillet.db-wal", "skillet.db-shm"}) {
        struct stat status {};
        ASSERT_EQ(::stat((folder / name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
    }
}

TEST(Database, may_be_read_by_whoever_may_read_its_folder) {
    const TempDir folder;
    const mode_t umask_before = ::umask(077);
    ASSERT_EQ(::chmod(folder.path().c_str(), 0750), 0);
    const Database database = open_database(folder / "skillet.db");
    ::umask(umask_before);
    for (const char *name : {"skillet.db", "skillet.db-wal", "skillet.db-shm"}) {
        struct stat status {};
        ASSERT_EQ(::stat((folder / name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 0777, 0640U) << name;
    }
}

TEST(Database, is_read_while_another_connection_writes) {
    const TempDir folder;
    Database writer = open_database(folder / "skillet.db");
    const Result<Database> reader = Database::open_to_read(folder / "skillet.db");
    ASSERT_TRUE(reader) << reader.error().message;
    ASSERT_TRUE(writer.transact([&] { return add_binding(writer, "a"); }));
    EXPECT_EQ(count_bindings(*reader), 1);
    const Result<void> written = add_binding(*reader, "b");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, SKL_E_IO);
}

TEST(Database, keeps_the_files_that_its_readers_need) {
    const TempDir folder;
    { const Database database = open_database(folder / "skillet.db"); }
    for (const char *name : {"skillet.db-wal", "skillet.db-shm"}) {
        EXPECT_EQ(::access((folder / name).c_str(), F_OK), 0) << name;
    }
}

TEST(Database, of_an_older_version_is_not_read_before_somebody_brought_it_up_to_date) {
    const TempDir folder;
    ASSERT_TRUE(run(open_database(folder / "skillet.db"), "PRAGMA user_version = 2"));
    const Result<Database> reader = Database::open_to_read(folder / "skillet.db");
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, SKL_E_READ_ONLY);
    EXPECT_FALSE(reader.error().hint.empty());
}

TEST(Database, that_is_not_there_is_not_made_by_a_reader) {
    const TempDir folder;
    EXPECT_FALSE(Database::open_to_read(folder / "skillet.db"));
    EXPECT_NE(::access((folder / "skillet.db").c_str(), F_OK), 0);
}

TEST(Database, finds_damage_in_its_own_file) {
    const TempDir folder;
    const Database database = open_database(folder / "skillet.db");
    EXPECT_TRUE(database.check()->empty());
    ASSERT_TRUE(run(database, "PRAGMA foreign_keys = OFF"));
    ASSERT_TRUE(run(database, "INSERT INTO serving VALUES ('org.a.b', 'sha256:gone')"));
    const auto findings = database.check();
    ASSERT_TRUE(findings);
    ASSERT_EQ(findings->size(), 1U);
    EXPECT_NE(findings->front().find("serving"), std::string::npos) << findings->front();
}

TEST(Database, keeps_what_was_committed) {
    const TempDir folder;
    {
        Database database = open_database(folder / "skillet.db");
        ASSERT_TRUE(database.transact([&] { return add_binding(database, "a"); }));
    }
    EXPECT_EQ(count_bindings(open_database(folder / "skillet.db")), 1);
}

TEST(Database, makes_an_empty_file_a_database) {
    const TempDir folder;
    write_file(folder / "skillet.db", "");
    EXPECT_EQ(count_bindings(open_database(folder / "skillet.db")), 0);
}

TEST(Database, rolls_back_when_the_body_fails) {
    Database database = open_database(":memory:");
    const Result<void> result = database.transact([&]() -> Result<void> {
        SKL_TRY(add_binding(database, "a"));
        return make_error(SKL_E_CONFLICT, "no");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, SKL_E_CONFLICT);
    EXPECT_EQ(count_bindings(database), 0);
    EXPECT_TRUE(database.transact([&] { return add_binding(database, "b"); }));
}

TEST(Database, rolls_back_when_the_body_throws) {
    Database database = open_database(":memory:");
    const auto body = [&]() -> Result<void> {
        SKL_TRY(add_binding(database, "a"));
        throw std::bad_alloc();
    };
    EXPECT_THROW(static_cast<void>(database.transact(body)), std::bad_alloc);
    EXPECT_EQ(count_bindings(database), 0);
    EXPECT_TRUE(database.transact([&] { return add_binding(database, "b"); }));
}

TEST(Database, keeps_the_old_state_when_the_process_is_killed_in_a_transaction) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    {
        Database database = open_database(path);
        ASSERT_TRUE(database.transact([&] { return add_binding(database, "before"); }));
    }
    const int status = in_child([&] {
        Database database = open_database(path);
        // So small a cache spills, so that the log holds pages of the unfinished transaction.
        static_cast<void>(run(database, "PRAGMA cache_size = 10"));
        static_cast<void>(database.transact([&]() -> Result<void> {
            for (int i = 0; i < 2000; ++i) {
                SKL_TRY(add_binding(database, std::to_string(i) + std::string(500, 'x')));
            }
            ::raise(SIGKILL);
            return {};
        }));
        return 0;
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    struct stat log {};
    ASSERT_EQ(::stat((path + "-wal").c_str(), &log), 0);
    EXPECT_GT(log.st_size, 100'000);

    const Database database = open_database(path);
    EXPECT_EQ(count_bindings(database), 1);
    EXPECT_EQ(text(database, "PRAGMA integrity_check"), "ok");
}

TEST(Database, keeps_a_commit_when_the_process_is_killed_after_it) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    in_child([&] {
        Database database = open_database(path);
        if (database.transact([&] { return add_binding(database, "a"); })) ::raise(SIGKILL);
        return 0;
    });
    EXPECT_EQ(count_bindings(open_database(path)), 1);
}

TEST(Database, keeps_the_old_state_when_the_disk_is_full) {
    const TempDir folder;
    Database database = open_database(folder / "skillet.db");
    const int64_t pages = integer(database, "PRAGMA page_count");
    ASSERT_TRUE(run(database, "PRAGMA max_page_count = " + std::to_string(pages)));
    const Result<void> result = database.transact([&]() -> Result<void> {
        SKL_TRY(add_binding(database, "small"));
        return add_binding(database, std::string(100'000, 'x'));
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, SKL_E_IO);
    EXPECT_EQ(result.error().subject, folder / "skillet.db");
    EXPECT_FALSE(result.error().hint.empty());
    EXPECT_EQ(count_bindings(database), 0);
    EXPECT_TRUE(database.transact([&] { return add_binding(database, "small"); }));
}

TEST(Database, refuses_to_write_while_another_connection_does) {
    const TempDir folder;
    Database first = open_database(folder / "skillet.db");
    Database second = open_database(folder / "skillet.db");
    ASSERT_TRUE(run(second, "PRAGMA busy_timeout = 0"));
    const Result<void> outer = first.transact([&]() -> Result<void> {
        const Result<void> inner = second.transact([&] { return add_binding(second, "b"); });
        EXPECT_FALSE(inner);
        EXPECT_EQ(inner.error().code, SKL_E_IO);
        EXPECT_NE(inner.error().message.find("another process"), std::string::npos);
        EXPECT_EQ(count_bindings(second), 0);  // readers are not held up
        return add_binding(first, "a");
    });
    EXPECT_TRUE(outer);
    EXPECT_EQ(count_bindings(second), 1);
}

TEST(Database, is_created_once_by_many_processes) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    constexpr int processes = 12;
    std::vector<pid_t> children;
    for (int i = 0; i < processes; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            Result<Database> database = Database::open(path);
            if (!database) ::_exit(1);
            const std::string name = std::to_string(i);
            const auto body = [&] { return add_binding(*database, name); };
            ::_exit(database->transact(body) ? 0 : 2);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(count_bindings(open_database(path)), processes);
}

TEST(Database, refuses_a_newer_version_and_leaves_it_alone) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    ASSERT_TRUE(run(open_database(path), "PRAGMA user_version = 4"));
    const Result<Database> database = Database::open(path);
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, SKL_E_FORMAT_UNSUPPORTED);
    EXPECT_EQ(database.error().message, "the database has version 4; this build reads up to 3");
    EXPECT_FALSE(database.error().hint.empty());
    EXPECT_EQ(database.error().subject, path);
}

TEST(Database, brings_a_database_of_version_1_up_to_date_and_keeps_what_is_in_it) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    {
        const Database database = open_database(path);
        ASSERT_TRUE(run(database, "INSERT INTO binding VALUES ('sha256:a', 'org.a.b', '1.0.0')"));
        for (const char *undo :
             {"DROP TABLE known_good_member", "DROP TABLE known_good",
              "ALTER TABLE package DROP COLUMN held_back",
              "ALTER TABLE package DROP COLUMN state_code", "DROP TABLE relation"}) {
            ASSERT_TRUE(run(database, undo)) << undo;
        }
        ASSERT_TRUE(run(database, "PRAGMA user_version = 1"));
    }
    const Database database = open_database(path);
    EXPECT_EQ(integer(database, "PRAGMA user_version"), 3);
    EXPECT_EQ(integer(database, "SELECT count(*) FROM relation"), 0);
    EXPECT_EQ(integer(database, "SELECT count(held_back) FROM package"), 0);
    EXPECT_EQ(integer(database, "SELECT count(*) FROM known_good_member"), 0);
    EXPECT_EQ(count_bindings(database), 1);
}

TEST(Database, refuses_a_version_that_never_was) {
    for (const char *version : {"0", "-1", "-2147483648"}) {
        const TempDir folder;
        const std::string path = folder / "skillet.db";
        ASSERT_TRUE(run(open_database(path), std::string("PRAGMA user_version = ") + version));
        const Result<Database> database = Database::open(path);
        ASSERT_FALSE(database);
        EXPECT_EQ(database.error().code, SKL_E_STORE_CORRUPT);
    }
}

TEST(Database, refuses_the_database_of_another_program) {
    for (const char *id : {"0", "252006673"}) {
        const TempDir folder;
        const std::string path = folder / "skillet.db";
        ASSERT_TRUE(run(open_database(path), std::string("PRAGMA application_id = ") + id));
        const std::string before = read_file(path);
        const Result<Database> database = Database::open(path);
        ASSERT_FALSE(database);
        EXPECT_EQ(database.error().code, SKL_E_STORE_CORRUPT);
        EXPECT_NE(database.error().message.find("another program"), std::string::npos);
        EXPECT_FALSE(database.error().hint.empty());
        EXPECT_EQ(read_file(path), before);
    }
}

TEST(Database, refuses_what_is_not_a_database) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    const std::string bytes(8192, 'x');
    write_file(path, bytes);
    const Result<Database> database = Database::open(path);
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, SKL_E_STORE_CORRUPT);
    EXPECT_NE(database.error().hint.find("move it away"), std::string::npos);
    EXPECT_EQ(read_file(path), bytes);
}

// Whatever the damage, there is an answer: an error, or a database that can be read.
TEST(Database, survives_damage_anywhere_in_the_file) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    static_cast<void>(open_database(path));
    const std::string intact = read_file(path);
    for (size_t at = 0; at < intact.size(); at += at < 4096 ? 13 : 997) {
        std::string bytes = intact;
        bytes[at] = static_cast<char>(~bytes[at]);
        write_file(path, bytes);
        const Result<Database> database = Database::open(path);
        if (!database) {
            EXPECT_NE(database.error().code, SKL_E_INTERNAL) << at;
            continue;
        }
        const Result<void> read = run(*database, "SELECT * FROM binding");
        if (!read) {
            EXPECT_EQ(read.error().code, SKL_E_STORE_CORRUPT) << at;
        }
    }
}

TEST(Database, reports_a_missing_table_as_damage) {
    const Database database = open_database(":memory:");
    ASSERT_TRUE(run(database, "DROP TABLE ledger"));
    const Result<Statement> statement = database.prepare("SELECT * FROM ledger");
    ASSERT_FALSE(statement);
    EXPECT_EQ(statement.error().code, SKL_E_STORE_CORRUPT);
}

TEST(Database, refuses_a_missing_folder_and_a_folder) {
    const TempDir folder;
    for (const std::string &path : {folder / "missing/skillet.db", folder.path(), std::string()}) {
        const Result<Database> database = Database::open(path);
        ASSERT_FALSE(database) << path;
        EXPECT_EQ(database.error().subject, path);
        EXPECT_FALSE(database.error().hint.empty());
    }
    EXPECT_EQ(Database::open(folder.path()).error().code, SKL_E_IO);
}

TEST(Database, refuses_a_read_only_folder) {
    const TempDir folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
    EXPECT_EQ(open_as_unprivileged(folder / "skillet.db"), SKL_E_IO);
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
}

TEST(Database, refuses_a_read_only_file) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    static_cast<void>(open_database(path));
    ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
    ASSERT_EQ(::chmod(path.c_str(), 0444), 0);
    EXPECT_EQ(open_as_unprivileged(path), SKL_E_IO);
}

TEST(Database, protects_the_ledger_and_the_bindings) {
    const Database database = open_database(":memory:");
    const std::string row = "(1, '', '', '', '', '', '', '', '', '', '')";
    ASSERT_TRUE(run(database, "INSERT INTO ledger VALUES " + row));
    ASSERT_TRUE(add_binding(database, "a"));
    for (const std::string &sql :
         {std::string("UPDATE ledger SET reason = 'x'"), std::string("DELETE FROM ledger"),
          "INSERT OR REPLACE INTO ledger VALUES " + row, std::string("UPDATE binding SET id = 'b'"),
          std::string("INSERT INTO ledger VALUES (3, '', '', '', '', '', '', '', '', '', '')"),
          std::string("INSERT INTO ledger VALUES (-1, '', '', '', '', '', '', '', '', '', '')"),
          std::string("DELETE FROM binding")}) {
        EXPECT_FALSE(run(database, sql)) << sql;
    }
}

TEST(Statement, gives_back_what_was_bound) {
    using namespace std::string_view_literals;
    const Database database = open_database(":memory:");
    Result<Statement> statement = database.prepare("SELECT ?, ?, ?, ?");
    ASSERT_TRUE(statement);
    statement->bind(0, INT64_MIN).bind(1, "a\0b"sv).bind(2, std::string_view()).bind_null(3);
    ASSERT_TRUE(*statement->step());
    EXPECT_EQ(statement->integer(0), INT64_MIN);
    EXPECT_EQ(statement->text(1), "a\0b"sv);
    EXPECT_FALSE(statement->is_null(2));
    EXPECT_EQ(statement->text(2), "");
    EXPECT_TRUE(statement->is_null(3));
    EXPECT_FALSE(*statement->step());
}

TEST(Statement, can_be_run_again) {
    const Database database = open_database(":memory:");
    Result<Statement> insert = database.prepare("INSERT INTO binding VALUES (?, ?, '1.0.0')");
    ASSERT_TRUE(insert);
    for (const char *name : {"a", "b", "c"}) {
        EXPECT_TRUE(insert->bind(0, name).bind(1, name).run());
    }
    EXPECT_EQ(count_bindings(database), 3);
}

TEST(Statement, reports_a_wrong_parameter_when_it_runs) {
    const Database database = open_database(":memory:");
    Result<Statement> statement = database.prepare("SELECT ?");
    ASSERT_TRUE(statement);
    statement->bind(1, 7).bind(0, 7);
    const Result<bool> step = statement->step();
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().code, SKL_E_INTERNAL);
}

}  // namespace
}  // namespace skillet
