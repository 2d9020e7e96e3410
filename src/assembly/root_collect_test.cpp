// SPDX-License-Identifier: Apache-2.0
// Garbage collection takes what nobody needs, and nothing else.
#include <filesystem>

#include "testing/root_fixture.h"

namespace skillet {
namespace {

using testing::made;

class RootCollect : public testing::RootFixture {
protected:
    // A blob of the store that no package needs, so many hours old.
    Digest orphan(const std::string &text, int hours) {
        const Digest digest = sha256(text);
        const std::string path = root_->store().blob_path(digest);
        testing::write_file(path, text);
        std::filesystem::last_write_time(
            path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
        return digest;
    }
    Collected collect(std::chrono::seconds grace, bool dry_run = false) {
        return made(root_->collect({grace, dry_run}, {}));
    }
    Collected collect_retired(std::chrono::seconds grace, bool dry_run = false) {
        return made(root_->collect({grace, dry_run, /*retired=*/true}, {}));
    }
    static std::vector<std::string> versions_of(const Collected &collected) {
        std::vector<std::string> versions;
        for (const PackageRow &row : collected.packages) versions.push_back(row.version);
        return versions;
    }
    bool has(const Digest &digest) { return root_->store().contains(digest); }
};

TEST_F(RootCollect, removes_old_blobs_that_no_package_needs) {
    install(pack("1.0.0"));
    const Digest old = orphan("old", 25);
    const Digest young = orphan("young", 23);
    const Collected collected = collect(std::chrono::hours(24));
    ASSERT_EQ(collected.removed.size(), 1u);
    EXPECT_EQ(collected.removed[0].digest, old);
    EXPECT_EQ(collected.removed_bytes, 3u);
    ASSERT_EQ(collected.spared.size(), 1u);
    EXPECT_EQ(collected.spared[0].digest, young);
    EXPECT_EQ(collected.spared_bytes, 5u);
    EXPECT_GT(collected.kept, 3u);
    EXPECT_FALSE(has(old));
    EXPECT_TRUE(has(young));
}

TEST_F(RootCollect, without_a_grace_leaves_exactly_what_is_needed) {
    install(pack("1.0.0"));
    orphan("old", 25);
    orphan("of tomorrow", -24);
    EXPECT_EQ(collect(std::chrono::seconds(0)).removed.size(), 2u);
    testing::expect_consistent(*root_);
    EXPECT_TRUE(root_->verify(list().front(), {}));
}

TEST_F(RootCollect, spares_what_seems_to_come_from_the_future) {
    const Digest digest = orphan("of tomorrow", -24);
    EXPECT_TRUE(collect(std::chrono::seconds(1)).removed.empty());
    EXPECT_TRUE(has(digest));
}

TEST_F(RootCollect, only_says_what_would_go_if_asked_to) {
    const Digest digest = orphan("old", 25);
    EXPECT_EQ(collect(std::chrono::hours(1), /*dry_run=*/true).removed.size(), 1u);
    EXPECT_TRUE(has(digest));
}

TEST_F(RootCollect, leaves_names_alone_that_are_no_blobs) {
    const std::string note = path() + "/store/blobs/sha256/README";
    testing::write_file(note, "somebody's");
    const std::string folder = path() + "/store/blobs/sha256/" + std::string(64, 'a');
    std::filesystem::create_directory(folder);
    EXPECT_TRUE(collect(std::chrono::seconds(0)).removed.empty());
    EXPECT_TRUE(std::filesystem::exists(note));
    EXPECT_TRUE(std::filesystem::exists(folder));
}

TEST_F(RootCollect, removes_retired_packages_with_what_only_they_needed) {
    const PackageRow kept = install(pack("2.0.0"));
    for (const char *version : {"1.0.0", "1.1.0"}) {
        const PackageRow row = install(pack(version, "org.a.b", /*calibrated=*/true));
        ASSERT_TRUE(root_->change_state(row, Trigger::retire, "a test"));
    }
    const Collected rehearsed = collect_retired(std::chrono::seconds(0), /*dry_run=*/true);
    EXPECT_EQ(list().size(), 3u);
    const Collected collected = collect_retired(std::chrono::seconds(0));
    EXPECT_EQ(versions_of(collected), (std::vector<std::string>{"1.0.0", "1.1.0"}));
    EXPECT_EQ(versions_of(rehearsed), versions_of(collected));
    EXPECT_EQ(rehearsed.removed_bytes, collected.removed_bytes);
    EXPECT_EQ(rehearsed.kept, collected.kept);
    EXPECT_GT(collected.removed_bytes, 0u);
    ASSERT_EQ(list().size(), 1u);
    testing::expect_consistent(*root_);
    EXPECT_TRUE(root_->verify(kept, {})) << "it shared the model";
}

TEST_F(RootCollect, leaves_what_was_retired_within_the_grace) {
    const PackageRow row = install(pack("1.0.0"));
    ASSERT_TRUE(root_->change_state(row, Trigger::retire, "a test"));
    EXPECT_TRUE(collect_retired(std::chrono::hours(1)).packages.empty());
    EXPECT_EQ(state_of(row), State::retired);
}

TEST_F(RootCollect, removes_packages_in_no_other_state) {
    install(pack("1.0.0"));
    ASSERT_TRUE(root_->change_state(install(pack("1.1.0")), Trigger::suspend, "a test"));
    ASSERT_TRUE(root_->change_state(install(pack("1.2.0")), Trigger::quarantine, "a test"));
    EXPECT_TRUE(collect_retired(std::chrono::seconds(0)).packages.empty());
    EXPECT_EQ(list().size(), 3u);
}

TEST_F(RootCollect, keeps_the_blobs_of_every_state) {
    const PackageRow row = install(pack("1.0.0"));
    ASSERT_TRUE(root_->registry().transition(row.digest, Trigger::retire, ""));
    EXPECT_TRUE(collect(std::chrono::seconds(0)).removed.empty());
    EXPECT_TRUE(root_->read(row));
}

}  // namespace
}  // namespace skillet
