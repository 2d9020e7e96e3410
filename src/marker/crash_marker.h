// SPDX-License-Identifier: Apache-2.0
// What the engine is at in this process, where others can read it after a crash.
//
// One file for each runtime (marker/owned_file.h). Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "marker/marker_layout.h"
#include "marker/owned_file.h"

namespace skillet {

class CrashMarker {
public:
    // Makes a file in the directory, which exists. SKL_E_IO where that cannot be, or without locks.
    static Result<std::unique_ptr<CrashMarker>> create(const std::string &directory,
                                                       std::string_view started_at);
    CrashMarker(const CrashMarker &) = delete;
    CrashMarker &operator=(const CrashMarker &) = delete;

    // The engine is at it while this lives. Stays on the thread that made it.
    class Mark {
    public:
        // Notes nothing if more threads than a file has slots are in the engine.
        Mark(CrashMarker &marker, const Digest &package, Spot spot);
        ~Mark();
        Mark(const Mark &) = delete;
        Mark &operator=(const Mark &) = delete;

    private:
        MarkerSlot *slot_;
        MarkerSlot *before_;  // what this thread was at
    };

    // The engine is about to abort this process, on this thread, and says why. Async-signal-safe.
    static void note_abort(const char *message) noexcept;

    [[nodiscard]] const std::string &path() const { return file_.path(); }

private:
    explicit CrashMarker(OwnedFile file);

    const OwnedFile file_;
    MarkerImage *const image_;
};

}  // namespace skillet
