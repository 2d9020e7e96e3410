// SPDX-License-Identifier: Apache-2.0
// Every change that the store makes to the disk fails once, at each place.
#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/store.h"
#include "testing/describe.h"
#include "testing/faulty_file_system.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::describe;
using testing::FaultyFileSystem;
using Afterwards = FaultyFileSystem::Afterwards;

const std::string text(600000, 't');  // three chunks, three writes

// One store on one disk.
class World {
public:
    World() { EXPECT_TRUE(store_); }

    Result<void> put() { return store_->put(describe(text), MemorySource(text, "memory")); }
    Store &store() { return *store_; }
    FaultyFileSystem &disk() { return disk_; }
    [[nodiscard]] Result<Store> open_again() { return Store::open(disk_, folder_.path()); }
    [[nodiscard]] std::string root() const { return folder_.path(); }
    [[nodiscard]] size_t staged() { return disk_.list(folder_ / "store/staging")->size(); }
    // Either no blob, or all of it.
    [[nodiscard]] bool is_sound() {
        return !store_->contains(sha256(text)) || open_verified(*store_, describe(text));
    }

private:
    testing::TempDir folder_;
    std::unique_ptr<FileSystem> real_ = posix_file_system();
    FaultyFileSystem disk_{*real_};
    Result<Store> store_ = Store::open(disk_, folder_.path());
};

// Runs `act` in fresh worlds, with each of its operations failing in turn, and lets `check` look
// at what is left. Returns how many operations there are.
uint64_t fail_each_operation(int errno_value, Afterwards afterwards,
                             const std::function<void(World &)> &prepare,
                             const std::function<Result<void>(World &)> &act,
                             const std::function<void(World &)> &check) {
    for (uint64_t operation = 0;; ++operation) {
        SCOPED_TRACE(operation);
        World world;
        prepare(world);
        world.disk().fail_at(operation, errno_value, afterwards);
        const auto done = act(world);
        if (!world.disk().has_failed()) {
            EXPECT_TRUE(done);
            return operation;
        }
        EXPECT_TRUE(!done && done.error().code == SKL_E_IO);
        world.disk().heal();
        check(world);
    }
}

void nothing(World &) {}
Result<void> put(World &world) { return world.put(); }

void expect_clean_and_working(World &world) {
    EXPECT_TRUE(world.is_sound());
    EXPECT_EQ(world.staged(), 0u);
    EXPECT_TRUE(world.put());
    EXPECT_TRUE(open_verified(world.store(), describe(text)));
}

TEST(StoreFaults, put_leaves_nothing_and_works_again_whichever_operation_fails) {
    for (const int errno_value : {ENOSPC, EIO}) {
        const uint64_t operations = fail_each_operation(errno_value, Afterwards::works_again,
                                                        nothing, put, expect_clean_and_working);
        EXPECT_EQ(operations, 9u) << "create, 5 writes, sync, rename, sync of the directory";
    }
}

TEST(StoreFaults, put_never_shows_a_partial_blob_even_if_it_cannot_clean_up) {
    fail_each_operation(EIO, Afterwards::stays_broken, nothing, put, [](World &world) {
        EXPECT_TRUE(world.is_sound());
        EXPECT_LE(world.staged(), 1u);
        ASSERT_TRUE(world.open_again());
        expect_clean_and_working(world);
    });
}

TEST(StoreFaults, replacing_a_damaged_blob_fails_without_harm) {
    const auto damage = [](World &world) {
        const std::string path = world.store().blob_path(sha256(text));
        ASSERT_TRUE(write_atomically(world.disk(), path, "damaged"));
    };
    fail_each_operation(ENOSPC, Afterwards::works_again, damage, put, [](World &world) {
        EXPECT_EQ(world.staged(), 0u);
        EXPECT_TRUE(world.put());
        EXPECT_TRUE(open_verified(world.store(), describe(text)));
    });
}

TEST(StoreFaults, put_of_an_intact_blob_reports_that_it_may_not_be_durable) {
    const auto put_before = [](World &world) { ASSERT_TRUE(world.put()); };
    const uint64_t operations = fail_each_operation(EIO, Afterwards::works_again, put_before, put,
                                                    expect_clean_and_working);
    EXPECT_EQ(operations, 1u) << "sync of the directory";
}

TEST(StoreFaults, write_index_keeps_the_old_index_or_has_the_new_one) {
    const OciIndex before{{describe("before", media::manifest)}};
    const OciIndex after{{describe("after", media::manifest)}};
    const auto write_before = [&](World &world) { ASSERT_TRUE(world.store().write_index(before)); };
    const auto write_after = [&](World &world) { return world.store().write_index(after); };
    fail_each_operation(ENOSPC, Afterwards::works_again, write_before, write_after,
                        [&](World &world) {
                            const auto index = world.store().index();
                            ASSERT_TRUE(index);
                            const std::string json = index->to_json();
                            EXPECT_TRUE(json == before.to_json() || json == after.to_json());
                            EXPECT_EQ(world.staged(), 0u);
                            ASSERT_TRUE(world.store().write_index(after));
                            EXPECT_EQ(world.store().index()->to_json(), after.to_json());
                        });
}

TEST(StoreFaults, remove_fails_visibly_and_can_be_repeated) {
    const auto put_before = [](World &world) { ASSERT_TRUE(world.put()); };
    const auto remove = [](World &world) { return world.store().remove(sha256(text)); };
    const uint64_t operations =
        fail_each_operation(EIO, Afterwards::works_again, put_before, remove, [&](World &world) {
            EXPECT_TRUE(world.is_sound());
            EXPECT_TRUE(remove(world));
            EXPECT_FALSE(world.store().contains(sha256(text)));
        });
    EXPECT_EQ(operations, 2u) << "remove, sync of the directory";
}

TEST(StoreFaults, a_root_whose_creation_failed_half_way_opens_later) {
    const auto real = posix_file_system();
    for (uint64_t operation = 0;; ++operation) {
        testing::TempDir folder;
        FaultyFileSystem disk(*real);
        disk.fail_at(operation, ENOSPC, Afterwards::stays_broken);
        const auto store = Store::open(disk, folder.path());
        if (!disk.has_failed()) break;
        ASSERT_FALSE(store) << operation;
        EXPECT_EQ(store.error().code, SKL_E_IO);
        disk.heal();
        const auto again = Store::open(disk, folder.path());
        ASSERT_TRUE(again) << operation << ": " << again.error().message;
        EXPECT_TRUE(again->index());
        EXPECT_TRUE(disk.list(folder / "store/staging")->empty());
    }
}

TEST(StoreFaults, a_leftover_that_cannot_be_removed_does_not_keep_the_store_shut) {
    World world;
    ASSERT_TRUE(world.disk().create(world.root() + "/store/staging/left", Readers::as_umask));
    world.disk().fail_at(1, EIO);  // after the call that makes directories
    EXPECT_TRUE(world.open_again());
    EXPECT_TRUE(world.disk().has_failed());
    EXPECT_EQ(world.staged(), 1u);
}

}  // namespace
}  // namespace skillet
