// SPDX-License-Identifier: Apache-2.0
// The bytes of a board file, as the runtime that owns it maps them and others read them while it
// lives. docs/formats/state.md describes them.
#pragma once

#include <cstdint>

namespace skillet {

inline constexpr char board_magic[16] = {'s', 'k', 'i', 'l', 'l', 'e', 't', '.',
                                         'b', 'o', 'a', 'r', 'd', '/', '1', 0};
inline constexpr uint32_t board_rows = 1023;

// Numbers are the machine's own: nobody reads the file on another one.
struct BoardHeader {
    char magic[16];       // zeros before anything else is written
    char started_at[24];  // UTC, ISO 8601 with milliseconds
    uint32_t pid;
    uint32_t sequence;  // odd while something is being written
    uint32_t rows;      // in use, from the first on
    uint32_t unlisted;  // modules for which there is no row
    uint64_t budget_bytes;
    uint64_t reserved_bytes;
    uint64_t parked_bytes;
    uint64_t hits;
    uint64_t resumes;
    uint64_t loads;
    uint64_t evictions;
    uint64_t parkings;
    uint64_t failures;
    double load_ms;
    char eviction[16];
    char zero[120];
};
static_assert(sizeof(BoardHeader) == 272);

struct BoardRow {
    uint8_t digest[32];
    char id[80];
    char version[32];
    uint32_t residency;  // a Residency
    uint32_t leases;
    uint32_t contexts;
    uint32_t pinned;
    int32_t priority;
    uint32_t zero_too;
    uint64_t uses;
    int64_t used_at_ms;  // since 1970
    uint64_t reserved_bytes;
    uint64_t predicted_bytes;
    uint64_t measured_bytes;  // 0: not measured
    double load_ms;
    double resume_ms;
    double chance;  // the four that eviction goes by
    uint64_t cost_bytes;
    double cost_ms;
    double worth;
    char zero[16];
};
static_assert(sizeof(BoardRow) == 272);

struct BoardImage {
    BoardHeader header;
    BoardRow rows[board_rows];
};

}  // namespace skillet
