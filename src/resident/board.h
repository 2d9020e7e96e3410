// SPDX-License-Identifier: Apache-2.0
// What a runtime has in memory, where other processes can read it: `skillet ps`.
//
// One file for each runtime (marker/owned_file.h). What is written rarely, when something is loaded
// or leaves, is written whole; uses and leases are a few stores with each request.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "marker/owned_file.h"
#include "resident/board_layout.h"
#include "resident/resident_status.h"

namespace skillet {

// Not thread-safe: whoever owns it has a lock already.
class Board {
public:
    // Makes a file in the directory, which exists. SKL_E_IO where that cannot be, or without locks.
    static Result<std::unique_ptr<Board>> create(const std::string &directory,
                                                 std::string_view started_at);

    // Writes everything anew; row i is of modules[i].
    void write(const ResidencyReport &report);
    // What a request changes: of the set, and of its module.
    struct Use {
        uint64_t hits = 0;
        uint32_t leases = 0;
        uint64_t uses = 0;
        std::chrono::system_clock::time_point used_at;
        Worth worth;
    };
    void note_use(size_t row, const Use &use);

private:
    class Writing;

    explicit Board(OwnedFile file);

    const OwnedFile file_;
    BoardImage *const image_;
};

// A runtime of another process, or of this one, as its board says.
struct BoardReading {
    std::string name;  // of the file
    std::string started_at;
    uint32_t pid = 0;
    uint64_t unlisted = 0;
    ResidencyReport report;
};

// What a board file says. SKL_E_STORE_CORRUPT if it is none.
[[nodiscard]] Result<BoardReading> read_board(std::string name, std::string_view bytes);

// Of every runtime that lives and whose board this user may read, oldest first; a directory that is
// not there has none. Files of dead processes are removed; what is no board is passed over.
[[nodiscard]] Result<std::vector<BoardReading>> read_boards(const std::string &directory);

}  // namespace skillet
