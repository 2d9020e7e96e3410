// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "testing/describe.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::describe;

class StoreTest : public ::testing::Test {
protected:
    Result<void> put(std::string_view text) {
        return store_->put(describe(text), MemorySource(std::string(text), "memory"));
    }
    std::vector<std::string> staged() { return *files_->list(folder_ / "store/staging"); }
    std::string content_of(const std::string &path) {
        const auto file = files_->open(path);
        return file ? *read_all(*file, 1 << 20) : "(missing)";
    }
    void damage(const Digest &digest, std::string_view bytes) {
        ASSERT_TRUE(write_atomically(*files_, store_->blob_path(digest), bytes));
    }

    testing::TempDir folder_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    Result<Store> store_ = Store::open(*files_, folder_.path());
};

TEST_F(StoreTest, is_an_oci_image_layout_from_the_start) {
    ASSERT_TRUE(store_) << store_.error().message;
    EXPECT_EQ(content_of(folder_ / "store/oci-layout"), oci_layout_text);
    EXPECT_EQ(content_of(folder_ / "store/index.json"), OciIndex{}.to_json());
    EXPECT_TRUE(store_->index()->manifests.empty());
    EXPECT_TRUE(store_->blobs()->empty());
    EXPECT_TRUE(staged().empty());
}

TEST_F(StoreTest, keeps_blobs_under_their_digest_and_read_only) {
    ASSERT_TRUE(put("one"));
    const std::string path = folder_ / "store/blobs/sha256/" + sha256("one").hex();
    EXPECT_EQ(store_->blob_path(sha256("one")), path);
    EXPECT_EQ(content_of(path), "one");
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0222u, 0u);
    EXPECT_TRUE(store_->contains(sha256("one")));
    EXPECT_TRUE(staged().empty());
}

TEST_F(StoreTest, keeps_blobs_and_index_when_opened_again) {
    ASSERT_TRUE(put("one"));
    ASSERT_TRUE(store_->write_index({{describe("one", media::manifest)}}));
    const auto again = Store::open(*files_, folder_.path());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->index()->manifests.at(0).digest, sha256("one"));
    EXPECT_EQ(*read_document(*again, describe("one")), "one");
}

TEST_F(StoreTest, takes_empty_blobs_and_blobs_of_many_chunks) {
    ASSERT_TRUE(put(""));
    std::string large(3 << 20, '\0');
    for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 >> 7);
    ASSERT_TRUE(put(large));
    EXPECT_TRUE(open_verified(*store_, describe("")));
    EXPECT_TRUE(open_verified(*store_, describe(large)));
}

TEST_F(StoreTest, refuses_bytes_of_another_digest_or_size_and_keeps_nothing_of_them) {
    const MemorySource bytes("bytes", "memory");
    Descriptor wrong_size = describe("bytes");
    wrong_size.size = 6;
    for (const Descriptor &expected : {describe("other"), wrong_size}) {
        const auto done = store_->put(expected, bytes);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, SKL_E_DIGEST_MISMATCH);
        EXPECT_EQ(done.error().subject, expected.digest.to_string());
    }
    EXPECT_TRUE(store_->blobs()->empty());
    EXPECT_TRUE(staged().empty());
}

