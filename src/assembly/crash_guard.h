// SPDX-License-Identifier: Apache-2.0
// Keeps a package that kills its process from killing every restart.
//
// A runtime notes what the engine is at (marker/crash_marker.h). Whoever opens or loads a package
// looks for processes that died at it: two such strikes quarantine the package, in the registry
// where that can be written, else by refusing to load it here. What counts as a strike and when it
// is forgotten: docs/decisions/0011-two-strikes.md. Without a state directory that can be written
// nothing is noted, and a log record says so. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "assembly/root.h"
#include "base/log.h"
#include "marker/crash_marker.h"
#include "marker/strikes.h"

namespace skillet {

class CrashGuard {
public:
    // `files` must outlive it. Makes nothing yet; `state_directory` may be empty.
    CrashGuard(FileSystem &files, std::string state_directory, Log log);

    // SKL_E_QUARANTINED if the package has its strikes, or its state's code if it does not serve;
    // else how many strikes it has.
    [[nodiscard]] Result<size_t> admit(Root &root, const Package &package);
    // Where calls of the engine are to be noted; null if they cannot be. Lives as long as this.
    [[nodiscard]] CrashMarker *marker();
    // The package computed an answer.
    void answered(const Digest &package);

    [[nodiscard]] const StrikeBook &book() const { return book_; }

private:
    void collect(Root &root);
    Result<void> note(Root &root, const Death &death);
    Result<void> strike(Root &root, const Death &death, const Suspect &suspect);
    Strikes strikes_of(const Digest &package);
    bool quarantine(Root &root, const Digest &package, const Strikes &strikes);
    Result<void> make_marker();
    void cannot_note(const Error &cause);

    FileSystem &files_;
    const std::string directory_;
    const Log log_;
    StrikeBook book_;
    std::atomic<bool> told_ = false;  // that nothing is noted
    std::mutex mutex_;
    bool tried_ = false;                   // guarded by mutex_
    std::unique_ptr<CrashMarker> marker_;  // guarded by mutex_ until tried_, then constant
};

}  // namespace skillet
