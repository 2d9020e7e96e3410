// SPDX-License-Identifier: Apache-2.0
#include "store/tar.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace skillet {
namespace {

// A header block, field by field (POSIX.1-2017, pax, "ustar Interchange Format").
struct Header {
    std::array<char, 100> name;
    std::array<char, 8> mode;
    std::array<char, 8> uid;
    std::array<char, 8> gid;
    std::array<char, 12> size;
    std::array<char, 12> mtime;
    std::array<char, 8> checksum;
    char typeflag;
    std::array<char, 100> linkname;
    std::array<char, 6> magic;
    std::array<char, 2> version;
    std::array<char, 32> uname;
    std::array<char, 32> gname;
    std::array<char, 8> devmajor;
    std::array<char, 8> devminor;
    std::array<char, 155> prefix;
    std::array<char, 12> unused;
};
static_assert(sizeof(Header) == tar_block_bytes);

constexpr std::string_view ustar_magic("ustar\0", 6);
constexpr std::string_view ustar_version("00", 2);
constexpr std::string_view gnu_magic("ustar ", 6);
constexpr const char *recreate_hint =
    "re-create it with \"skillet pack\", or with \"tar --format=ustar\"";

// Writers pad an archive to their record size. A file that says "zeros" for longer than this only
// costs time.
constexpr uint64_t end_bytes_max = 1u << 20;

template <size_t n>
std::string_view whole(const std::array<char, n> &field) {
    return {field.data(), n};
}

// The text before the first NUL.
template <size_t n>
std::string_view text_of(const std::array<char, n> &field) {
    const std::string_view all = whole(field);
    return all.substr(0, all.find('\0'));
}

// Octal digits, closed by a NUL or a space, and nothing behind but those.
template <size_t n>
std::optional<uint64_t> octal(const std::array<char, n> &field) {
    static_assert(n <= 21, "every value fits 64 bits");
    uint64_t value = 0;
    size_t digits = 0;
    for (; digits < n && field[digits] >= '0' && field[digits] <= '7'; ++digits) {
        value = value * 8 + static_cast<uint64_t>(field[digits] - '0');
    }
    if (digits == 0 || digits == n) return std::nullopt;
    const bool closed = std::all_of(field.begin() + digits, field.end(),
                                    [](char rest) { return rest == '\0' || rest == ' '; });
    return closed ? std::optional(value) : std::nullopt;
}

// Sum of the block's bytes, the checksum field counted as spaces.
uint64_t checksum_of(Header header) {
    header.checksum.fill(' ');
    const auto bytes = std::bit_cast<std::array<uint8_t, tar_block_bytes>>(header);
    return std::accumulate(bytes.begin(), bytes.end(), uint64_t{0});
}

bool all_zero(std::span<const std::byte> bytes) {
    return std::all_of(bytes.begin(), bytes.end(),
                       [](std::byte byte) { return byte == std::byte{}; });
}

Error damaged(const ByteSource &file, std::string message) {
    return make_error(SKL_E_MANIFEST_INVALID, std::move(message), file.name(),
                      "get the archive again, or pack it again");
}

Error unsupported(const ByteSource &file, std::string message) {
    return make_error(SKL_E_FORMAT_UNSUPPORTED, std::move(message), file.name(), recreate_hint);
}

// What an unsupported kind of entry is called.
std::string_view name_of_kind(char typeflag) {
    switch (typeflag) {
        case '1': return "a hard link";
        case '2': return "a symbolic link";
        case '3':
        case '4': return "a device";
        case '6': return "a FIFO";
        case 'x': return "a pax extended header";
        case 'g': return "a pax global header";
        case 'L':
        case 'K': return "a GNU long name";
        case 'S': return "a GNU sparse file";
        default: return "an entry of an unknown kind";
    }
}

Result<void> check_kind(const ByteSource &file, const Header &header, uint64_t at) {
    const char kind = header.typeflag;
    if (kind == '0' || kind == '\0' || kind == '5') return {};
    std::string message = fmt::format("{} (\"{}\") at byte {}", name_of_kind(kind),
                                      printable(text_of(header.name)), at);
    // Links, devices and FIFOs have no place in a package; the rest may be an honest extension.
    const bool is_hostile = (kind >= '1' && kind <= '4') || kind == '6';
    return is_hostile ? damaged(file, std::move(message)) : unsupported(file, std::move(message));
}

Result<void> check_header(const ByteSource &file, const Header &header, uint64_t at) {
    if (whole(header.magic) == gnu_magic) {
        return unsupported(file, fmt::format("a GNU tar header at byte {}", at));
    }
    if (whole(header.magic) != ustar_magic || whole(header.version) != ustar_version) {
        if (at == 0) return unsupported(file, "not a .skill archive (a POSIX ustar file)");
        return damaged(file, fmt::format("no tar header at byte {}", at));
    }
    if (octal(header.checksum) != checksum_of(header)) {
        return damaged(file, fmt::format("wrong checksum of the tar header at byte {}", at));
    }
    SKL_TRY(check_kind(file, header, at));
    if (!octal(header.mode) || !octal(header.uid) || !octal(header.gid) || !octal(header.size) ||
        !octal(header.mtime)) {
        return damaged(file, fmt::format("a number of the tar header at byte {} is not octal", at));
    }
    return {};
}

template <size_t n>
void put(std::array<char, n> &field, std::string_view text) {
    assert(text.size() <= n);
    std::copy(text.begin(), text.end(), field.begin());
}

}  // namespace

