// SPDX-License-Identifier: Apache-2.0
// Blobs that arrive in pieces: what is kept for the next attempt, what is dropped, who may write.
#include "store/partial_blob.h"

#include <sys/stat.h>
#include <utime.h>

#include <cerrno>
#include <ctime>
#include <fstream>

#include <gtest/gtest.h>

#include "store/store.h"
#include "testing/faulty_file_system.h"
#include "testing/made.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::FaultyFileSystem;
using testing::made;
using testing::TempDir;

constexpr std::string_view text = "the bytes of a blob, all of them";

Descriptor descriptor() { return {std::string(media::weight), sha256(text), text.size(), {}, {}}; }

std::span<const std::byte> bytes_of(std::string_view part) {
    return std::as_bytes(std::span(part));
}

class PartialBlobTest : public ::testing::Test {
protected:
    Store open_store() { return made(Store::open(*files_, root_.path())); }
    PartialBlob partial(const Store &store) { return made(store.partial(descriptor(), {})); }
    std::string staged() { return root_ / ("store/staging/" + sha256(text).hex() + ".partial"); }
    void leave(std::string_view bytes) {
        std::ofstream(staged(), std::ios::binary) << bytes;
        ASSERT_EQ(::chmod(staged().c_str(), 0444), 0);
    }
    static void write(PartialBlob &blob, std::string_view part) {
        ASSERT_TRUE(blob.write(bytes_of(part)));
    }

    TempDir root_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
};

TEST_F(PartialBlobTest, becomes_a_blob_once_all_its_bytes_are_there_and_right) {
    Store store = open_store();
    PartialBlob blob = partial(store);
    write(blob, text.substr(0, 10));
    EXPECT_FALSE(blob.complete());
    write(blob, text.substr(10));
    ASSERT_TRUE(blob.complete());
    ASSERT_TRUE(blob.finish());
    EXPECT_FALSE(store.contains(descriptor().digest)) << "only promoting gives it its name";
    ASSERT_TRUE(store.promote(blob));
    EXPECT_EQ(made(read_document(store, descriptor())), text);
    EXPECT_FALSE(files_->exists(staged()));
    struct stat status {};
    ASSERT_EQ(::stat(store.blob_path(descriptor().digest).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0400u) << "for those who may read the folder";
}

TEST_F(PartialBlobTest, is_taken_up_where_the_last_writer_stopped) {
    {
        const Store store = open_store();
        PartialBlob blob = partial(store);
        write(blob, text.substr(0, 10));
    }
    Store store = open_store();  // which cleans the staging folder
    PartialBlob blob = partial(store);
    ASSERT_EQ(blob.size(), 10u);
    write(blob, text.substr(10));
    ASSERT_TRUE(blob.finish());
    ASSERT_TRUE(store.promote(blob));
    EXPECT_EQ(made(read_document(store, descriptor())), text);
}

TEST_F(PartialBlobTest, wrong_bytes_are_dropped_however_many_there_were) {
    open_store();
    for (const std::string_view left : {"the bytes OF a", "ALL THE BYTES OF A BLOB AND MORE"}) {
        leave(left);
        const Store store = open_store();
        PartialBlob blob = partial(store);
        ASSERT_EQ(blob.size(), left.size());
        write(blob, text.substr(left.size()));
        EXPECT_EQ(blob.finish().error().code, SKL_E_DIGEST_MISMATCH);
        EXPECT_EQ(blob.size(), 0u);
        write(blob, text);
        EXPECT_TRUE(blob.finish()) << "the next attempt begins anew";
        ASSERT_EQ(::unlink(staged().c_str()), 0);
    }
}

TEST_F(PartialBlobTest, a_file_that_is_too_long_is_dropped_at_once) {
    open_store();
    leave(std::string(text) + "!");
    EXPECT_EQ(partial(open_store()).size(), 0u);
}

TEST_F(PartialBlobTest, takes_no_byte_more_than_its_descriptor_says) {
    const Store store = open_store();
    PartialBlob blob = partial(store);
    write(blob, text.substr(1));
    EXPECT_EQ(blob.write(bytes_of("ab")).error().code, SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(blob.size(), text.size() - 1);
}

TEST_F(PartialBlobTest, a_second_writer_gets_a_file_of_its_own) {
    Store store = open_store();
    PartialBlob first = partial(store);
    write(first, text.substr(0, 10));
    {
        PartialBlob second = partial(store);
        EXPECT_EQ(second.size(), 0u);
        write(second, text);
        ASSERT_TRUE(second.finish());
        ASSERT_TRUE(store.promote(second));
        const PartialBlob third = partial(store);
    }
    EXPECT_EQ(made(files_->list(root_ / "store/staging")).size(), 1u) << "the first one's";
    write(first, text.substr(10));
    ASSERT_TRUE(first.finish());
    ASSERT_TRUE(store.promote(first));
    EXPECT_EQ(made(read_document(store, descriptor())), text);
}

TEST_F(PartialBlobTest, what_was_promoted_meanwhile_is_never_written_to) {
    Store store = open_store();
    PartialBlob first = partial(store);
    write(first, text);
    ASSERT_TRUE(first.finish());
    ASSERT_TRUE(store.promote(first));
    PartialBlob again = partial(store);
    EXPECT_EQ(again.size(), 0u) << "a new file, not the blob";
}

TEST_F(PartialBlobTest, an_old_one_is_removed_when_the_store_is_opened) {
    open_store();
    leave("the bytes");
    open_store();
    EXPECT_TRUE(files_->exists(staged()));
    const std::time_t past = std::time(nullptr) - 30 * 24 * 60 * 60;
    const utimbuf times{past, past};
    ASSERT_EQ(::utime(staged().c_str(), &times), 0);
    open_store();
    EXPECT_FALSE(files_->exists(staged()));
}

TEST_F(PartialBlobTest, a_failing_disk_leaves_something_that_can_be_taken_up) {
    FaultyFileSystem faulty(*files_);
    Store store = made(Store::open(faulty, root_.path()));
    const auto bring = [&]() -> Result<void> {
        SKL_TRY_ASSIGN(blob, store.partial(descriptor(), {}));
        while (!blob.complete()) {
            const size_t at = static_cast<size_t>(blob.size());
            SKL_TRY(blob.write(bytes_of(text.substr(at, 7))));
        }
        SKL_TRY(blob.finish());
        return store.promote(blob);
    };
    for (uint64_t position = 0;; ++position) {
        SCOPED_TRACE(position);
        faulty.fail_at(position, ENOSPC);
        const auto brought = bring();
        const bool reached = faulty.has_failed();
        faulty.heal();
        if (!reached) {
            EXPECT_TRUE(brought);
            EXPECT_GT(position, 7u);
            break;
        }
        EXPECT_FALSE(brought);
        ASSERT_TRUE(bring()) << "the next attempt";
        EXPECT_EQ(made(read_document(store, descriptor())), text);
        ASSERT_TRUE(store.remove(descriptor().digest));
    }
}

}  // namespace
}  // namespace skillet
