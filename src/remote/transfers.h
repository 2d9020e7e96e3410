// SPDX-License-Identifier: Apache-2.0
// Several transfers at once, each on a connection and a thread of its own.
#pragma once

#include <functional>

#include "base/work.h"
#include "remote/fetch.h"

namespace skillet {

using Transfer =
    std::function<Result<void>(size_t index, RemoteSession &session, const Advance &advance)>;

// Runs the transfers 0 to `count` - 1; the first failure ends the others and is returned. The
// calling thread waits and reports the phase.
[[nodiscard]] Result<void> run_transfers(RemoteRepository &repository, size_t count,
                                         const Transfer &transfer, const char *phase,
                                         uint64_t total_bytes, const Work &work);

}  // namespace skillet
