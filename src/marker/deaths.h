// SPDX-License-Identifier: Apache-2.0
// Processes that ended while the engine was at something: what they left in their marker files.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "marker/marker_layout.h"

namespace skillet {

// What one thread of the process had the engine at.
struct Suspect {
    Digest package;
    Spot spot = Spot::load;
    std::string message;  // not empty: the engine itself ended the process, saying this
};

struct Death {
    std::string name;  // of the file; no two processes ever have the same
    std::string started_at;
    bool this_boot = false;  // the machine has not been started since
    std::vector<Suspect> suspects;
};

// This boot of the machine, as the kernel names it; empty where it does not.
[[nodiscard]] std::string boot_id();

// What a dead process's file says. SKL_E_STORE_CORRUPT if it is none.
[[nodiscard]] Result<Death> read_death(std::string name, std::string_view bytes);

// Hands each dead process of the directory to `take`, and what is wrong with a file that cannot be
// read, and removes the file if `take` succeeds. Processes that do so at once share the dead among
// them: each is taken by one. But who dies between the two steps leaves the file to the next one:
// `take` may see a name again. A directory that is not there has no dead.
using TakeDeath = std::function<Result<void>(const Result<Death> &death)>;
[[nodiscard]] Result<void> collect_deaths(const std::string &directory, const TakeDeath &take);

}  // namespace skillet
