// SPDX-License-Identifier: Apache-2.0
#include "store/held_blob.h"

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "store/store.h"
#include "testing/describe.h"
#include "testing/file_change.h"
#include "testing/made.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::describe;
using testing::made;

constexpr std::string_view text = "the bytes of a model";

class HeldBlobTest : public ::testing::Test {
protected:
    HeldBlobTest() {
        EXPECT_TRUE(store_->put(describe(text), MemorySource(std::string(text), "")));
    }

    Result<std::unique_ptr<HeldBlob>> map(const Descriptor &descriptor = describe(text)) {
        return HeldBlob::map(*store_, descriptor, phase_);
    }
    Result<std::unique_ptr<HeldBlob>> seal(const Descriptor &descriptor = describe(text)) {
        return HeldBlob::seal(*store_, descriptor, phase_);
    }
    [[nodiscard]] std::string path() const { return store_->blob_path(sha256(text)); }
    // Once a change from now on would get another time: the kernel's clock ticks by itself.
    [[nodiscard]] FileStamp settled_stamp() const {
        const FileSlice bytes = made(store_->open(sha256(text)));
        for (;;) {
            const FileStamp now = made(FileStamp::of(bytes.fd(), ""));
            if (now.settled) return now;
        }
    }
    // The blob as it was.
    void put_back() {
        std::filesystem::remove(path());
        ASSERT_TRUE(store_->put(describe(text), MemorySource(std::string(text), "")));
    }

    testing::TempDir folder_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    Result<Store> store_ = Store::open(*files_, folder_.path());
    Phase phase_;
};

TEST_F(HeldBlobTest, gives_bytes_that_were_checked) {
    for (const auto &held : {made(map()), made(seal())}) {
        EXPECT_EQ(made(read_all(held->bytes(), 100)), text);
        EXPECT_TRUE(held->check({}));
        EXPECT_TRUE(held->check({}));
    }
}

TEST_F(HeldBlobTest, refuses_bytes_that_are_not_what_the_descriptor_says) {
    Descriptor longer = describe(text);
    ++longer.size;
    EXPECT_EQ(map(longer).error().code, SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(seal(longer).error().code, SKL_E_DIGEST_MISMATCH);
    testing::touch_byte(path(), 1, 0x55);
    EXPECT_EQ(map().error().code, SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(seal().error().code, SKL_E_DIGEST_MISMATCH);
}

TEST_F(HeldBlobTest, notices_every_change_of_mapped_bytes_and_no_other_change) {
    for (const testing::FileChange &change : testing::file_changes) {
        SCOPED_TRACE(change.name);
        put_back();
        const auto held = made(map());
        ASSERT_TRUE(held->check({}));
        change.apply(path());
        const auto same = held->check({});
        EXPECT_EQ(!same, change.spoils);
        if (same) continue;
        EXPECT_EQ(same.error().code, SKL_E_DIGEST_MISMATCH);
        EXPECT_EQ(same.error().subject, sha256(text).to_string());
    }
}

TEST_F(HeldBlobTest, says_of_a_trusted_file_what_hashing_it_again_would_say) {
    TrustedBlobs trusted;
    const auto map_known = [&] { return HeldBlob::map(*store_, describe(text), phase_, &trusted); };
    for (const testing::FileChange &change : testing::file_changes) {
        SCOPED_TRACE(change.name);
        put_back();
        (void)settled_stamp();
        const auto first = made(map_known());
        EXPECT_FALSE(first->was_trusted());
        trusted.add(sha256(text), first->opened_as());
        EXPECT_TRUE(made(map_known())->was_trusted());
        change.apply(path());
        const auto known = map_known();
        const auto fresh = map();
        EXPECT_EQ(known ? SKL_OK : known.error().code, fresh ? SKL_OK : fresh.error().code);
    }
}

TEST_F(HeldBlobTest, trusts_no_file_whose_next_change_might_not_show) {
    TrustedBlobs trusted;
    FileStamp stamp = settled_stamp();
    stamp.settled = false;
    trusted.add(sha256(text), stamp);
    EXPECT_FALSE(trusted.has(sha256(text), stamp));
}

TEST_F(HeldBlobTest, stays_spoiled_when_the_bytes_come_back) {
    const auto held = made(map());
    testing::touch_byte(path(), 1, 0x55);
    ASSERT_FALSE(held->check({}));
    testing::touch_byte(path(), 1, 0x55);
    EXPECT_FALSE(held->check({})) << "an engine may have computed with the others";
}

TEST_F(HeldBlobTest, says_the_same_to_many_threads_at_once) {
    const auto held = made(map());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            while (held->check({})) continue;
            EXPECT_FALSE(held->check({})) << "once spoiled, spoiled for all";
        });
    }
    // Bytes that stay the same, then others.
    for (const int mode : {0644, 0600, 0444, 0640}) {
        std::filesystem::permissions(path(), std::filesystem::perms(mode));
        EXPECT_TRUE(held->check({}));
    }
    testing::touch_byte(path(), 1, 0x55);
    for (std::thread &thread : threads) thread.join();
}

TEST_F(HeldBlobTest, keeps_a_sealed_copy_whatever_happens_to_the_file) {
    for (const testing::FileChange &change : testing::file_changes) {
        SCOPED_TRACE(change.name);
        put_back();
        const auto held = made(seal());
        change.apply(path());
        EXPECT_TRUE(held->check({}));
        EXPECT_EQ(made(read_all(held->bytes(), 100)), text);
    }
}

TEST_F(HeldBlobTest, hashes_again_no_longer_than_the_caller_wants_and_judges_nothing_then) {
    const auto held = made(map());
    std::filesystem::permissions(path(), std::filesystem::perms(0600));
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    const auto stopped = held->check({flag, {}});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, SKL_E_CANCELLED);
    EXPECT_TRUE(held->check({}));
}

}  // namespace
}  // namespace skillet
