// SPDX-License-Identifier: Apache-2.0
#include "marker/deaths.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/byte_source.h"
#include "base/file_system.h"
#include "marker/owned_file.h"

namespace skillet {
namespace {

Error damaged(const std::string &name, std::string_view what) {
    return make_error(SKL_E_STORE_CORRUPT, fmt::format("not a marker file: {}", what), name);
}

template <size_t size>
std::string_view text_of(const char (&bytes)[size]) {
    return {bytes, size};
}

// "2026-01-31T12:00:00.000Z"
bool is_timestamp(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ";
    return std::equal(text.begin(), text.end(), form.begin(), form.end(),
                      [](char found, char want) {
                          return want == 'd' ? found >= '0' && found <= '9' : found == want;
                      });
}

// The engine's own words, fit for a JSON document and a terminal.
std::string printable(std::string_view text) {
    std::string clean(text.substr(0, text.find_last_not_of("\n ") + 1));
    std::replace_if(
        clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return clean;
}

Result<Suspect> read_slot(const MarkerSlot &slot, const std::string &name) {
    const auto spot = static_cast<Spot>(slot.spot);
    if (spot != Spot::load && spot != Spot::compute) return damaged(name, "an unknown spot");
    if (slot.message_bytes > sizeof slot.message) return damaged(name, "a message too long");
    Digest::Bytes digest{};
    std::copy(std::begin(slot.package), std::end(slot.package), digest.begin());
    return Suspect{Digest(digest), spot,
                   printable(text_of(slot.message).substr(0, slot.message_bytes))};
}

// A process that ended before it had made its file had not begun anything.
bool is_unfinished(std::string_view bytes) {
    return bytes.substr(0, sizeof marker_magic).find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

std::string boot_id() {
    const UniqueFd file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
    char text[sizeof(MarkerHeader::boot_id)] = {};
    if (!file.valid() || ::read(file.get(), text, sizeof text) != ssize_t{sizeof text}) return {};
    return std::string(text_of(text));
}

Result<Death> read_death(std::string name, std::string_view bytes) {
    if (bytes.size() != sizeof(MarkerImage)) return damaged(name, "wrong size");
    MarkerImage image;
    std::memcpy(&image, bytes.data(), sizeof image);
    if (text_of(image.header.magic) != text_of(marker_magic)) return damaged(name, "wrong start");
    const std::string_view started = text_of(image.header.started_at);
    if (!is_timestamp(started)) return damaged(name, "no time");
    const std::string boot = boot_id();
    Death death{std::move(name),
                std::string(started),
                !boot.empty() && text_of(image.header.boot_id) == boot,
                {}};
    for (const MarkerSlot &slot : image.slots) {
        if (slot.spot == 0) continue;
        SKL_TRY_ASSIGN(suspect, read_slot(slot, death.name));
        death.suspects.push_back(std::move(suspect));
    }
    return death;
}

Result<void> collect_deaths(const std::string &directory, const TakeDeath &take) {
    const auto names = posix_file_system()->list(directory);
    if (!names) return names.error().code == SKL_E_NOT_FOUND ? Result<void>() : names.error();
    for (const std::string &name : *names) {
        const std::string path = fmt::format("{}/{}", directory, name);
        const UniqueFd file = lock_if_dead(path);
        if (!file.valid()) continue;
        // One byte more than a marker file has, if there are.
        const std::string bytes = read_bytes(file, sizeof(MarkerImage) + 1);
        if (!is_unfinished(bytes)) SKL_TRY(take(read_death(name, bytes)));
        ::unlink(path.c_str());
    }
    return {};
}

}  // namespace skillet
