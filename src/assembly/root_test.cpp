// SPDX-License-Identifier: Apache-2.0
// Packages come into a root whole or not at all, and what a root says of itself stays true.
#include "assembly/root.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "assembly/root_lock.h"
#include "testing/root_fixture.h"

namespace skillet {
namespace {

using testing::expect_consistent;
using RootTest = testing::RootFixture;

Work cancelled() {
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    return {{flag, {}}, {}};
}

TEST_F(RootTest, starts_empty) {
    EXPECT_TRUE(list().empty());
    expect_consistent(*root_);
}

TEST_F(RootTest, installs_and_verifies_a_package) {
    const PackageRow row = install(pack("1.0.0", "org.a.b", /*calibrated=*/true));
    EXPECT_EQ(row.id, "org.a.b");
    EXPECT_EQ(row.version, "1.0.0");
    EXPECT_EQ(row.state, State::verified);
    EXPECT_TRUE(row.current);
    EXPECT_TRUE(testing::made(root_->read(row)).calibration);
    ASSERT_EQ(list().size(), 1u);
    expect_consistent(*root_);
}

TEST_F(RootTest, changes_nothing_by_installing_twice) {
    const std::string archive = pack("1.0.0", "org.a.b", /*calibrated=*/true);
    const PackageRow first = install(archive);
    const int64_t generation = *root_->registry().generation();
    const PackageRow second = install(archive);
    EXPECT_EQ(second.digest, first.digest);
    EXPECT_EQ(second.installed_at, first.installed_at);
    EXPECT_EQ(*root_->registry().generation(), generation);
    expect_consistent(*root_);
}

TEST_F(RootTest, refuses_other_bytes_under_a_version_that_is_taken) {
    const std::string archive = pack("1.0.0");
    const PackageRow row = install(archive);
    const std::string other =
        testing::repack_skill(archive, folder_ / "other.skill", "/title", "Another title");
    EXPECT_EQ(refusal(other), SKL_E_CONFLICT);
    ASSERT_EQ(list().size(), 1u);
    EXPECT_EQ(list()[0].digest, row.digest);
    expect_consistent(*root_);
}

TEST_F(RootTest, quarantines_a_package_whose_claims_are_wrong) {
    const std::string archive = pack_wrong_claim();
    const auto refused = root_->install(archive, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_MANIFEST_INVALID);
    EXPECT_EQ(refused.error().subject, "/artifact/parameters");
    ASSERT_EQ(list().size(), 1u);
    EXPECT_EQ(list()[0].state, State::quarantined);
    EXPECT_FALSE(list()[0].current);
    EXPECT_EQ(list()[0].state_reason, refused.error().message);
    expect_consistent(*root_);
    EXPECT_EQ(refusal(archive), SKL_E_QUARANTINED) << "installing again is no way out";
}

TEST_F(RootTest, keeps_nothing_of_an_archive_with_wrong_bytes) {
    const std::string archive = pack("1.0.0");
    testing::damage_file(archive);
    EXPECT_EQ(refusal(archive), SKL_E_DIGEST_MISMATCH);
    EXPECT_TRUE(list().empty());
    expect_consistent(*root_);
}

TEST_F(RootTest, keeps_nothing_of_what_is_no_archive) {
    EXPECT_EQ(refusal(model_), SKL_E_FORMAT_UNSUPPORTED);
    EXPECT_EQ(refusal(folder_ / "nothing.skill"), SKL_E_NOT_FOUND);
    EXPECT_TRUE(list().empty());
    expect_consistent(*root_);
}

TEST_F(RootTest, keeps_nothing_of_a_cancelled_install) {
    EXPECT_EQ(refusal(pack("1.0.0"), cancelled()), SKL_E_CANCELLED);
    EXPECT_TRUE(list().empty());
    expect_consistent(*root_);
}

TEST_F(RootTest, attaches_documents_that_an_installed_package_lacks) {
    const PackageRow bare = install(pack("1.0.0"));
    const PackageRow row = install(pack("1.0.0", "org.a.b", /*calibrated=*/true));
    EXPECT_EQ(row.digest, bare.digest);
    const Package package = testing::made(root_->read(row));
    EXPECT_TRUE(package.calibration);
    EXPECT_EQ(row.bytes, package.total_bytes());
    EXPECT_GT(row.bytes, bare.bytes);
    expect_consistent(*root_);
    ASSERT_TRUE(root_->verify(row, {}));
    ASSERT_TRUE(root_->remove(row, "test"));
    EXPECT_TRUE(root_->store().blobs()->empty());
}

TEST_F(RootTest, keeps_the_documents_that_an_archive_does_not_carry) {
    const PackageRow row = install(pack("1.0.0", "org.a.b", /*calibrated=*/true));
    EXPECT_EQ(install(pack("1.0.0")).bytes, row.bytes);
    EXPECT_TRUE(testing::made(root_->read(row)).calibration);
    expect_consistent(*root_);
}

TEST_F(RootTest, keeps_its_calibration_when_another_one_is_offered) {
    const PackageRow row = install(pack("1.0.0", "org.a.b", /*calibrated=*/true));
    const json::Value document = testing::skill_document(model_, "org.a.b", "1.0.0");
    install(testing::pack_skill(folder_.path(), model_, document,
                                {testing::calibration_document(document, 3)}));
    EXPECT_EQ(testing::made(root_->read(row)).calibration->temperature, 2);
    expect_consistent(*root_);
}

TEST_F(RootTest, mends_a_damaged_document_by_installing_again) {
    const std::string archive = pack("1.0.0", "org.a.b", /*calibrated=*/true);
    const PackageRow row = install(archive);
    const Package package = testing::made(root_->read(row));
    testing::damage_file(root_->store().blob_path(package.documents.front().content.digest));
    EXPECT_FALSE(root_->verify(row, {}));
    EXPECT_EQ(install(archive).state, State::verified);
    EXPECT_TRUE(testing::made(root_->read(row)).calibration);
    expect_consistent(*root_);
}

TEST_F(RootTest, removes_what_no_other_package_needs) {
    const PackageRow first = install(pack("1.0.0"));
    const PackageRow second = install(pack("2.0.0"));
    ASSERT_TRUE(root_->remove(second, "test"));
    expect_consistent(*root_);
    EXPECT_TRUE(root_->verify(first, {})) << "lost a blob it shared";
    ASSERT_TRUE(root_->remove(first, "test"));
    EXPECT_TRUE(root_->store().blobs()->empty());
    expect_consistent(*root_);
}

TEST_F(RootTest, takes_a_removed_package_back_but_never_other_bytes_for_it) {
    const std::string archive = pack("1.0.0");
    ASSERT_TRUE(root_->remove(install(archive), "test"));
    const std::string other =
        testing::repack_skill(archive, folder_ / "other.skill", "/title", "Another title");
    EXPECT_EQ(refusal(other), SKL_E_CONFLICT);
    expect_consistent(*root_);
    EXPECT_EQ(install(archive).state, State::verified);
    expect_consistent(*root_);
}

TEST_F(RootTest, removes_a_quarantined_package) {
    EXPECT_EQ(refusal(pack_wrong_claim()), SKL_E_MANIFEST_INVALID);
    ASSERT_TRUE(root_->remove(list().at(0), "test"));
    EXPECT_TRUE(list().empty());
    expect_consistent(*root_);
}

TEST_F(RootTest, removes_once) {
    const PackageRow row = install(pack("1.0.0"));
    ASSERT_TRUE(root_->remove(row, "test"));
    const auto again = root_->remove(row, "test");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, SKL_E_NOT_FOUND);
}

TEST_F(RootTest, mends_a_damaged_blob_by_installing_again) {
    const std::string archive = pack("1.0.0");
    const PackageRow row = install(archive);
    testing::damage_file(model_blob(row));
    EXPECT_EQ(install(archive).state, State::verified);
    EXPECT_TRUE(root_->verify(row, {}));
}

TEST_F(RootTest, quarantines_a_package_whose_blob_is_damaged_or_gone) {
    for (const bool is_gone : {false, true}) {
        const PackageRow row = install(pack(is_gone ? "2.0.0" : "1.0.0"));
        const std::string blob = model_blob(row);
        if (is_gone) {
            std::filesystem::remove(blob);
        } else {
            testing::damage_file(blob);
        }
        EXPECT_FALSE(root_->verify(row, {}));
        EXPECT_EQ(state_of(row), State::quarantined);
        ASSERT_TRUE(root_->remove(row, "test"));
    }
}

TEST_F(RootTest, blames_no_package_for_a_blob_that_is_whole_again) {
    const PackageRow row = install(pack("1.0.0"));
    const Digest blob = testing::made(root_->read(row)).artifact.digest;
    const Error seen = make_error(SKL_E_NOT_FOUND, "no such blob in the store", blob.to_string());
    root_->quarantine(row.digest, seen);
    EXPECT_EQ(state_of(row), State::verified);
    std::filesystem::remove(model_blob(row));
    root_->quarantine(row.digest, seen);
    EXPECT_EQ(state_of(row), State::quarantined);
}

TEST_F(RootTest, blames_no_package_for_the_machine_or_the_caller) {
    const PackageRow row = install(pack("1.0.0"));
    EXPECT_FALSE(root_->verify(row, cancelled()));
    for (const Code code : {SKL_E_CANCELLED, SKL_E_DEADLINE_EXCEEDED, SKL_E_IO, SKL_E_OUT_OF_MEMORY,
                            SKL_E_STORE_CORRUPT, SKL_E_LOAD_FAILED}) {
        root_->quarantine(row.digest, make_error(code, "not its fault"));
    }
    EXPECT_EQ(state_of(row), State::verified);
    root_->quarantine(row.digest, make_error(SKL_E_DIGEST_MISMATCH, "its fault"));
    EXPECT_EQ(state_of(row), State::quarantined);
}

TEST_F(RootTest, takes_nothing_whose_licence_the_policy_refuses) {
    const std::string archive = pack("1.0.0");
    root_ = open({}, {"Apache-2.0"});
    const auto refused = root_->install(archive, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_LICENSE_REFUSED);
    EXPECT_EQ(refused.error().subject, "Apache-2.0");
    EXPECT_TRUE(list().empty());
    expect_consistent(*root_);
}

TEST_F(RootTest, quarantines_what_a_stricter_policy_refuses_when_it_is_verified) {
    const PackageRow row = install(pack("1.0.0"));
    root_ = open({"MIT"}, {});
    const auto verified = root_->verify(row, {});
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().code, SKL_E_LICENSE_REFUSED);
    EXPECT_EQ(state_of(row), State::quarantined);
}

