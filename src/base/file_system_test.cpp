// SPDX-License-Identifier: Apache-2.0
#include "base/file_system.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "testing/faulty_file_system.h"
#include "testing/made.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using Names = std::vector<std::string>;

class FileSystemTest : public ::testing::Test {
protected:
    std::string text_of(const std::string &path) {
        const auto file = files_->open(path);
        if (!file) return "(" + file.error().message + ")";
        return *read_all(*file, 1 << 20);
    }
    Names names() { return *files_->list(folder_.path()); }
    void write(const std::string &path, const std::string &text) { std::ofstream(path) << text; }

    testing::TempDir folder_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
};

mode_t mode_of(const std::string &path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
}

TEST_F(FileSystemTest, creates_read_only_files_and_never_opens_an_existing_one_for_writing) {
    const std::string path = folder_ / "file";
    {
        auto file = files_->create(path, Readers::as_umask);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write(std::as_bytes(std::span(std::string_view("abc")))));
        ASSERT_TRUE((*file)->sync());
    }
    EXPECT_EQ(text_of(path), "abc");
    EXPECT_EQ(mode_of(path) & 0222u, 0u);
    const auto again = files_->create(path, Readers::as_umask);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, SKL_E_IO);
    EXPECT_EQ(text_of(path), "abc");
}

TEST_F(FileSystemTest, removes_what_a_writer_left_but_not_what_one_still_writes) {
    const std::string path = folder_ / "file";
    auto file = files_->create(path, Readers::as_umask);
    ASSERT_TRUE(file);
    ASSERT_TRUE(files_->remove_abandoned(path));
    EXPECT_TRUE(files_->exists(path));
    file->reset();
    ASSERT_TRUE(files_->remove_abandoned(path));
    EXPECT_FALSE(files_->exists(path));
    EXPECT_TRUE(files_->remove_abandoned(path));
}

TEST_F(FileSystemTest, resumes_a_file_at_its_end_unless_another_writer_has_it) {
    const std::string path = folder_ / "file";
    const auto write = [&](std::string_view text) {
        const auto file = testing::made(files_->resume(path));
        ASSERT_TRUE(file);
        EXPECT_FALSE(testing::made(files_->resume(path))) << "a second writer";
        ASSERT_TRUE(files_->remove_abandoned(path));
        ASSERT_TRUE(file->write(std::as_bytes(std::span(text))));
    };
    write("abc");
    EXPECT_EQ(mode_of(path), 0400u);
    write("def");
    EXPECT_EQ(text_of(path), "abcdef");
    EXPECT_EQ(mode_of(path), 0400u);
}

TEST_F(FileSystemTest, does_not_resume_what_is_no_file) {
    ASSERT_EQ(::symlink("elsewhere", (folder_ / "link").c_str()), 0);
    for (const std::string &path : {folder_.path(), folder_ / "link", folder_ / "missing/file"}) {
        EXPECT_FALSE(files_->resume(path)) << path;
    }
    EXPECT_FALSE(files_->exists(folder_ / "elsewhere"));
}

TEST_F(FileSystemTest, removing_a_missing_file_is_no_error) {
    EXPECT_TRUE(files_->remove(folder_ / "missing"));
}

TEST_F(FileSystemTest, makes_missing_parents_private) {
    const std::string path = folder_ / "a/b/c";
    ASSERT_TRUE(files_->make_directories(path));
    EXPECT_EQ(mode_of(folder_ / "a"), 0700u);
    EXPECT_EQ(mode_of(path), 0700u);
    EXPECT_TRUE(files_->make_directories(path));
    EXPECT_TRUE(files_->make_directories(path + "/"));
}

TEST_F(FileSystemTest, refuses_a_directory_where_a_file_is) {
    write(folder_ / "file", "x");
    EXPECT_FALSE(files_->make_directories(folder_ / "file"));
    EXPECT_FALSE(files_->make_directories(folder_ / "file/below"));
}

TEST_F(FileSystemTest, lists_names_in_order) {
    for (const char *name : {"b", "a", ".c"}) write(folder_ / name, "");
    EXPECT_EQ(names(), (Names{".c", "a", "b"}));
    EXPECT_FALSE(files_->list(folder_ / "missing"));
}

