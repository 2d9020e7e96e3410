// SPDX-License-Identifier: Apache-2.0
#include "assembly/drain.h"

#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "resident/board.h"

namespace skillet {
namespace {

constexpr auto look_again = std::chrono::milliseconds(10);

// Processes that lease the package, or may: what a board has no row for could be anything.
std::string users_of(const std::vector<BoardReading> &boards, const Digest &package) {
    std::string users;
    for (const BoardReading &board : boards) {
        bool listed = false;
        uint32_t leases = 0;
        for (const ResidentStatus &module : board.report.modules) {
            if (module.key != package) continue;
            listed = true;
            leases += module.leases;
        }
        if (leases == 0 && (listed || board.unlisted == 0)) continue;
        const std::string requests =
            leases == 0 ? "it does not list all skills" : fmt::format("{} requests", leases);
        users += fmt::format("{}process {} ({})", users.empty() ? "" : ", ", board.pid, requests);
    }
    return users;
}

}  // namespace

Result<void> await_idle_boards(const std::string &directory, const Digest &package,
                               const StopSignal &stop) {
    for (;;) {
        SKL_TRY_ASSIGN(boards, read_boards(directory));
        const std::string users = users_of(boards, package);
        if (users.empty()) return {};
        if (auto stopped = stop.check(); !stopped) {
            Error error = std::move(stopped).error();
            error.message = "still in use by " + users;
            return error;
        }
        std::this_thread::sleep_for(look_again);
    }
}

}  // namespace skillet
