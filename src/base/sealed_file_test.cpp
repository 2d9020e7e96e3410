// SPDX-License-Identifier: Apache-2.0
#include "base/sealed_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "testing/made.h"

namespace skillet {
namespace {

using testing::made;

FileSlice sealed(std::string_view text) {
    SealedFile file = made(SealedFile::create("name"));
    EXPECT_TRUE(file.append(std::as_bytes(std::span(text))));
    return made(std::move(file).seal());
}

TEST(SealedFile, holds_what_was_appended) {
    SealedFile file = made(SealedFile::create("name"));
    for (const std::string_view part : {"one ", "and ", "two"}) {
        ASSERT_TRUE(file.append(std::as_bytes(std::span(part))));
    }
    const FileSlice whole = made(std::move(file).seal());
    EXPECT_EQ(made(read_all(whole, 100)), "one and two");
    EXPECT_EQ(whole.name(), "name");
}

TEST(SealedFile, can_be_neither_written_nor_shortened_nor_grown) {
    const FileSlice file = sealed("bytes");
    EXPECT_EQ(::pwrite(file.fd(), "B", 1, 0), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(::ftruncate(file.fd(), 0), -1);
    EXPECT_EQ(::ftruncate(file.fd(), 100), -1);
    EXPECT_EQ(made(read_all(file, 100)), "bytes");
}

TEST(SealedFile, can_be_mapped_for_reading_by_whoever_opens_it_through_proc) {
    const FileSlice file = sealed("bytes");
    const UniqueFd again(
        ::open(fmt::format("/proc/self/fd/{}", file.fd()).c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(again.valid());
    void *mapping = ::mmap(nullptr, file.size(), PROT_READ, MAP_SHARED, again.get(), 0);
    ASSERT_NE(mapping, MAP_FAILED);
    EXPECT_EQ(std::string_view(static_cast<const char *>(mapping), file.size()), "bytes");
    EXPECT_EQ(::mprotect(mapping, file.size(), PROT_READ | PROT_WRITE), -1);
    ::munmap(mapping, file.size());
}

}  // namespace
}  // namespace skillet
