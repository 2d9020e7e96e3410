// SPDX-License-Identifier: Apache-2.0
#include "package/blob_hashing.h"

#include <thread>

#include <gtest/gtest.h>

#include "testing/archive_draft.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

// Blobs from empty to larger than what one thread takes at a time.
class BlobHashingTest : public ::testing::Test {
protected:
    BlobHashingTest() {
        ArchiveDraft draft;
        for (const size_t size : {size_t{0}, size_t{5}, size_t{3} << 20, size_t{2} << 20}) {
            const std::string text(size, static_cast<char>('a' + blobs_.size()));
            blobs_.push_back(draft.add(media::doc, text));
        }
        archive_.emplace(draft.write(folder_ / "blobs.skill"));
    }
    using ArchiveDraft = testing::ArchiveDraft;

    testing::TempDir folder_;
    std::vector<Descriptor> blobs_;
    std::optional<Archive> archive_;
};

TEST_F(BlobHashingTest, finds_intact_blobs_intact_however_many_threads_look) {
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
        const auto outcomes = check_blobs(*archive_, blobs_, {}, threads);
        ASSERT_EQ(outcomes.size(), blobs_.size());
        for (const auto &outcome : outcomes) EXPECT_TRUE(outcome) << threads;
    }
}

TEST_F(BlobHashingTest, names_each_wrong_blob_and_no_other) {
    std::vector<Descriptor> wrong = blobs_;
    wrong[1].digest = sha256("is not there");
    wrong[2].size += 1;
    std::swap(wrong[3].digest, wrong[0].digest);
    wrong[3].size = blobs_[0].size;
    wrong[0].size = blobs_[0].size + 1;
    for (const unsigned threads : {1u, 2u}) {
        const auto outcomes = check_blobs(*archive_, wrong, {}, threads);
        EXPECT_EQ(outcomes[1].error().code, SKL_E_NOT_FOUND);
        for (const size_t i : {size_t{0}, size_t{2}}) {
            EXPECT_EQ(outcomes[i].error().code, SKL_E_DIGEST_MISMATCH) << i;
            EXPECT_EQ(outcomes[i].error().subject, wrong[i].digest.to_string()) << i;
        }
        EXPECT_TRUE(outcomes[3]) << "the empty blob, named last";
    }
}

TEST_F(BlobHashingTest, counts_every_byte_once_on_the_calling_thread) {
    uint64_t total = 0;
    for (const Descriptor &blob : blobs_) total += blob.size;
    uint64_t last = 0;
    const auto caller = std::this_thread::get_id();
    const Work work{{}, [&](const char *, uint64_t done, uint64_t of) {
                        EXPECT_EQ(std::this_thread::get_id(), caller);
                        EXPECT_GE(done, last);
                        EXPECT_EQ(of, total);
                        last = done;
                    }};
    (void)check_blobs(*archive_, blobs_, work, 2);
    EXPECT_EQ(last, total);
}

TEST_F(BlobHashingTest, ends_when_it_is_told_to) {
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    for (const unsigned threads : {1u, 2u}) {
        const auto outcomes = check_blobs(*archive_, blobs_, {{flag, {}}, {}}, threads);
        EXPECT_EQ(outcomes[2].error().code, SKL_E_CANCELLED);
        EXPECT_EQ(outcomes[3].error().code, SKL_E_CANCELLED);
    }
}

}  // namespace
}  // namespace skillet
