// SPDX-License-Identifier: Apache-2.0
#include "registry/ledger.h"

#include <gtest/gtest.h>

#include "registry/registry.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::TempDir;

Database open_database(const std::string &path) {
    Result<Database> database = Database::open(path);
    if (!database) throw std::runtime_error(database.error().message);
    return std::move(*database);
}

LedgerRow row(std::string from, std::string to) {
    LedgerRow row;
    row.at = "2026-01-31T12:00:00.000Z";
    row.actor = "test:alice";
    row.trigger = "verify";
    row.from = std::move(from);
    row.to = std::move(to);
    row.reason = "why";
    row.digest = sha256("package");
    row.id = "org.example.mail";
    row.version = "1.0.0";
    return row;
}

TEST(Ledger, hashes_as_the_document_says) {
    // Computed by another program from docs/formats/database.md.
    const Database database = open_database(":memory:");
    ASSERT_TRUE(Ledger(database).append(row("", "installed")));
    ASSERT_TRUE(Ledger(database).append(row("installed", "verified")));
    Result<Statement> hashes = database.prepare("SELECT hash FROM ledger ORDER BY sequence");
    ASSERT_TRUE(hashes);
    ASSERT_TRUE(*hashes->step());
    EXPECT_EQ(hashes->text(0),
              "sha256:60da17e52960f70f936f5231f1c15601baca5d63fe7acc6e02a3e88513bb8f24");
    ASSERT_TRUE(*hashes->step());
    EXPECT_EQ(hashes->text(0),
              "sha256:a443a992eee813db1e109987ceb318529a6be4341bfb8225fd671b62f42729bd");
}

TEST(Ledger, follows_each_package_to_its_state) {
    const Database database = open_database(":memory:");
    LedgerRow other = row("", "installed");
    other.digest = sha256("other");
    ASSERT_TRUE(Ledger(database).append(row("", "installed")));
    ASSERT_TRUE(Ledger(database).append(other));
    ASSERT_TRUE(Ledger(database).append(row("installed", "retired")));
    ASSERT_TRUE(Ledger(database).append(row("retired", "")));
    EXPECT_EQ(*Ledger(database).verify(),
              (std::map<Digest, std::string>{{sha256("other"), "installed"}}));
}

TEST(Ledger, refuses_a_row_that_does_not_start_where_the_last_one_ended) {
    const Database database = open_database(":memory:");
    ASSERT_TRUE(Ledger(database).append(row("", "installed")));
    ASSERT_TRUE(Ledger(database).append(row("suspended", "retired")));
    const auto states = Ledger(database).verify();
    ASSERT_FALSE(states);
    EXPECT_EQ(states.error().code, SKL_E_STORE_CORRUPT);
    EXPECT_EQ(states.error().subject, "ledger/2");
}

// A root with a short history, and a second, raw connection to change it behind our back.
class TamperingTest : public ::testing::Test {
protected:
    TamperingTest() {
        for (const char *version : {"1.0.0", "2.0.0"}) {
            PackageRow package;
            package.id = "org.example.mail";
            package.version = version;
            package.digest = sha256(version);
            EXPECT_TRUE(registry_.add(package, {}));
            EXPECT_TRUE(registry_.transition(package.digest, Trigger::verify, "fine"));
        }
        EXPECT_TRUE(registry_.transition(sha256("1.0.0"), Trigger::fail, "broken"));
        EXPECT_TRUE(registry_.verify_ledger());
        for (const char *trigger :
             {"ledger_is_never_changed", "ledger_is_never_deleted", "ledger_grows_by_one",
              "binding_is_never_changed", "binding_is_never_deleted"}) {
            tamper(std::string("DROP TRIGGER ") + trigger);
        }
        EXPECT_TRUE(registry_.verify_ledger());
    }

