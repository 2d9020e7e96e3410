// SPDX-License-Identifier: Apache-2.0
// Everything that can be wrong with a root, and the repair of what is derived: `skillet fsck`.
//
// Looking changes nothing, and opens the root as one that cannot be changed, so it works beside
// other processes and on a damaged root. What holds the truth (blobs, ledger) is never repaired:
// the packages that are hit are quarantined, and a copy of their bytes has to come from elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assembly/root.h"

namespace skillet {

enum class RootFault : uint8_t {
    database,       // SQLite's own checks
    ledger,         // the chain, or a table that does not fit it
    serving,        // another version serves than the states say
    index,          // index.json is not what the registry says
    layout,         // the store's folder is none
    package,        // a package's documents cannot be read
    rows,           // what the registry says of a package is not what its documents say
    blob_missing,   // a package needs it
    blob_damaged,   // its bytes are not those of its name
    blob_writable,  // somebody may change it
    foreign_name,   // something among the blobs that is none: harmless
    blob_unneeded   // no package needs it: harmless
};
[[nodiscard]] const char *name_of(RootFault fault);

struct RootFinding {
    RootFault fault = RootFault::database;
    std::string subject;  // a digest, an id, a path
    std::string text;
    std::string hint;
    bool repaired = false;

    [[nodiscard]] bool is_harmless() const;
};

struct RootCheck {
    std::vector<RootFinding> findings;  // in the order of RootFault, then subject
    uint64_t packages = 0;
    uint64_t blobs = 0;
    uint64_t bytes = 0;  // of the blobs, all of them read

    // Nothing is wrong, or is wrong no longer.
    [[nodiscard]] bool is_sound() const;
};

// Reads all of the root. SKL_E_NOT_FOUND if there is none.
[[nodiscard]] Result<RootCheck> check_root(FileSystem &files, const std::string &path,
                                           const Work &work);

// Puts right what is derived and marks it as repaired; quarantines the packages that need a blob
// that is damaged or missing. SKL_E_READ_ONLY if the root cannot be changed.
[[nodiscard]] Result<void> repair_root(FileSystem &files, const std::string &path,
                                       const std::string &actor, const Log &log, RootCheck &check);

}  // namespace skillet