TEST_F(StoreTest, leaves_an_intact_blob_untouched) {
    ASSERT_TRUE(put("one"));
    struct stat before {};
    struct stat after {};
    ASSERT_EQ(::stat(store_->blob_path(sha256("one")).c_str(), &before), 0);
    ASSERT_TRUE(put("one"));
    ASSERT_EQ(::stat(store_->blob_path(sha256("one")).c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
}

// Other stores compare sizes only, and keep a zeroed blob for ever.
TEST_F(StoreTest, replaces_a_damaged_blob_of_any_size) {
    for (const std::string &damaged : {std::string(3, '\0'), std::string("o"), std::string()}) {
        ASSERT_TRUE(put("one"));
        damage(sha256("one"), damaged);
        ASSERT_TRUE(put("one"));
        EXPECT_TRUE(open_verified(*store_, describe("one")));
    }
    EXPECT_EQ(store_->blobs()->size(), 1u);
}

TEST_F(StoreTest, does_not_replace_a_damaged_blob_by_other_wrong_bytes) {
    damage(sha256("one"), "bad");
    EXPECT_FALSE(store_->put(describe("one"), MemorySource("two", "memory")));
    EXPECT_EQ(content_of(store_->blob_path(sha256("one"))), "bad");
}

TEST_F(StoreTest, lists_digests_in_order_and_ignores_what_is_no_blob) {
    std::vector<Digest> expected;
    for (const char *text : {"a", "b", "c", "d"}) {
        ASSERT_TRUE(put(text));
        expected.push_back(sha256(std::string_view(text)));
    }
    std::sort(expected.begin(), expected.end());
    std::ofstream(folder_ / "store/blobs/sha256/notes.txt") << "x";
    std::ofstream(folder_ / "store/blobs/sha256/" + std::string(64, 'A')) << "x";
    EXPECT_EQ(*store_->blobs(), expected);
}

TEST_F(StoreTest, removes_a_blob_and_does_not_mind_a_missing_one) {
    ASSERT_TRUE(put("one"));
    ASSERT_TRUE(store_->remove(sha256("one")));
    EXPECT_FALSE(store_->contains(sha256("one")));
    EXPECT_EQ(store_->open(sha256("one")).error().code, SKL_E_NOT_FOUND);
    EXPECT_EQ(store_->open(sha256("one")).error().subject, sha256("one").to_string());
    EXPECT_TRUE(store_->remove(sha256("one")));
}

TEST_F(StoreTest, stops_when_the_caller_cancels_and_keeps_nothing) {
    const auto flag = std::make_shared<CancelFlag>();
    // Cancels while its bytes are being read.
    class Cancelling final : public ByteSource {
    public:
        explicit Cancelling(CancelFlag &flag) : flag_(flag) {}
        [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
        [[nodiscard]] const std::string &name() const override { return bytes_.name(); }
        [[nodiscard]] Result<void> read_at(uint64_t offset,
                                           std::span<std::byte> out) const override {
            if (offset > 0) flag_.cancel();
            return bytes_.read_at(offset, out);
        }

    private:
        MemorySource bytes_{std::string(1 << 20, 'x'), "memory"};
        CancelFlag &flag_;
    };
    const std::string text(1 << 20, 'x');
    Phase phase({{flag, {}}, {}}, "copy", text.size());
    const auto done = store_->put(describe(text), Cancelling(*flag), phase);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, SKL_E_CANCELLED);
    EXPECT_TRUE(store_->blobs()->empty());
    EXPECT_TRUE(staged().empty());
    ASSERT_TRUE(put(text));
    EXPECT_EQ(store_->put(describe(text), MemorySource(text, "memory"), phase).error().code,
              SKL_E_CANCELLED);
    EXPECT_TRUE(open_verified(*store_, describe(text)));
}

TEST_F(StoreTest, refuses_a_layout_of_another_version) {
    testing::TempDir other;
    ASSERT_TRUE(files_->make_directories(other / "store"));
    std::ofstream(other / "store/oci-layout") << R"({"imageLayoutVersion":"2.0.0"})";
    EXPECT_EQ(Store::open(*files_, other.path()).error().code, SKL_E_FORMAT_UNSUPPORTED);
}

TEST_F(StoreTest, calls_a_damaged_layout_or_index_corrupt) {
    ASSERT_TRUE(write_atomically(*files_, folder_ / "store/index.json", "{"));
    EXPECT_EQ(store_->index().error().code, SKL_E_STORE_CORRUPT);
    EXPECT_EQ(store_->index().error().subject, folder_ / "store/index.json");
    ASSERT_TRUE(store_->write_index({}));
    EXPECT_TRUE(store_->index());
    ASSERT_TRUE(files_->remove(folder_ / "store/index.json"));
    EXPECT_EQ(store_->index().error().code, SKL_E_STORE_CORRUPT);
    ASSERT_TRUE(write_atomically(*files_, folder_ / "store/oci-layout", "{}"));
    EXPECT_EQ(Store::open(*files_, folder_.path()).error().code, SKL_E_STORE_CORRUPT);
}

TEST_F(StoreTest, refuses_to_write_an_index_it_would_not_read) {
    OciIndex index;
    index.manifests.assign(index_manifests_max + 1, describe("one", media::manifest));
    EXPECT_EQ(store_->write_index(index).error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_TRUE(store_->index()->manifests.empty());
}

TEST_F(StoreTest, clears_staging_of_dead_writers_and_spares_living_ones) {
    auto living = files_->create(folder_ / "store/staging/living", Readers::as_umask);
    ASSERT_TRUE(living);
    ASSERT_TRUE(files_->create(folder_ / "store/staging/dead", Readers::as_umask));
    ASSERT_TRUE(Store::open(*files_, folder_.path()));
    EXPECT_EQ(staged(), std::vector<std::string>{"living"});
}

TEST_F(StoreTest, takes_the_same_blob_from_several_threads) {
    const std::string text(1 << 19, 'y');
    std::vector<std::thread> threads;
    std::atomic<int> done{0};
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            if (put(text) && store_->write_index({{describe(text)}})) ++done;
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(done, 4);
    EXPECT_EQ(store_->blobs()->size(), 1u);
    EXPECT_TRUE(open_verified(*store_, describe(text)));
    EXPECT_TRUE(staged().empty());
}

}  // namespace
}  // namespace skillet
