// SPDX-License-Identifier: Apache-2.0
#include "base/file_stamp.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/byte_source.h"
#include "testing/made.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

class FileStampTest : public ::testing::Test {
protected:
    FileStampTest() { EXPECT_EQ(::write(file_.get(), "bytes", 5), 5); }
    [[nodiscard]] FileStamp stamp() const { return testing::made(FileStamp::of(file_.get(), "")); }
    // Waits for a change from now on to get another time: the kernel's clock ticks by itself.
    [[nodiscard]] FileStamp settled_stamp() const {
        for (;;) {
            if (const FileStamp now = stamp(); now.settled) return now;
        }
    }

    testing::TempDir folder_;
    std::string path_ = folder_ / "file";
    UniqueFd file_{::open(path_.c_str(), O_RDWR | O_CREAT, 0644)};
};

TEST_F(FileStampTest, of_a_file_that_was_just_written_is_not_settled) {
    EXPECT_EQ(stamp().bytes, 5u);
    EXPECT_FALSE(stamp().settled);
    EXPECT_TRUE(settled_stamp().same_as(settled_stamp()));
}

TEST_F(FileStampTest, changes_with_a_write_of_the_same_size_even_if_the_times_are_set_back) {
    const FileStamp before = settled_stamp();
    EXPECT_EQ(::pwrite(file_.get(), "B", 1, 0), 1);
    timespec times[2] = {};
    times[0].tv_nsec = UTIME_OMIT;
    times[1] = {before.modified_ns / 1'000'000'000, before.modified_ns % 1'000'000'000};
    EXPECT_EQ(::futimens(file_.get(), times), 0);
    EXPECT_EQ(stamp().modified_ns, before.modified_ns);
    EXPECT_FALSE(stamp().same_as(before));
}

TEST_F(FileStampTest, changes_with_the_length_the_mode_and_the_name) {
    for (const auto &change : {+[](int fd, const char *) { return ::ftruncate(fd, 3); },
                               +[](int fd, const char *) { return ::fchmod(fd, 0600); },
                               +[](int, const char *path) { return ::unlink(path); }}) {
        const FileStamp before = settled_stamp();
        EXPECT_EQ(change(file_.get(), path_.c_str()), 0);
        EXPECT_FALSE(stamp().same_as(before));
    }
}

TEST_F(FileStampTest, is_the_same_after_reading) {
    const FileStamp before = settled_stamp();
    char byte = 0;
    EXPECT_EQ(::pread(file_.get(), &byte, 1, 0), 1);
    EXPECT_TRUE(stamp().same_as(before));
}

}  // namespace
}  // namespace skillet
