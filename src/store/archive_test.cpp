// SPDX-License-Identifier: Apache-2.0
// Reading archives: what other tools may write, and what hostile ones do.
#include "store/archive.h"

#include <sys/mman.h>
#include <unistd.h>

#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "testing/describe.h"

namespace skillet {
namespace {

using testing::describe;

// Offsets of the fields of a tar header.
constexpr size_t mode_at = 100, uid_at = 108, size_at = 124, mtime_at = 136, checksum_at = 148,
                 kind_at = 156, magic_at = 257, prefix_at = 345;

void seal(std::string &header) {
    header.replace(checksum_at, 8, 8, ' ');
    const auto sum = std::accumulate(header.begin(), header.end(), 0u, [](unsigned total, char c) {
        return total + static_cast<unsigned char>(c);
    });
    header.replace(checksum_at, 7, fmt::format("{:06o}", sum) + '\0');
}

// Written by hand, so that the tests do not trust our own writer.
std::string header(const std::string &name, uint64_t size, char kind = '0') {
    std::string block(512, '\0');
    block.replace(0, name.size(), name);
    block.replace(mode_at, 7, "0000644");
    block.replace(uid_at, 7, "0001750");
    block.replace(uid_at + 8, 7, "0001750");
    block.replace(size_at, 11, fmt::format("{:011o}", size));
    block.replace(mtime_at, 11, "14567012345");
    block[kind_at] = kind;
    block.replace(magic_at, 8, std::string("ustar\0", 6) + "00");
    seal(block);
    return block;
}

std::string entry(const std::string &name, const std::string &content) {
    std::string bytes = header(name, content.size()) + content;
    bytes.resize((bytes.size() + 511) / 512 * 512, '\0');
    return bytes;
}

std::string blob(const std::string &content) {
    return entry("blobs/sha256/" + sha256(content).hex(), content);
}

std::string changed(std::string block, size_t at, const std::string &bytes) {
    block.replace(at, bytes.size(), bytes);
    seal(block);
    return block;
}

const std::string layout = entry("oci-layout", std::string(oci_layout_text));
const std::string index_entry =
    entry("index.json", OciIndex{{describe("one", media::manifest)}}.to_json());
const std::string end(1024, '\0');
const std::string good = layout + index_entry + blob("one") + blob("two") + end;

class ArchiveTest : public ::testing::Test {
protected:
    // In memory: some tests open thousands.
    static FileSlice file_of(std::string_view bytes) {
        UniqueFd fd(::memfd_create("archive", MFD_CLOEXEC));
        EXPECT_EQ(::write(fd.get(), bytes.data(), bytes.size()), std::ssize(bytes));
        return {std::make_shared<const UniqueFd>(std::move(fd)), 0, bytes.size(), "a.skill"};
    }
    Result<Archive> open(std::string_view bytes) { return Archive::open(file_of(bytes)); }
    void expect_refused(std::string_view bytes, Code code, const std::string &words) {
        const auto archive = open(bytes);
        ASSERT_FALSE(archive) << words;
        EXPECT_EQ(archive.error().code, code) << archive.error().message;
        EXPECT_NE(archive.error().message.find(words), std::string::npos)
            << "\"" << archive.error().message << "\" does not say \"" << words << "\"";
    }
    // An otherwise good archive with this entry in it.
    void expect_entry_refused(const std::string &entry_bytes, Code code, const std::string &words) {
        expect_refused(layout + index_entry + entry_bytes + end, code, words);
    }
};

TEST_F(ArchiveTest, gives_index_and_blobs_at_offsets_that_can_be_mapped) {
    const auto archive = open(good);
    ASSERT_TRUE(archive) << archive.error().message;
    EXPECT_EQ(archive->index()->manifests.at(0).digest, sha256("one"));
    for (const char *text : {"one", "two"}) {
        EXPECT_EQ(*read_document(*archive, describe(text)), text);
        EXPECT_EQ(archive->open(sha256(std::string_view(text)))->offset() % 512, 0u);
    }
}

TEST_F(ArchiveTest, names_a_blob_that_is_not_inside) {
    const auto archive = open(good);
    ASSERT_TRUE(archive);
    const auto missing = archive->open(sha256("three"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, SKL_E_NOT_FOUND);
    EXPECT_EQ(missing.error().subject, sha256("three").to_string());
}

TEST_F(ArchiveTest, reads_what_other_writers_add) {
    const std::string directories =
        header("./", 0, '5') + header("./blobs/", 0, '5') + header("./blobs/sha256/", 0, '5');
    const std::string one = header("./blobs/sha256/" + sha256("one").hex(), 3) + "one";
    const std::string padded = one + std::string(1024 - one.size(), '\0');
    const std::string index = OciIndex{}.to_json();
    const std::string record(8192, '\0');
    const auto archive =
        open(directories + padded + entry("./oci-layout", std::string(oci_layout_text) + "\n") +
             entry("./index.json", index) + end + record);
    ASSERT_TRUE(archive) << archive.error().message;
    EXPECT_TRUE(archive->open(sha256("one")));
}

TEST_F(ArchiveTest, reads_old_style_file_entries_and_names_split_into_a_prefix) {
    const std::string old_style =
        changed(layout.substr(0, 512), kind_at, std::string(1, '\0')) + layout.substr(512);
    const std::string one = changed(header(sha256("one").hex(), 0), prefix_at, "blobs/sha256");
    EXPECT_TRUE(open(old_style + index_entry + one + end));
}

TEST_F(ArchiveTest, reads_from_inside_a_larger_file) {
    const FileSlice file = file_of("xxxxx" + good + "yyy");
    const auto archive = Archive::open(file.slice(5, good.size(), "inner"));
    ASSERT_TRUE(archive) << archive.error().message;
    EXPECT_EQ(*read_document(*archive, describe("two")), "two");
}

TEST_F(ArchiveTest, refuses_what_is_no_tar_as_unsupported) {
    for (const std::string &bytes : {std::string(), std::string("x"), std::string(511, 'x'),
                                     std::string(2000, 'x'), "\x1f\x8b\x08" + good}) {
        expect_refused(bytes, SKL_E_FORMAT_UNSUPPORTED, "");
    }
    expect_refused(end, SKL_E_FORMAT_UNSUPPORTED, "no oci-layout");
}

TEST_F(ArchiveTest, refuses_every_truncation) {
    const FileSlice file = file_of(good);
    for (uint64_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(Archive::open(file.slice(0, size, "cut"))) << size;
    }
}

TEST_F(ArchiveTest, refuses_every_changed_byte_of_a_header) {
    for (const size_t start : {size_t{0}, layout.size()}) {
        for (size_t i = start; i < start + 512; ++i) {
            std::string bytes = good;
            bytes[i] = static_cast<char>(bytes[i] ^ 0x01);
            EXPECT_FALSE(open(bytes)) << i;
        }
    }
}

TEST_F(ArchiveTest, refuses_names_that_have_no_place_in_a_package) {
    const std::string hex = sha256("x").hex();
    const std::string names[] = {"/oci-layout",
                                 "../oci-layout",
                                 "blobs/../oci-layout",
                                 "blobs/sha256/../../../etc/passwd",
                                 "blobs//sha256/" + hex,
                                 "././oci-layout",
                                 "OCI-LAYOUT",
                                 "oci-layout/",
                                 "manifest.json",
                                 "",
                                 "blobs",
                                 "blobs/sha512/" + hex,
                                 "blobs/sha256/" + hex + "0",
                                 "blobs/sha256/" + hex.substr(1),
                                 "blobs/sha256/" + std::string(64, 'A'),
                                 "blobs/sha256/" + hex + "/x"};
    for (const std::string &name : names) {
        expect_entry_refused(header(name, 0), SKL_E_MANIFEST_INVALID, "an entry named");
    }
    for (const char *name : {"etc/", "../", "/", "blobs/sha512/", "oci-layout", "blobs//"}) {
        expect_entry_refused(header(name, 0, '5'), SKL_E_MANIFEST_INVALID, "");
    }
}

TEST_F(ArchiveTest, shows_hostile_names_as_plain_text) {
    expect_entry_refused(header("a\x1b[31m\xff\n\"", 0), SKL_E_MANIFEST_INVALID,
                         R"("a\x1b[31m\xff\x0a\x22")");
}

TEST_F(ArchiveTest, refuses_the_same_entry_twice_however_it_is_spelled) {
    expect_entry_refused(layout, SKL_E_MANIFEST_INVALID, "two entries named \"oci-layout\"");
    expect_entry_refused(entry("./index.json", "{}"), SKL_E_MANIFEST_INVALID, "two entries");
    expect_entry_refused(blob("one") + blob("one"), SKL_E_MANIFEST_INVALID, "two entries");
    expect_entry_refused(header("blobs/", 0, '5') + header("./blobs", 0, '5'),
                         SKL_E_MANIFEST_INVALID, "two entries");
}

TEST_F(ArchiveTest, refuses_links_devices_and_fifos) {
    const std::string name = "blobs/sha256/" + sha256("x").hex();
    const std::pair<char, const char *> kinds[] = {{'1', "a hard link"},
                                                   {'2', "a symbolic link"},
                                                   {'3', "a device"},
                                                   {'4', "a device"},
                                                   {'6', "a FIFO"}};
    for (const auto &[kind, words] : kinds) {
        expect_entry_refused(header(name, 0, kind), SKL_E_MANIFEST_INVALID, words);
    }
}

TEST_F(ArchiveTest, refuses_extensions_by_name_and_says_how_to_do_without) {
    const std::pair<char, const char *> kinds[] = {
        {'x', "a pax extended header"}, {'g', "a pax global header"}, {'L', "a GNU long name"},
        {'K', "a GNU long name"},       {'S', "a GNU sparse file"},   {'7', "unknown kind"}};
    for (const auto &[kind, words] : kinds) {
        expect_entry_refused(header("index.json", 0, kind), SKL_E_FORMAT_UNSUPPORTED, words);
    }
    const std::string gnu = changed(header("oci-layout", 0), magic_at, std::string("ustar  \0", 8));
    expect_refused(gnu + end, SKL_E_FORMAT_UNSUPPORTED, "a GNU tar header");
    EXPECT_NE(open(gnu + end).error().hint.find("--format=ustar"), std::string::npos);
}

TEST_F(ArchiveTest, refuses_numbers_that_are_not_strictly_octal) {
    const std::string block = header("blobs/", 0, '5');
    const std::string bad_sizes[] = {"0000000000x",         " 0000000000",
                                     "00000000-01",         "000000000000",
                                     std::string(12, '\0'), "\x80" + std::string(11, '\0'),
                                     "0x000000000",         "00000 00000"};
    for (const std::string &size : bad_sizes) {
        expect_entry_refused(changed(block, size_at, size), SKL_E_MANIFEST_INVALID, "not octal");
    }
    for (const size_t field : {mode_at, uid_at, uid_at + 8, mtime_at}) {
        expect_entry_refused(changed(block, field, "8"), SKL_E_MANIFEST_INVALID, "not octal");
    }
}

TEST_F(ArchiveTest, refuses_a_wrong_checksum) {
    std::string bad = good;
    bad.replace(layout.size() + checksum_at, 6, "000000");
    expect_refused(bad, SKL_E_MANIFEST_INVALID, "checksum");
}

TEST_F(ArchiveTest, refuses_content_that_reaches_past_the_end) {
    const std::string name = "blobs/sha256/" + sha256("x").hex();
    for (const uint64_t size : {uint64_t{1025}, uint64_t{1} << 32, (uint64_t{1} << 33) - 1}) {
        expect_entry_refused(header(name, size), SKL_E_MANIFEST_INVALID, "the archive ends");
    }
}

TEST_F(ArchiveTest, refuses_a_directory_with_a_size) {
    expect_entry_refused(header("blobs/", 512, '5') + std::string(512, 'x'), SKL_E_MANIFEST_INVALID,
                         "has a size");
}

TEST_F(ArchiveTest, refuses_half_an_end_marker_and_bytes_behind_it) {
    const std::string body = layout + index_entry;
    expect_refused(body + std::string(512, '\0'), SKL_E_MANIFEST_INVALID, "half an end marker");
    expect_refused(body + std::string(512, '\0') + blob("one") + end, SKL_E_MANIFEST_INVALID,
                   "hidden bytes");
    expect_refused(body + end + blob("one") + end, SKL_E_MANIFEST_INVALID, "hidden bytes");
    expect_refused(body + end + std::string(512, '\0') + "x", SKL_E_MANIFEST_INVALID,
                   "hidden bytes");
    expect_refused(body + std::string((1 << 20) + 512, '\0'), SKL_E_MANIFEST_INVALID,
                   "behind the end marker");
}

TEST_F(ArchiveTest, refuses_more_entries_than_it_reads) {
    std::string blobs;
    for (size_t i = 2; i < archive_entries_max; ++i) {
        blobs += header(fmt::format("blobs/sha256/{:064x}", i), 0);
    }
    EXPECT_TRUE(open(layout + index_entry + blobs + end));
    expect_entry_refused(blobs + header("blobs", 0, '5'), SKL_E_MANIFEST_INVALID,
                         "more than 4096 entries");
}

TEST_F(ArchiveTest, refuses_a_missing_or_damaged_document) {
    expect_refused(index_entry + end, SKL_E_FORMAT_UNSUPPORTED, "no oci-layout");
    expect_refused(layout + end, SKL_E_MANIFEST_INVALID, "no index.json");
    expect_refused(layout + entry("index.json", "{") + end, SKL_E_MANIFEST_INVALID, "index.json: ");
    expect_refused(entry("oci-layout", "{}") + index_entry + end, SKL_E_MANIFEST_INVALID,
                   "oci-layout: ");
    expect_refused(entry("oci-layout", R"({"imageLayoutVersion":"9"})") + index_entry + end,
                   SKL_E_FORMAT_UNSUPPORTED, "1.0.0");
}

TEST_F(ArchiveTest, refuses_documents_over_their_limit) {
    const std::string spaces(document_bytes_max + 1, ' ');
    expect_refused(layout + entry("index.json", spaces) + end, SKL_E_MANIFEST_INVALID,
                   "at most 4194304");
    expect_refused(entry("oci-layout", spaces.substr(0, 5000)) + index_entry + end,
                   SKL_E_MANIFEST_INVALID, "at most 4096");
}

}  // namespace
}  // namespace skillet
