// SPDX-License-Identifier: Apache-2.0
// The strikes of each package: how often a process ended while the engine was at it.
//
// One document per package, STATE/strikes/HEX.json (docs/formats/state.md). Whoever changes one
// holds the state directory's lock.
#pragma once

#include <string>
#include <vector>

#include "base/digest.h"
#include "base/file_system.h"
#include "base/result.h"
#include "marker/deaths.h"

namespace skillet {

struct Strike {
    std::string at;     // when it was found; UTC, ISO 8601 with milliseconds
    std::string death;  // the name of the dead process's file
    Spot spot = Spot::load;
    std::string message;  // as in Suspect

    // The engine itself ended the process, rather than somebody from outside, perhaps.
    [[nodiscard]] bool certain() const { return !message.empty(); }
};

using Strikes = std::vector<Strike>;  // oldest first

// So many keep a package from being loaded.
inline constexpr size_t strikes_max = 2;

// Adds to `strikes` what the death means for this suspect; false if it means nothing. Deaths that
// nobody explained are one strike if the process was there already when the last one was found: all
// processes killed at once say no more than one. Those of an earlier boot are none.
bool add_strike(Strikes &strikes, const Death &death, const Suspect &suspect,
                const std::string &found_at);

// The package computed an answer: what nobody explained is forgotten. False if nothing was.
bool forget_uncertain(Strikes &strikes);

// Why the package is not loaded, in a sentence. REQUIRES: !strikes.empty().
[[nodiscard]] std::string sentence_of(const Strikes &strikes);

class StrikeBook {
public:
    // `files` must outlive it. `directory` need not exist.
    StrikeBook(FileSystem &files, std::string directory)
        : files_(files), directory_(std::move(directory)) {}

    [[nodiscard]] std::string path_of(const Digest &package) const;
    // None if there is no document; SKL_E_STORE_CORRUPT naming a damaged one.
    [[nodiscard]] Result<Strikes> strikes_of(const Digest &package) const;
    // Replaces them; none removes the document.
    [[nodiscard]] Result<void> write(const Digest &package, const Strikes &strikes);
    // Packages that have a document, sorted.
    [[nodiscard]] Result<std::vector<Digest>> packages() const;

private:
    FileSystem &files_;
    std::string directory_;
};

}  // namespace skillet
