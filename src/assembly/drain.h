// SPDX-License-Identifier: Apache-2.0
// Waiting for the requests of other processes, which are seen on their boards.
#pragma once

#include <string>

#include "base/cancel.h"
#include "base/digest.h"
#include "base/result.h"

namespace skillet {

// Until no runtime whose board is in the directory leases the package, or `stop` says so: then its
// error, which names the processes. Nothing wakes whoever waits for others: it looks now and then.
// Not seen are processes of other users, and those that have nowhere to put a board.
[[nodiscard]] Result<void> await_idle_boards(const std::string &directory, const Digest &package,
                                             const StopSignal &stop);

}  // namespace skillet
