// SPDX-License-Identifier: Apache-2.0
// Any bytes as the marker file of a dead process: what is read from it is in its bounds, and fit to
// be written into a document and to a terminal.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "marker/deaths.h"

namespace {

// Of the right size, so that not all inputs fail at once; odd first bytes get a good header, too.
std::string image_of(std::span<const uint8_t> data) {
    skillet::MarkerImage image{};
    const auto rest = data.subspan(1);
    std::memcpy(&image, rest.data(), std::min(rest.size(), sizeof image));
    if (data[0] % 2 == 1) {
        constexpr std::string_view time = "2026-01-31T12:00:00.000Z";
        std::copy_n(skillet::marker_magic, sizeof skillet::marker_magic, image.header.magic);
        std::copy(time.begin(), time.end(), image.header.started_at);
    }
    return {reinterpret_cast<const char *>(&image), sizeof image};
}

bool is_printable(const std::string &text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)skillet::read_death("fuzz", {reinterpret_cast<const char *>(data), size});
    if (size == 0) return 0;
    const auto death = skillet::read_death("fuzz", image_of({data, size}));
    if (!death) return 0;
    if (death->suspects.size() > skillet::marker_slots) std::abort();
    for (const skillet::Suspect &suspect : death->suspects) {
        if (suspect.message.size() > sizeof(skillet::MarkerSlot::message)) std::abort();
        if (!is_printable(suspect.message)) std::abort();
    }
    return 0;
}
