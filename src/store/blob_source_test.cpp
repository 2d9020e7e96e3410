// SPDX-License-Identifier: Apache-2.0
#include "store/blob_source.h"

#include <string>

#include <gtest/gtest.h>

#include "store/store.h"
#include "testing/describe.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::describe;

class BlobSourceTest : public ::testing::Test {
protected:
    // Puts these bytes under this digest, whether they fit or not.
    void plant(const Digest &digest, std::string_view bytes) {
        ASSERT_TRUE(write_atomically(*files_, store_->blob_path(digest), bytes));
    }

    testing::TempDir folder_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    Result<Store> store_ = Store::open(*files_, folder_.path());
};

TEST_F(BlobSourceTest, gives_the_text_of_an_intact_document) {
    plant(sha256("text"), "text");
    const auto text = read_document(*store_, describe("text"));
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(*text, "text");
    EXPECT_EQ(open_verified(*store_, describe("text"))->size(), 4u);
}

TEST_F(BlobSourceTest, names_the_blob_that_is_missing) {
    for (const Error &error : {read_document(*store_, describe("text")).error(),
                               open_verified(*store_, describe("text")).error()}) {
        EXPECT_EQ(error.code, SKL_E_NOT_FOUND);
        EXPECT_EQ(error.subject, sha256("text").to_string());
    }
}

TEST_F(BlobSourceTest, names_the_blob_whose_size_or_bytes_differ) {
    for (const char *damaged : {"tex", "text2", "tesT", ""}) {
        plant(sha256("text"), damaged);
        for (const Error &error : {read_document(*store_, describe("text")).error(),
                                   open_verified(*store_, describe("text")).error()}) {
            EXPECT_EQ(error.code, SKL_E_DIGEST_MISMATCH) << damaged;
            EXPECT_EQ(error.subject, sha256("text").to_string());
        }
    }
}

TEST_F(BlobSourceTest, refuses_a_descriptor_that_lies_about_the_size_of_intact_bytes) {
    plant(sha256("text"), "text");
    Descriptor lying = describe("text");
    lying.size = 5;
    EXPECT_EQ(read_document(*store_, lying).error().code, SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(open_verified(*store_, lying).error().code, SKL_E_DIGEST_MISMATCH);
}

TEST_F(BlobSourceTest, refuses_an_oversized_document_before_opening_it) {
    Descriptor large = describe("text");
    large.size = document_bytes_max + 1;
    const auto text = read_document(*store_, large);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, SKL_E_MANIFEST_INVALID);
    EXPECT_EQ(text.error().required_bytes, document_bytes_max + 1);
    EXPECT_EQ(text.error().available_bytes, document_bytes_max);
}

}  // namespace
}  // namespace skillet