Result<std::optional<TarEntry>> TarReader::next() {
    const auto cut = [this] {
        return damaged(file_, fmt::format("the archive ends at byte {}, in the middle of an entry "
                                          "or before its end marker",
                                          file_.size()));
    };
    if (file_.size() < tar_block_bytes) return unsupported(file_, "too short for a .skill archive");
    if (file_.size() - position_ < tar_block_bytes) return cut();
    TarBlock block;
    SKL_TRY(file_.read_at(position_, block));
    if (all_zero(block)) {
        SKL_TRY(check_end());
        return std::optional<TarEntry>();
    }
    const auto header = std::bit_cast<Header>(block);
    SKL_TRY(check_header(file_, header, position_));
    TarEntry entry;
    entry.name = text_of(header.name);
    if (header.prefix[0] != '\0') {
        entry.name = fmt::format("{}/{}", text_of(header.prefix), entry.name);
    }
    entry.is_directory = header.typeflag == '5';
    entry.offset = position_ + tar_block_bytes;
    entry.size = *octal(header.size);
    // Readers disagree about whether a directory's bytes follow.
    if (entry.is_directory && entry.size != 0) {
        return damaged(file_, fmt::format("the directory at byte {} has a size", position_));
    }
    const uint64_t left = file_.size() - entry.offset;
    if (entry.size > left || tar_padding(entry.size) > left - entry.size) return cut();
    position_ = entry.offset + entry.size + tar_padding(entry.size);
    return std::optional<TarEntry>(std::move(entry));
}

Result<void> TarReader::check_end() const {
    const uint64_t left = file_.size() - position_;
    if (left < 2 * tar_block_bytes) return damaged(file_, "half an end marker");
    if (left > end_bytes_max) {
        return damaged(file_, fmt::format("{} bytes behind the end marker, at most {} may follow",
                                          left, end_bytes_max));
    }
    std::vector<std::byte> rest(left);
    SKL_TRY(file_.read_at(position_, rest));
    if (all_zero(rest)) return {};
    return damaged(file_, fmt::format("hidden bytes behind the end marker at byte {}", position_));
}

TarBlock tar_header(std::string_view name, uint64_t size) {
    assert(size <= tar_file_bytes_max);
    Header header{};
    put(header.name, name);
    put(header.mode, "0000444");
    put(header.uid, "0000000");
    put(header.gid, "0000000");
    put(header.size, fmt::format("{:011o}", size));
    put(header.mtime, "00000000000");
    header.typeflag = '0';
    put(header.magic, ustar_magic);
    put(header.version, ustar_version);
    put(header.devmajor, "0000000");
    put(header.devminor, "0000000");
    put(header.checksum, fmt::format("{:06o}", checksum_of(header)));
    header.checksum[7] = ' ';
    return std::bit_cast<TarBlock>(header);
}

std::string printable(std::string_view name) {
    constexpr size_t shown_max = 120;
    std::string text;
    for (const char letter : name.substr(0, shown_max)) {
        const bool plain = letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\';
        text += plain ? std::string(1, letter)
                      : fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
    }
    if (name.size() > shown_max) text += "...";
    return text;
}

}  // namespace skillet