    void tamper(const std::string &sql) {
        Result<Statement> statement = raw_.prepare(sql);
        ASSERT_TRUE(statement) << sql;
        ASSERT_TRUE(statement->run()) << sql;
    }

    void expect_found(const std::string &sql, const std::string &subject) {
        tamper(sql);
        const Result<void> verified = registry_.verify_ledger();
        ASSERT_FALSE(verified) << sql;
        EXPECT_EQ(verified.error().code, SKL_E_STORE_CORRUPT) << sql;
        EXPECT_EQ(verified.error().subject, subject) << sql;
        EXPECT_FALSE(verified.error().hint.empty());
    }

    TempDir folder_;
    Registry registry_{open_database(folder_ / "skillet.db"), utc_now, "test:alice"};
    Database raw_ = open_database(folder_ / "skillet.db");
};

TEST_F(TamperingTest, finds_a_change_of_any_column) {
    for (const char *column : {"at", "actor", "\"trigger\"", "from_state", "to_state", "reason",
                               "digest", "id", "version", "hash"}) {
        const std::string name = column;
        tamper("CREATE TABLE kept AS SELECT * FROM ledger WHERE sequence = 3");
        expect_found("UPDATE ledger SET " + name + " = " + name + " || 'x' WHERE sequence = 3",
                     "ledger/3");
        tamper("INSERT OR REPLACE INTO ledger SELECT * FROM kept");
        tamper("DROP TABLE kept");
        ASSERT_TRUE(registry_.verify_ledger());
    }
}

TEST_F(TamperingTest, finds_text_that_moved_from_one_column_to_the_next) {
    expect_found("UPDATE ledger SET to_state = 'verifiedf', reason = 'ine' WHERE sequence = 2",
                 "ledger/2");
}

TEST_F(TamperingTest, finds_a_missing_row) {
    expect_found("DELETE FROM ledger WHERE sequence = 2", "ledger/3");
}

TEST_F(TamperingTest, finds_a_missing_first_row) {
    expect_found("DELETE FROM ledger WHERE sequence = 1", "ledger/2");
}

TEST_F(TamperingTest, finds_rows_that_changed_places) {
    tamper("UPDATE ledger SET sequence = -2 WHERE sequence = 2");
    tamper("UPDATE ledger SET sequence = 2 WHERE sequence = 3");
    expect_found("UPDATE ledger SET sequence = 3 WHERE sequence = -2", "ledger/2");
}

TEST_F(TamperingTest, finds_a_cut_tail_by_the_state_of_the_package) {
    expect_found("DELETE FROM ledger WHERE sequence = 5", sha256("1.0.0").to_string());
}

TEST_F(TamperingTest, finds_a_changed_state) {
    expect_found("UPDATE package SET state = 'verified'", sha256("1.0.0").to_string());
}

TEST_F(TamperingTest, finds_a_deleted_package) {
    tamper("DELETE FROM serving");
    expect_found("DELETE FROM package WHERE state = 'verified'", sha256("2.0.0").to_string());
}

TEST_F(TamperingTest, finds_a_package_that_was_never_installed) {
    const std::string digest = sha256("smuggled").to_string();
    tamper("INSERT INTO binding VALUES ('" + digest + "', 'org.example.mail', '3.0.0')");
    expect_found("INSERT INTO package VALUES ('" + digest + "', 'verified', '', 1, '', 0, 0)",
                 digest);
}

TEST_F(TamperingTest, finds_a_changed_binding) {
    expect_found("UPDATE binding SET version = '3.0.0' WHERE version = '2.0.0'",
                 sha256("2.0.0").to_string());
}

TEST_F(TamperingTest, does_not_append_to_a_head_that_is_not_a_digest) {
    tamper("UPDATE ledger SET hash = 'x' WHERE sequence = 5");
    const auto result = registry_.transition(sha256("2.0.0"), Trigger::retire, "");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, SKL_E_STORE_CORRUPT);
}

}  // namespace
}  // namespace skillet
