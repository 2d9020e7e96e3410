// SPDX-License-Identifier: Apache-2.0
// fsck finds everything that is wrong with a root, says what it is, and repairs what is derived.
#include "assembly/root_check.h"

#include <sys/stat.h>

#include <filesystem>

#include "testing/root_fixture.h"

namespace skillet {
namespace {

using testing::made;

class RootCheckTest : public testing::RootFixture {
protected:
    RootCheckTest() : row_(install(pack("1.0.0"))) {}

    RootCheck check() { return made(check_root(*files_, path(), {})); }
    RootCheck repaired() {
        RootCheck found = check();
        const auto done = repair_root(*files_, path(), "test", {}, found);
        EXPECT_TRUE(done) << done.error().message;
        return found;
    }
    // What is found, as "fault subject"; each with a text and a hint.
    static std::vector<std::string> findings_of(const RootCheck &check) {
        std::vector<std::string> texts;
        for (const RootFinding &finding : check.findings) {
            EXPECT_FALSE(finding.text.empty());
            EXPECT_FALSE(finding.hint.empty());
            texts.push_back(std::string(name_of(finding.fault)) + " " + finding.subject);
        }
        return texts;
    }
    void expect_found(const std::vector<std::string> &expected) {
        const RootCheck found = check();
        EXPECT_EQ(findings_of(found), expected);
        EXPECT_FALSE(found.is_sound());
    }
    void expect_sound() {
        const RootCheck found = check();
        EXPECT_TRUE(findings_of(found).empty());
        EXPECT_TRUE(found.is_sound());
    }
    void tamper(const std::string &sql) {
        const Database raw = made(Database::open(path() + "/skillet.db"));
        for (const char *guard : {"binding_is_never_changed", "ledger_is_never_changed"}) {
            ASSERT_TRUE(made(raw.prepare(std::string("DROP TRIGGER IF EXISTS ") + guard)).run());
        }
        auto statement = made(raw.prepare(sql));
        ASSERT_TRUE(statement.run()) << sql;
    }
    [[nodiscard]] Digest model_digest() { return made(root_->read(row_)).artifact.digest; }
    PackageRow row_;
};

TEST_F(RootCheckTest, finds_nothing_in_a_sound_root_and_says_what_it_read) {
    const RootCheck found = check();
    EXPECT_TRUE(found.is_sound());
    EXPECT_TRUE(found.findings.empty());
    EXPECT_EQ(found.packages, 1u);
    EXPECT_EQ(found.blobs, made(root_->store().blobs()).size());
    EXPECT_EQ(found.bytes, made(root_->read(row_)).total_bytes());
}

TEST_F(RootCheckTest, finds_a_damaged_blob_of_the_same_size_and_quarantines_its_users) {
    const PackageRow sharer = install(pack("2.0.0"));
    testing::damage_file(model_blob(row_));
    ASSERT_EQ(::chmod(model_blob(row_).c_str(), 0444), 0);
    expect_found({"blob_damaged " + model_digest().to_string()});
    EXPECT_EQ(state_of(row_), State::verified) << "looking changes nothing";
    EXPECT_FALSE(repaired().is_sound());
    EXPECT_EQ(state_of(row_), State::quarantined);
    EXPECT_EQ(state_of(sharer), State::quarantined);
    // A copy of the bytes heals the one that is installed again; the other has to be asked for.
    install(pack("1.0.0"));
    EXPECT_EQ(state_of(row_), State::verified);
    EXPECT_TRUE(root_->verify(made(root_->registry().find(sharer.digest)).value(), {}));
    EXPECT_EQ(state_of(sharer), State::verified);
    expect_sound();
}

TEST_F(RootCheckTest, finds_a_missing_blob) {
    const std::string digest = model_digest().to_string();
    std::filesystem::remove(model_blob(row_));
    expect_found({"blob_missing " + digest});
    repaired();
    EXPECT_EQ(state_of(row_), State::quarantined);
    install(pack("1.0.0"));
    expect_sound();
}

TEST_F(RootCheckTest, finds_a_package_whose_documents_are_gone) {
    std::filesystem::remove(root_->store().blob_path(row_.digest));
    expect_found({"package org.a.b@1.0.0", "blob_missing " + row_.digest.to_string()});
}

TEST_F(RootCheckTest, takes_the_right_to_write_from_blobs) {
    ASSERT_EQ(::chmod(model_blob(row_).c_str(), 0644), 0);
    expect_found({"blob_writable " + model_digest().to_string()});
    EXPECT_TRUE(repaired().is_sound());
    expect_sound();
}

TEST_F(RootCheckTest, writes_the_index_anew) {
    testing::write_file(folder_ / "empty", R"({"schemaVersion":2,"manifests":[]})");
    std::filesystem::rename(folder_ / "empty", path() + "/store/index.json");
    expect_found({"index index.json"});
    EXPECT_TRUE(repaired().is_sound());
    expect_sound();
}

TEST_F(RootCheckTest, puts_right_which_version_serves) {
    tamper("DELETE FROM serving");
    expect_found({"serving org.a.b"});
    EXPECT_TRUE(repaired().is_sound());
    expect_sound();
    EXPECT_EQ(made(root_->registry().current("org.a.b")), row_.digest);
}

TEST_F(RootCheckTest, writes_rows_anew_from_the_documents_of_the_package) {
    tamper(
        "DELETE FROM package_blob WHERE artifact_type = '' AND blob IN (SELECT max(blob) FROM "
        "package_blob WHERE artifact_type = '')");
    tamper(
        "INSERT INTO relation SELECT package, 'depends', 0, 'org.example.other', '*', '' FROM "
        "package_blob LIMIT 1");
    const RootCheck found = check();
    EXPECT_EQ(findings_of(found).front(), "rows org.a.b@1.0.0");
    EXPECT_TRUE(repaired().is_sound());
    expect_sound();
}

TEST_F(RootCheckTest, finds_a_changed_ledger_and_leaves_it_as_it_is) {
    tamper("UPDATE ledger SET reason = 'because' WHERE sequence = 1");
    expect_found({"ledger ledger/1"});
    EXPECT_FALSE(repaired().is_sound());
    expect_found({"ledger ledger/1"});
}

TEST_F(RootCheckTest, names_what_does_not_belong_there_without_alarm) {
    testing::write_file(path() + "/store/blobs/sha256/README", "somebody's");
    const Digest orphan = sha256("nobody's");
    const std::string stray = root_->store().blob_path(orphan);
    testing::write_file(stray, "nobody's");
    ASSERT_EQ(::chmod(stray.c_str(), 0444), 0);
    const RootCheck found = check();
    EXPECT_EQ(
        findings_of(found),
        (std::vector<std::string>{"foreign_name README", "blob_unneeded " + orphan.to_string()}));
    EXPECT_TRUE(found.is_sound());
}

TEST_F(RootCheckTest, reports_a_database_that_does_not_open) {
    root_.reset();
    std::filesystem::remove(path() + "/skillet.db-wal");
    std::filesystem::resize_file(path() + "/skillet.db", 0);
    testing::write_file(path() + "/skillet.db", std::string(8192, 'x'));
    const RootCheck found = repaired();
    ASSERT_EQ(found.findings.size(), 1u);
    EXPECT_EQ(found.findings[0].fault, RootFault::database);
    EXPECT_FALSE(found.is_sound());
}

TEST_F(RootCheckTest, reports_a_store_of_another_layout) {
    testing::write_file(folder_ / "layout", "{}");
    std::filesystem::rename(folder_ / "layout", path() + "/store/oci-layout");
    const RootCheck found = check();
    ASSERT_EQ(found.findings.size(), 1u);
    EXPECT_EQ(found.findings[0].fault, RootFault::layout);
}

TEST_F(RootCheckTest, needs_a_root) {
    EXPECT_FALSE(check_root(*files_, folder_ / "none", {}));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
}

}  // namespace
}  // namespace skillet
