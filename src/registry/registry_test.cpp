// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing/installation_builder.h"
#include "testing/registered.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::TempDir;

constexpr const char *id = "org.example.mail";
constexpr const char *now_text = "2026-01-31T12:00:00.000Z";

Database open_database(const std::string &path) { return testing::made(Database::open(path)); }

PackageRow package(std::string_view version, std::string_view package_id = id) {
    return testing::package_row(package_id, version);
}

class RegistryTest : public ::testing::Test {
protected:
    // Installs and verifies.
    Digest verified(std::string_view version) {
        const PackageRow row = package(version);
        EXPECT_TRUE(registry_.add(row, {}));
        take(row.digest, Trigger::verify);
        return row.digest;
    }

    void take(const Digest &digest, Trigger trigger) {
        const auto result = registry_.transition(digest, trigger, "a test");
        EXPECT_TRUE(result) << result.error().message;
    }

    std::optional<Digest> current() { return *registry_.current(id); }

    Registry registry_ = testing::registry_in_memory();
};

TEST_F(RegistryTest, adds_a_package_as_installed) {
    PackageRow row = package("1.0.0");
    row.state = State::verified;  // not for the caller to say
    row.current = true;
    row.installed_at = "yesterday";
    row.state_reason = "because";
    ASSERT_TRUE(registry_.add(row, {}));

    const std::optional<PackageRow> found = *registry_.find(row.digest);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->digest, row.digest);
    EXPECT_EQ(found->id, id);
    EXPECT_EQ(found->version, "1.0.0");
    EXPECT_EQ(found->state, State::installed);
    EXPECT_FALSE(found->current);
    EXPECT_EQ(found->bytes, 1000U);
    EXPECT_EQ(found->installed_at, now_text);
    EXPECT_EQ(found->state_reason, "");
    EXPECT_EQ(current(), std::nullopt);
}

TEST_F(RegistryTest, finds_nothing_where_there_is_nothing) {
    EXPECT_EQ(*registry_.find(sha256("x")), std::nullopt);
    EXPECT_TRUE(registry_.list()->empty());
    EXPECT_TRUE(registry_.versions(id)->empty());
    EXPECT_TRUE(registry_.history(id)->empty());
    EXPECT_EQ(*registry_.generation(), 0);
    EXPECT_EQ(registry_.transition(sha256("x"), Trigger::verify, "").error().code, SKL_E_NOT_FOUND);
    EXPECT_EQ(registry_.remove(sha256("x"), "").error().code, SKL_E_NOT_FOUND);
    EXPECT_TRUE(registry_.verify_ledger());
}

TEST_F(RegistryTest, changes_nothing_when_a_package_is_added_again) {
    const Digest digest = verified("1.0.0");
    const int64_t generation = *registry_.generation();
    EXPECT_TRUE(registry_.add(package("1.0.0"), {}));
    EXPECT_EQ(*registry_.generation(), generation);
    EXPECT_EQ((*registry_.find(digest))->state, State::verified);
}

TEST_F(RegistryTest, keeps_the_relations_of_each_package_until_it_is_removed) {
    const testing::RelationTexts texts{.depends = {"org.z ^1 #org.z@1.2.0", "org.b >=1 <3"},
                                       .conflicts = {"org.c *"},
                                       .replaces = "org.example.mail <2"};
    const Relations written = testing::installed("org.a@1.0.0", texts).relations;
    const PackageRow row = package("2.0.0");
    ASSERT_TRUE(registry_.add(row, {}, written));
    const Digest other = verified("1.0.0");

    const Installation installation = testing::made(registry_.installation());
    ASSERT_EQ(installation.packages().size(), 2u);
    EXPECT_EQ(installation.find(other)->state, State::verified);
    EXPECT_TRUE(installation.find(other)->relations.depends.empty());
    const InstalledPackage &found = *installation.find(row.digest);
    EXPECT_EQ(found.text(), "org.example.mail@2.0.0");
    EXPECT_EQ(found.state, State::installed);
    ASSERT_EQ(found.relations.depends.size(), 2u) << "in the order of skill.json";
    EXPECT_EQ(found.relations.depends[0].text(), "org.z ^1");
    EXPECT_EQ(found.relations.depends[0].digest, sha256("org.z@1.2.0"));
    EXPECT_EQ(found.relations.depends[1].text(), "org.b >=1 <3");
    EXPECT_FALSE(found.relations.depends[1].digest);
    ASSERT_EQ(found.relations.conflicts.size(), 1u);
    ASSERT_TRUE(found.relations.replaces);
    EXPECT_EQ(found.relations.replaces->text(), "org.example.mail <2");

    take(row.digest, Trigger::retire);
    ASSERT_TRUE(registry_.remove(row.digest, ""));
    EXPECT_EQ(testing::made(registry_.installation()).packages().size(), 1u);
}