TEST_F(RootTest, resolves_an_id_to_the_version_that_serves_it) {
    install(pack("2.0.0"));
    install(pack("1.0.0"));
    EXPECT_EQ(resolve("org.a.b")->version, "2.0.0");
    EXPECT_EQ(resolve("org.a.b@1.0.0")->version, "1.0.0");
    const Digest digest = resolve("org.a.b@1.0.0")->digest;
    EXPECT_EQ(resolve("org.a.b@" + digest.to_string())->version, "1.0.0");
}

TEST_F(RootTest, resolves_a_range_to_the_newest_version_in_it_that_is_fit_to_serve) {
    for (const char *version : {"1.0.0", "1.10.0", "1.9.0", "2.0.0"}) install(pack(version));
    EXPECT_EQ(resolve("org.a.b@^1")->version, "1.10.0");
    EXPECT_EQ(resolve("org.a.b@>=1 <1.10")->version, "1.9.0");
    EXPECT_EQ(resolve("org.a.b@*")->version, "2.0.0");
    const PackageRow newest = *resolve("org.a.b@1.10.0");
    ASSERT_TRUE(root_->registry().transition(newest.digest, Trigger::suspend, "test"));
    EXPECT_EQ(resolve("org.a.b@^1")->version, "1.9.0");
    EXPECT_EQ(resolve("org.a.b@1.10.x")->state, State::suspended);
    EXPECT_EQ(resolve("org.a.b@^3").error().code, SKL_E_NOT_FOUND);
}

