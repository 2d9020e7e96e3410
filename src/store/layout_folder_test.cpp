// SPDX-License-Identifier: Apache-2.0
#include "store/layout_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "store/store.h"
#include "testing/made.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

namespace fs = std::filesystem;
using testing::made;
using testing::TempDir;

class LayoutFolderTest : public ::testing::Test {
protected:
    LayoutFolderTest() {
        manifest_.artifact_type = media::model;
        manifest_.config = {std::string(media::model_config), sha256("{}"), 2, {}, {}};
        text_ = manifest_.to_json();
        fs::create_directories(path("blobs/sha256"));
        write("oci-layout", oci_layout_text);
        write("index.json", OciIndex{{descriptor()}}.to_json());
        write("blobs/sha256/" + sha256(text_).hex(), text_);
    }

    [[nodiscard]] std::string path(const std::string &name) const {
        return folder_ / ("layout/" + name);
    }
    void write(const std::string &name, std::string_view bytes) const {
        std::ofstream(path(name), std::ios::binary | std::ios::trunc) << bytes;
    }
    // As skopeo leaves it: without the type.
    [[nodiscard]] Descriptor descriptor() const {
        return {std::string(media::manifest), sha256(text_), text_.size(), {}, {}};
    }
    [[nodiscard]] Result<LayoutFolder> open() const { return LayoutFolder::open(path("")); }
    [[nodiscard]] Code refusal() const {
        const auto opened = open();
        return opened ? SKL_OK : opened.error().code;
    }

    TempDir folder_;
    OciManifest manifest_;
    std::string text_;
};

TEST_F(LayoutFolderTest, reads_blobs_and_learns_what_the_manifests_are) {
    const LayoutFolder layout = made(open());
    const OciIndex index = made(layout.index());
    ASSERT_EQ(index.manifests.size(), 1u);
    EXPECT_EQ(index.manifests[0].artifact_type, media::model);
    EXPECT_EQ(made(read_document(layout, index.manifests[0])), text_);
    EXPECT_EQ(layout.open(Digest()).error().code, SKL_E_NOT_FOUND);
}

TEST_F(LayoutFolderTest, reads_the_store_of_a_root) {
    const auto files = posix_file_system();
    Store store = made(Store::open(*files, folder_ / "root"));
    const Descriptor blob{std::string(media::doc), sha256("hello"), 5, {}, {}};
    ASSERT_TRUE(store.put(blob, MemorySource("hello", "hello")));
    const LayoutFolder layout = made(LayoutFolder::open(folder_ / "root/store"));
    EXPECT_EQ(made(read_document(layout, blob)), "hello");
}

TEST_F(LayoutFolderTest, refuses_what_is_no_layout) {
    EXPECT_EQ(LayoutFolder::open(folder_ / "missing").error().code, SKL_E_NOT_FOUND);
    EXPECT_EQ(LayoutFolder::open(path("index.json")).error().code, SKL_E_IO);
    EXPECT_EQ(LayoutFolder::open(folder_.path()).error().code, SKL_E_FORMAT_UNSUPPORTED);
    write("oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
    EXPECT_EQ(refusal(), SKL_E_FORMAT_UNSUPPORTED);
    write("oci-layout", std::string(5000, ' '));
    EXPECT_EQ(refusal(), SKL_E_MANIFEST_INVALID);
}

TEST_F(LayoutFolderTest, refuses_documents_that_are_damaged) {
    write("index.json", "{");
    EXPECT_EQ(refusal(), SKL_E_MANIFEST_INVALID);
    fs::remove(path("index.json"));
    EXPECT_EQ(refusal(), SKL_E_NOT_FOUND);
    write("index.json", OciIndex{{descriptor()}}.to_json());
    write("blobs/sha256/" + sha256(text_).hex(), "x" + text_.substr(1));
    EXPECT_EQ(refusal(), SKL_E_DIGEST_MISMATCH);
    fs::remove(path("blobs/sha256/" + sha256(text_).hex()));
    EXPECT_EQ(refusal(), SKL_E_NOT_FOUND);
}

TEST_F(LayoutFolderTest, follows_no_link) {
    const std::string blob = "blobs/sha256/" + sha256(text_).hex();
    for (const std::string &name : {std::string("oci-layout"), std::string("index.json"), blob,
                                    std::string("blobs/sha256"), std::string("blobs")}) {
        SCOPED_TRACE(name);
        fs::rename(path(name), folder_ / "elsewhere");
        fs::create_symlink(folder_ / "elsewhere", path(name));
        EXPECT_EQ(refusal(), SKL_E_MANIFEST_INVALID);
        fs::remove(path(name));
        fs::rename(folder_ / "elsewhere", path(name));
        EXPECT_EQ(refusal(), SKL_OK);
    }
}

TEST_F(LayoutFolderTest, waits_for_no_pipe_and_reads_no_folder_as_a_file) {
    const std::string blob = path("blobs/sha256/" + sha256(text_).hex());
    fs::remove(blob);
    ASSERT_EQ(::mkfifo(blob.c_str(), 0600), 0);
    EXPECT_EQ(refusal(), SKL_E_MANIFEST_INVALID);
    fs::remove(blob);
    fs::create_directory(blob);
    EXPECT_EQ(refusal(), SKL_E_MANIFEST_INVALID);
}

TEST_F(LayoutFolderTest, looks_at_a_bounded_number_of_manifests) {
    write("index.json", OciIndex{std::vector<Descriptor>(1025, descriptor())}.to_json());
    EXPECT_EQ(refusal(), SKL_E_MANIFEST_INVALID);
}

TEST_F(LayoutFolderTest, leaves_what_is_no_manifest_alone) {
    Descriptor index = descriptor();
    index.media_type = media::index;
    index.digest = Digest();
    write("index.json", OciIndex{{index}}.to_json());
    EXPECT_EQ(made(made(open()).index()).manifests.size(), 1u);
}

}  // namespace
}  // namespace skillet