TEST_F(RegistryTest, refuses_to_add_a_retired_package) {
    take(verified("1.0.0"), Trigger::retire);
    const Result<void> again = registry_.add(package("1.0.0"), {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, SKL_E_RETIRED);
    EXPECT_NE(again.error().hint.find("reinstate"), std::string::npos);
}

TEST_F(RegistryTest, never_binds_a_version_to_a_second_digest) {
    const Digest first = verified("1.0.0");
    PackageRow other = package("1.0.0");
    other.digest = sha256("other bytes");
    EXPECT_EQ(registry_.add(other, {}).error().code, SKL_E_CONFLICT);

    take(first, Trigger::retire);
    ASSERT_TRUE(registry_.remove(first, "gone"));
    const Result<void> result = registry_.add(other, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, SKL_E_CONFLICT);
    EXPECT_NE(result.error().message.find(first.to_string()), std::string::npos);
    EXPECT_EQ(*registry_.find(other.digest), std::nullopt);
    EXPECT_TRUE(registry_.add(package("1.0.0"), {}));  // the same digest may come back
}

TEST_F(RegistryTest, never_binds_a_digest_to_a_second_version) {
    ASSERT_TRUE(registry_.add(package("1.0.0"), {}));
    PackageRow renamed = package("1.0.0");
    renamed.version = "1.0.1";
    EXPECT_EQ(registry_.add(renamed, {}).error().code, SKL_E_CONFLICT);
    renamed.version = "1.0.0";
    renamed.id = "org.example.other";
    EXPECT_EQ(registry_.add(renamed, {}).error().code, SKL_E_CONFLICT);
}

TEST_F(RegistryTest, refuses_what_it_could_not_store) {
    EXPECT_EQ(registry_.add(package("1.0"), {}).error().code, SKL_E_INVALID_ARGUMENT);
    PackageRow large = package("1.0.0");
    large.bytes = UINT64_MAX;
    EXPECT_EQ(registry_.add(large, {}).error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(registry_.add(package("1.0.0"), {{sha256("b"), UINT64_MAX}}).error().code,
              SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(*registry_.generation(), 0);
}

TEST_F(RegistryTest, refuses_an_illegal_edge_and_changes_nothing) {
    const Digest digest = verified("1.0.0");
    const int64_t generation = *registry_.generation();
    const auto result = registry_.transition(digest, Trigger::release, "");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, SKL_E_ILLEGAL_TRANSITION);
    EXPECT_EQ(result.error().subject, "org.example.mail@1.0.0");
    EXPECT_EQ(registry_.remove(digest, "").error().code, SKL_E_ILLEGAL_TRANSITION);
    EXPECT_EQ(*registry_.generation(), generation);
    EXPECT_EQ((*registry_.find(digest))->state, State::verified);
}

TEST_F(RegistryTest, retires_and_removes_in_one_step_whatever_the_state) {
    const Digest serving = verified("1.0.0");
    const Digest quarantined = verified("2.0.0");
    take(quarantined, Trigger::fail);
    for (const Digest &digest : {serving, quarantined}) {
        EXPECT_TRUE(registry_.retire_and_remove(digest, "gone"));
        EXPECT_EQ(*registry_.find(digest), std::nullopt);
    }
    EXPECT_EQ(registry_.retire_and_remove(serving, "gone").error().code, SKL_E_NOT_FOUND);
    EXPECT_TRUE(registry_.verify_ledger());
}

TEST_F(RegistryTest, removes_by_remove_only) {
    const Digest digest = verified("1.0.0");
    take(digest, Trigger::retire);
    EXPECT_EQ(registry_.transition(digest, Trigger::remove, "").error().code,
              SKL_E_INVALID_ARGUMENT);
    EXPECT_TRUE(*registry_.find(digest));
}

TEST_F(RegistryTest, keeps_the_reason_of_the_state) {
    const Digest digest = verified("1.0.0");
    ASSERT_TRUE(registry_.transition(digest, Trigger::fail, "digest mismatch at load"));
    EXPECT_EQ((*registry_.find(digest))->state_reason, "digest mismatch at load");
}

TEST_F(RegistryTest, serves_the_newest_verified_version) {
    const Digest second = verified("1.10.0");
    EXPECT_EQ(current(), second);
    const Digest first = verified("1.9.0");  // verified later, but older
    EXPECT_EQ(current(), second);
    const Digest third = verified("2.0.0");
    EXPECT_EQ(current(), third);
    EXPECT_TRUE((*registry_.find(third))->current);
    EXPECT_FALSE((*registry_.find(second))->current);

    take(third, Trigger::retire);
    EXPECT_EQ(current(), second);
    take(second, Trigger::quarantine);
    EXPECT_EQ(current(), first);
    take(first, Trigger::suspend);
    EXPECT_EQ(current(), std::nullopt);
    take(second, Trigger::release);
    EXPECT_EQ(current(), std::nullopt);  // must be verified again
    take(second, Trigger::verify);
    EXPECT_EQ(current(), second);
    take(third, Trigger::reinstate);
    take(third, Trigger::verify);
    EXPECT_EQ(current(), third);
}

TEST_F(RegistryTest, keeps_serving_when_only_build_metadata_is_new) {
    const Digest serving = verified("1.0.0+b");
    const Digest equal = verified("1.0.0+a");
    const Digest later = verified("1.0.0+c");
    EXPECT_EQ(current(), serving);
    take(serving, Trigger::fail);
    EXPECT_EQ(current(), later);
    take(later, Trigger::retire);
    EXPECT_EQ(current(), equal);
}

TEST_F(RegistryTest, keeps_ids_apart) {
    const Digest mail = verified("1.0.0");
    const PackageRow other = package("9.0.0", "org.example.other");
    ASSERT_TRUE(registry_.add(other, {}));
    take(other.digest, Trigger::verify);
    EXPECT_EQ(current(), mail);
    EXPECT_EQ(*registry_.current("org.example.other"), other.digest);
    EXPECT_EQ(registry_.versions(id)->size(), 1U);
    EXPECT_EQ(registry_.history("org.example.other")->size(), 2U);
}

TEST_F(RegistryTest, knows_what_was_retired_by_then_and_may_go) {
    for (const char *version : {"1.0.0", "1.1.0", "1.2.0"}) verified(version);
    ASSERT_TRUE(registry_.save_known_good("good", ""));  // 1.2.0
    for (const char *version : {"1.0.0", "1.1.0"}) take(package(version).digest, Trigger::retire);
    take(package("1.1.0").digest, Trigger::reinstate);
    for (const char *by : {"", "2026-01-31T12:00:00.000Z", "2026-02-01T00:00:00.000Z"}) {
        const auto rows = testing::made(registry_.retired(by));
        ASSERT_EQ(rows.size(), 1u) << by;
        EXPECT_EQ(rows[0].version, "1.0.0");
    }
    EXPECT_TRUE(registry_.retired("2026-01-31T11:59:59.999Z")->empty());
}

TEST_F(RegistryTest, fails_nothing_for_what_was_seen_of_it_before_it_was_installed_again) {
    const PackageRow row = package("1.0.0");
    ASSERT_TRUE(registry_.add(row, {}));
    const int64_t seen_at = *registry_.generation();
    ASSERT_TRUE(registry_.retire_and_remove(row.digest, ""));
    EXPECT_EQ(registry_.fail(row.digest, "gone", SKL_E_NOT_FOUND, seen_at).error().code,
              SKL_E_NOT_FOUND);
    ASSERT_TRUE(registry_.add(row, {}));
    EXPECT_EQ(registry_.fail(row.digest, "gone", SKL_E_NOT_FOUND, seen_at).error().code,
              SKL_E_CONFLICT);
    EXPECT_EQ((*registry_.find(row.digest))->state, State::installed);
    EXPECT_TRUE(registry_.fail(row.digest, "gone", SKL_E_NOT_FOUND, *registry_.generation()));
    EXPECT_EQ((*registry_.find(row.digest))->state, State::quarantined);
}

TEST_F(RegistryTest, adds_blobs_that_an_installed_package_lacks) {
    const PackageRow row = package("1.0.0");
    ASSERT_TRUE(registry_.add(row, {{sha256("a"), 10}}));
    ASSERT_TRUE(registry_.add(row, {{sha256("a"), 10}, {sha256("b"), 7, "a/document"}}));
    EXPECT_EQ(registry_.blobs_of(row.digest)->size(), 2u);
    EXPECT_EQ((*registry_.find(row.digest))->bytes, row.bytes + 7);
    EXPECT_EQ(registry_.index_entries()->size(), 1u);
    EXPECT_EQ(*registry_.generation(), 1) << "its state is what it was";
}

TEST_F(RegistryTest, lists_by_id_then_version) {
    for (const char *version : {"2.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "1.9.0+b"}) {
        ASSERT_TRUE(registry_.add(package(version), {}));
    }
    ASSERT_TRUE(registry_.add(package("7.0.0", "org.example.a"), {}));
    std::vector<std::string> listed;
    const std::vector<PackageRow> rows = *registry_.list();
    for (const PackageRow &row : rows) listed.push_back(row.id + "@" + row.version);
    EXPECT_EQ(listed,
              (std::vector<std::string>{"org.example.a@7.0.0", "org.example.mail@1.9.0",
                                        "org.example.mail@1.9.0+b", "org.example.mail@1.10.0",
                                        "org.example.mail@2.0.0-rc.1", "org.example.mail@2.0.0"}));
    EXPECT_EQ(registry_.versions(id)->back().version, "2.0.0");
}

TEST_F(RegistryTest, returns_the_blobs_that_nobody_else_uses) {
    const PackageBlob shared{sha256("shared"), 10};
    const PackageBlob own{sha256("own"), 20};
    const PackageRow first = package("1.0.0");
    const PackageRow second = package("2.0.0");
    ASSERT_TRUE(registry_.add(first, {shared, own, own}));
    ASSERT_TRUE(registry_.add(second, {shared}));
    take(first.digest, Trigger::retire);
    take(second.digest, Trigger::fail);
    EXPECT_EQ(*registry_.remove(first.digest, "old"), std::vector{own.digest});
    EXPECT_EQ(*registry_.find(first.digest), std::nullopt);
    EXPECT_EQ(*registry_.remove(second.digest, "bad"), std::vector{shared.digest});
    EXPECT_TRUE(registry_.list()->empty());
}

TEST_F(RegistryTest, records_who_did_what_when_and_why) {
    const Digest digest = verified("1.0.0");
    ASSERT_TRUE(registry_.transition(digest, Trigger::retire, "replaced"));
    ASSERT_TRUE(registry_.remove(digest, "disk"));
    const std::vector<LedgerRow> rows = *registry_.history(id);
    ASSERT_EQ(rows.size(), 4U);
    const char *expected[][4] = {{"install", "", "installed", ""},
                                 {"verify", "installed", "verified", "a test"},
                                 {"retire", "verified", "retired", "replaced"},
                                 {"remove", "retired", "", "disk"}};
    for (size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].sequence, static_cast<int64_t>(i + 1));
        EXPECT_EQ(rows[i].at, now_text);
        EXPECT_EQ(rows[i].actor, "test:alice");
        EXPECT_EQ(rows[i].digest, digest);
        EXPECT_EQ(rows[i].id, id);
        EXPECT_EQ(rows[i].version, "1.0.0");
        EXPECT_EQ(rows[i].trigger, expected[i][0]);
        EXPECT_EQ(rows[i].from, expected[i][1]);
        EXPECT_EQ(rows[i].to, expected[i][2]);
        EXPECT_EQ(rows[i].reason, expected[i][3]);
    }
    EXPECT_TRUE(registry_.verify_ledger());
}

TEST(Registry, sees_what_another_one_on_the_same_file_does) {
    const TempDir folder;
    const std::string path = folder / "skillet.db";
    Registry first(open_database(path), utc_now, "first");
    Registry second(open_database(path), utc_now, "second");
    const PackageRow row = package("1.0.0");
    ASSERT_TRUE(first.add(row, {}));
    ASSERT_TRUE(second.transition(row.digest, Trigger::verify, ""));
    EXPECT_EQ(*first.generation(), 2);
    EXPECT_EQ(*second.generation(), 2);
    EXPECT_EQ(*first.current(id), row.digest);
    ASSERT_TRUE(second.transition(row.digest, Trigger::suspend, ""));
    EXPECT_EQ(*first.generation(), 3);
    EXPECT_EQ(*first.current(id), std::nullopt);
    EXPECT_TRUE(first.verify_ledger());
}

TEST(Registry, survives_reopening) {
    const TempDir folder;
    const PackageRow row = package("1.0.0");
    {
        Registry registry(open_database(folder / "skillet.db"), utc_now, "test");
        ASSERT_TRUE(registry.add(row, {}));
        ASSERT_TRUE(registry.transition(row.digest, Trigger::verify, ""));
    }
    const Registry registry(open_database(folder / "skillet.db"), utc_now, "test");
    EXPECT_EQ(*registry.current(id), row.digest);
    EXPECT_EQ(*registry.generation(), 2);
    EXPECT_TRUE(registry.verify_ledger());
}

// Each thread walks packages of its own over two connections to one file.
TEST(Registry, loses_nothing_when_threads_and_connections_meet) {
    const TempDir folder;
    Registry first(open_database(folder / "skillet.db"), utc_now, "first");
    Registry second(open_database(folder / "skillet.db"), utc_now, "second");
    const auto work = [](Registry &registry, int number) {
        const PackageRow row = package(std::to_string(number) + ".0.0");
        EXPECT_TRUE(registry.add(row, {}));
        EXPECT_TRUE(registry.transition(row.digest, Trigger::verify, ""));
        EXPECT_TRUE(registry.list());
        EXPECT_TRUE(registry.transition(row.digest, Trigger::retire, ""));
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back(work, std::ref(i % 2 == 0 ? first : second), i);
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(*first.generation(), 24);
    EXPECT_EQ(first.list()->size(), 8U);
    EXPECT_EQ(*first.current(id), std::nullopt);
    EXPECT_TRUE(second.verify_ledger());
}

TEST(Registry, writes_times_as_iso_8601_in_utc) {
    std::string shape = utc_now();
    EXPECT_TRUE(shape.starts_with("20"));
    for (char &c : shape) {
        if (c >= '0' && c <= '9') c = '0';
    }
    EXPECT_EQ(shape, "0000-00-00T00:00:00.000Z");
}

}  // namespace
}  // namespace skillet