TEST_F(RootTest, names_the_newest_version_where_none_serves) {
    for (const char *version : {"1.0.0", "2.0.0"}) {
        const PackageRow row = install(pack(version));
        ASSERT_TRUE(root_->registry().transition(row.digest, Trigger::suspend, "test"));
    }
    const auto row = resolve("org.a.b");
    ASSERT_TRUE(row);
    EXPECT_EQ(row->version, "2.0.0");
    EXPECT_EQ(row->state, State::suspended);
}

TEST_F(RootTest, says_what_is_there_instead_of_what_is_not) {
    install(pack("1.0.0"));
    const auto version = resolve("org.a.b@3.0.0");
    ASSERT_FALSE(version);
    EXPECT_EQ(version.error().code, SKL_E_NOT_FOUND);
    EXPECT_NE(version.error().message.find("1.0.0 (verified)"), std::string::npos);
    const auto id = resolve("org.a.c");
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().code, SKL_E_NOT_FOUND);
    EXPECT_EQ(id.error().subject, "org.a.c");
    EXPECT_FALSE(resolve("org.a.c@" + sha256("x").to_string()));
}

TEST_F(RootTest, mends_its_index_when_it_is_opened) {
    install(pack("1.0.0", "org.a.b", /*calibrated=*/true));
    const std::string index = path() + "/store/index.json";
    for (const char *text : {"", "{", R"({"schemaVersion":2,"manifests":[]})"}) {
        std::filesystem::remove(index);
        if (*text != '\0') testing::write_file(index, text);
        root_ = open();
        expect_consistent(*root_);
        EXPECT_TRUE(root_->verify(list().at(0), {})) << text;
    }
}

