// SPDX-License-Identifier: Apache-2.0
// The bytes of a marker file, as the process that owns it maps them and others read them after its
// death. docs/formats/state.md describes them.
#pragma once

#include <cstdint>

namespace skillet {

// What the engine was doing.
enum class Spot : uint32_t { load = 1, compute = 2 };

[[nodiscard]] constexpr const char *name_of(Spot spot) {
    return spot == Spot::load ? "load" : "compute";
}

inline constexpr char marker_magic[16] = {'s', 'k', 'i', 'l', 'l', 'e', 't', '.',
                                          'm', 'a', 'r', 'k', 'e', 'r', '/', '1'};
inline constexpr uint32_t marker_slots = 64;

// Numbers are the machine's own: nobody reads the file on another one.
struct MarkerHeader {
    char magic[16];       // written last
    char started_at[24];  // UTC, ISO 8601 with milliseconds
    char boot_id[36];     // as the kernel writes it; zeros where it does not say
    char zero[180];
};
static_assert(sizeof(MarkerHeader) == 256);

// One call into the engine at a time. What is not in use has spot 0.
struct MarkerSlot {
    uint32_t owned;  // by a thread
    uint32_t spot;   // 0 or a Spot; written last
    uint8_t package[32];
    uint32_t message_bytes;  // not 0: the engine itself ended the process, saying this
    char message[212];
};
static_assert(sizeof(MarkerSlot) == 256);

struct MarkerImage {
    MarkerHeader header;
    MarkerSlot slots[marker_slots];
};

}  // namespace skillet