TEST_F(FileSystemTest, says_not_found_for_a_missing_file_and_refuses_what_is_no_file) {
    EXPECT_EQ(files_->open(folder_ / "missing").error().code, SKL_E_NOT_FOUND);
    EXPECT_EQ(files_->open(folder_.path()).error().code, SKL_E_INVALID_ARGUMENT);
    ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(files_->open(folder_ / "fifo").error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(files_->open(std::string("a\0b", 3)).error().code, SKL_E_INVALID_ARGUMENT);
}

TEST_F(FileSystemTest, gives_every_call_another_unique_name) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(unique_name()).second);
    EXPECT_EQ(seen.begin()->find('/'), std::string::npos);
}

TEST_F(FileSystemTest, write_atomically_replaces_and_leaves_only_the_file) {
    const std::string path = folder_ / "file";
    ASSERT_TRUE(write_atomically(*files_, path, "old"));
    ASSERT_TRUE(write_atomically(*files_, path, "new"));
    EXPECT_EQ(text_of(path), "new");
    EXPECT_EQ(names(), Names{"file"});
}

TEST_F(FileSystemTest, write_atomically_keeps_old_or_new_bytes_whichever_step_fails) {
    const std::string path = folder_ / "file";
    testing::FaultyFileSystem faulty(*files_);
    for (uint64_t step = 0;; ++step) {
        faulty.heal();
        ASSERT_TRUE(write_atomically(faulty, path, "old"));
        faulty.fail_at(step, ENOSPC);
        const auto done = write_atomically(faulty, path, "new");
        if (!faulty.has_failed()) {
            EXPECT_EQ(step, 5u) << "create, write, sync, rename, sync of the directory";
            EXPECT_TRUE(done);
            break;
        }
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, SKL_E_IO);
        EXPECT_EQ(text_of(path), step < 4 ? "old" : "new");
        EXPECT_EQ(names(), Names{"file"}) << step;
    }
}

TEST_F(FileSystemTest, replace_file_leaves_alone_a_foreign_file_of_the_temporary_name) {
    write(folder_ / "taken", "theirs");
    const auto fill = [](WritableFile &) { return Result<void>(); };
    EXPECT_FALSE(
        replace_file(*files_, folder_ / "taken", folder_ / "file", Readers::as_umask, fill));
    EXPECT_EQ(text_of(folder_ / "taken"), "theirs");
}

TEST_F(FileSystemTest, a_slice_reads_its_range_and_nothing_else) {
    write(folder_ / "file", "0123456789");
    const auto file = files_->open(folder_ / "file");
    ASSERT_TRUE(file);
    const FileSlice slice = file->slice(2, 5, "part").slice(1, 3, "part of it");
    EXPECT_EQ(*read_all(slice, 100), "345");
    EXPECT_EQ(slice.offset(), 3u);
    EXPECT_EQ(slice.name(), "part of it");
    std::vector<std::byte> two(2);
    EXPECT_TRUE(slice.read_at(1, two));
    EXPECT_EQ(slice.read_at(2, two).error().code, SKL_E_IO);
    EXPECT_FALSE(slice.read_at(4, {}));
    EXPECT_FALSE(slice.read_at(UINT64_MAX, two));
}

TEST_F(FileSystemTest, reading_a_file_that_was_cut_meanwhile_is_an_error) {
    write(folder_ / "file", "0123456789");
    const auto file = files_->open(folder_ / "file");
    ASSERT_TRUE(file);
    ASSERT_EQ(::truncate((folder_ / "file").c_str(), 4), 0);
    EXPECT_EQ(read_all(*file, 100).error().code, SKL_E_IO);
}

TEST_F(FileSystemTest, read_all_says_how_much_too_large_the_bytes_are) {
    const auto text = read_all(MemorySource("12345", "memory"), 4);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().required_bytes, 5u);
    EXPECT_EQ(text.error().available_bytes, 4u);
}

TEST_F(FileSystemTest, hashes_in_chunks_what_memory_hashes_at_once) {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{262144}, size_t{262145}}) {
        const std::string text(size, 'z');
        EXPECT_EQ(*sha256(MemorySource(text, "memory")), sha256(text)) << size;
    }
}

TEST_F(FileSystemTest, read_in_chunks_stops_with_the_first_failure) {
    int calls = 0;
    const auto read = read_in_chunks(MemorySource(std::string(1 << 20, 'z'), "memory"),
                                     [&](std::span<const std::byte>) {
                                         ++calls;
                                         return Result<void>(make_error(SKL_E_CANCELLED, "enough"));
                                     });
    EXPECT_EQ(read.error().code, SKL_E_CANCELLED);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace skillet