TEST_F(RootTest, finds_everything_again_when_it_is_reopened) {
    const PackageRow row = install(pack("1.0.0"));
    root_ = open();
    ASSERT_EQ(list().size(), 1u);
    EXPECT_EQ(list()[0].digest, row.digest);
    expect_consistent(*root_);
}

TEST_F(RootTest, waits_for_who_changes_it_until_it_is_cancelled) {
    const std::string archive = pack("1.0.0");
    const auto flag = std::make_shared<CancelFlag>();
    Code code = SKL_OK;
    {
        const auto held = RootLock::take(path(), {});
        ASSERT_TRUE(held);
        std::thread installer([&] { code = refusal(archive, {{flag, {}}, {}}); });
        EXPECT_TRUE(open()) << "who only looks must not wait";
        flag->cancel();
        installer.join();
    }
    EXPECT_EQ(code, SKL_E_CANCELLED);
    EXPECT_EQ(refusal(archive), SKL_OK) << "the lock is still held";
}

TEST_F(RootTest, lets_several_install_one_package_at_once) {
    const std::string archive = pack("1.0.0");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            const auto own = open();  // as another process would
            const auto row = own->install(archive, {});
            ASSERT_TRUE(row) << row.error().message;
            EXPECT_EQ(row->state, State::verified);
        });
    }
    for (std::thread &thread : threads) thread.join();
    ASSERT_EQ(list().size(), 1u);
    expect_consistent(*root_);
}

