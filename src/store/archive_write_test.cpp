// SPDX-License-Identifier: Apache-2.0
// Writing archives: equal bytes for equal content, and nothing left behind on failure.
#include <cerrno>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/archive.h"
#include "testing/describe.h"
#include "testing/faulty_file_system.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::describe;
using testing::FaultyFileSystem;
using Names = std::vector<std::string>;

class ArchiveWriteTest : public ::testing::Test {
protected:
    ArchiveBlob blob(const MemorySource &bytes) { return {*sha256(bytes), &bytes}; }
    Result<void> write(const std::vector<ArchiveBlob> &blobs) {
        return write_archive(disk_, path_, index_, blobs);
    }
    std::string written() { return *read_all(*real_->open(path_), 1 << 24); }
    Names names() { return *real_->list(folder_.path()); }

    testing::TempDir folder_;
    std::unique_ptr<FileSystem> real_ = posix_file_system();
    FaultyFileSystem disk_{*real_};
    const std::string path_ = folder_ / "name.skill";
    const OciIndex index_{{describe("one", media::manifest)}};
    const MemorySource one_{"one", "one"};
    const MemorySource large_{std::string(600001, 'l'), "large"};
    const MemorySource empty_{"", "empty"};
};

TEST_F(ArchiveWriteTest, reads_back_what_it_wrote) {
    ASSERT_TRUE(write({blob(one_), blob(large_), blob(empty_)}));
    const auto archive = Archive::open(*real_->open(path_));
    ASSERT_TRUE(archive) << archive.error().message;
    EXPECT_EQ(archive->index()->to_json(), index_.to_json());
    EXPECT_EQ(*read_document(*archive, describe("one")), "one");
    EXPECT_TRUE(open_verified(*archive, describe("")));
    EXPECT_TRUE(open_verified(*archive, describe(std::string(600001, 'l'))));
    EXPECT_EQ(names(), Names{"name.skill"});
}

TEST_F(ArchiveWriteTest, gives_equal_bytes_for_equal_content_in_any_order) {
    ASSERT_TRUE(write({blob(one_), blob(large_), blob(empty_)}));
    const std::string first = written();
    ASSERT_TRUE(write({blob(empty_), blob(large_), blob(one_), blob(large_)}));
    EXPECT_EQ(written(), first);
}

TEST_F(ArchiveWriteTest, writes_plain_headers_without_time_or_owner) {
    ASSERT_TRUE(write({blob(one_)}));
    const std::string bytes = written();
    const std::string header = bytes.substr(0, 512);
    EXPECT_STREQ(header.c_str(), "oci-layout");
    // Mode, user, group, size, time, checksum.
    const char *const numbers[] = {"0000444", "0000000", "0000000", "00000000036", "00000000000"};
    size_t at = 100;
    for (const std::string number : numbers) {
        EXPECT_EQ(header.substr(at, number.size() + 1), number + '\0');
        at += number.size() + 1;
    }
    EXPECT_EQ(header.substr(148, 8), std::string("011212\0 ", 8));
    EXPECT_EQ(header.substr(156, 1), "0");
    EXPECT_EQ(header.substr(257, 8), std::string("ustar\0", 6) + "00");
    EXPECT_EQ(bytes.substr(512, oci_layout_text.size()), oci_layout_text);
    EXPECT_STREQ(bytes.substr(1024, 100).c_str(), "index.json");
    EXPECT_EQ(bytes.size() % 512, 0u);
    EXPECT_EQ(bytes.substr(bytes.size() - 1024), std::string(1024, '\0'));
}

TEST_F(ArchiveWriteTest, replaces_the_old_archive_only_by_a_complete_one) {
    ASSERT_TRUE(write({blob(one_)}));
    const std::string before = written();
    const auto done = write({{sha256("two"), &one_}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(done.error().subject, sha256("two").to_string());
    EXPECT_EQ(written(), before);
    EXPECT_EQ(names(), Names{"name.skill"});
}

TEST_F(ArchiveWriteTest, leaves_the_old_archive_and_no_rubbish_whichever_operation_fails) {
    ASSERT_TRUE(write({blob(one_)}));
    const std::string before = written();
    ASSERT_TRUE(write({blob(one_), blob(large_)}));
    const std::string after = written();
    for (uint64_t operation = 0;; ++operation) {
        disk_.heal();
        ASSERT_TRUE(write({blob(one_)}));
        disk_.fail_at(operation, ENOSPC);
        const auto done = write({blob(one_), blob(large_)});
        if (!disk_.has_failed()) {
            EXPECT_TRUE(done);
            EXPECT_GT(operation, 15u);
            break;
        }
        ASSERT_FALSE(done) << operation;
        EXPECT_EQ(done.error().code, SKL_E_IO);
        EXPECT_TRUE(written() == before || written() == after) << operation;
        EXPECT_EQ(names(), Names{"name.skill"}) << operation;
    }
    EXPECT_EQ(written(), after);
}

// Claims a size that no test wants to write.
class HugeSource final : public ByteSource {
public:
    [[nodiscard]] uint64_t size() const override { return uint64_t{1} << 33; }
    [[nodiscard]] const std::string &name() const override { return name_; }
    [[nodiscard]] Result<void> read_at(uint64_t, std::span<std::byte>) const override {
        return make_error(SKL_E_INTERNAL, "read although it is too large");
    }

private:
    std::string name_ = "huge";
};

TEST_F(ArchiveWriteTest, refuses_what_the_format_cannot_hold_before_writing) {
    const HugeSource huge;
    EXPECT_EQ(write({{sha256("huge"), &huge}}).error().code, SKL_E_FORMAT_UNSUPPORTED);
    std::vector<ArchiveBlob> blobs;
    for (size_t i = 0; i < archive_entries_max; ++i) {
        blobs.push_back({sha256(std::to_string(i)), &empty_});
    }
    EXPECT_EQ(write(blobs).error().code, SKL_E_FORMAT_UNSUPPORTED);
    OciIndex large;
    large.manifests.assign(40000, describe("one", media::manifest));
    EXPECT_EQ(write_archive(disk_, path_, large, {}).error().code, SKL_E_FORMAT_UNSUPPORTED);
    EXPECT_EQ(disk_.operations(), 0u);
    EXPECT_TRUE(names().empty());
}

}  // namespace
}  // namespace skillet