TEST_F(RootTest, survives_installs_and_removals_of_packages_that_share_blobs) {
    const std::string archives[] = {pack("1.0.0"), pack("2.0.0"), pack("3.0.0")};
    std::vector<std::thread> threads;
    for (const std::string &archive : archives) {
        threads.emplace_back([&] {
            const auto own = open();
            for (int i = 0; i < 8; ++i) {
                const auto row = own->install(archive, {});
                ASSERT_TRUE(row) << row.error().message;
                const auto removed = own->remove(*row, "test");
                ASSERT_TRUE(removed) << removed.error().message;
            }
            ASSERT_TRUE(own->install(archive, {}));
        });
    }
    for (std::thread &thread : threads) thread.join();
    ASSERT_EQ(list().size(), 3u);
    for (const PackageRow &row : list()) EXPECT_TRUE(root_->verify(row, {}));
    expect_consistent(*root_);
}

TEST_F(RootTest, goes_back_to_a_version_whose_needs_are_met) {
    const PackageRow old = install(pack("1.0.0"));
    install(pack("2.0.0"));
    ASSERT_TRUE(root_->serve(old, "worse"));
    EXPECT_EQ(testing::made(resolve("org.a.b")).version, "1.0.0");
    EXPECT_EQ(testing::made(resolve("org.a.b@2.0.0")).version, "2.0.0") << "still there by name";
    install(pack("2.0.0"));
    EXPECT_EQ(testing::made(resolve("org.a.b")).version, "1.0.0") << "installing it again";
    install(pack("3.0.0"));
    EXPECT_EQ(testing::made(resolve("org.a.b")).version, "3.0.0") << "a newer one";
}

TEST_F(RootTest, heals_what_a_load_found_damaged_in_every_package_that_shares_it) {
    const PackageRow first = install(pack("1.0.0"));
    const PackageRow second = install(pack("2.0.0"));
    testing::damage_file(model_blob(first));
    root_->quarantine(first.digest,
                      make_error(SKL_E_DIGEST_MISMATCH, "other bytes",
                                 testing::made(root_->read(first)).artifact.digest.to_string()));
    EXPECT_EQ(state_of(first), State::quarantined);
    EXPECT_EQ(state_of(second), State::quarantined);
    EXPECT_EQ(install(pack("1.0.0")).state, State::verified);
    EXPECT_EQ(install(pack("2.0.0")).state, State::verified);
}

TEST_F(RootTest, does_not_release_what_was_quarantined_for_another_reason) {
    const PackageRow row = install(pack("1.0.0"));
    ASSERT_TRUE(root_->registry().transition(row.digest, Trigger::quarantine, "an operator"));
    EXPECT_EQ(refusal(pack("1.0.0")), SKL_E_QUARANTINED);
    EXPECT_TRUE(root_->verify(*testing::made(root_->registry().find(row.digest)), {}));
    EXPECT_EQ(state_of(row), State::quarantined);
}

TEST_F(RootTest, opened_to_read_tells_everything_and_changes_nothing) {
    const PackageRow row = install(pack("1.0.0"));
    const auto reader = testing::made(Root::open_to_read(*files_, path()));
    EXPECT_TRUE(reader->is_read_only());
    EXPECT_EQ(testing::made(reader->registry().list()).size(), 1u);
    EXPECT_TRUE(reader->verify(row, {}));
    EXPECT_EQ(reader->install(pack("2.0.0"), {}).error().code, SKL_E_READ_ONLY);
    EXPECT_EQ(reader->remove(row, "").error().code, SKL_E_READ_ONLY);
    EXPECT_EQ(reader->serve(row, "").error().code, SKL_E_READ_ONLY);
    EXPECT_EQ(reader->collect({}, {}).error().code, SKL_E_READ_ONLY);
    EXPECT_EQ(reader->mend_index() ? SKL_OK : SKL_E_IO, SKL_OK) << "there is nothing to mend";
    reader->quarantine(row.digest, make_error(SKL_E_DIGEST_MISMATCH, "other bytes", ""));
    EXPECT_EQ(state_of(row), State::verified);
    // And sees what others do meanwhile.
    install(pack("3.0.0"));
    EXPECT_EQ(testing::made(reader->registry().list()).size(), 2u);
}

}  // namespace
}  // namespace skillet
