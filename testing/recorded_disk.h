// SPDX-License-Identifier: Apache-2.0
// A disk that remembers every change made to it, so that a test can ask what would be on it had the
// power gone out after any of them, or let any of them fail.
//
// What was not synced may be lost, kept or torn: of the writes to a file since its last sync any
// subset, each in whole sectors; of the changes of a directory since its last sync any first part,
// as file systems keep those in order. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace skillet::testing {

enum class ChangeKind : uint8_t {
    create,
    write,
    truncate,
    sync,
    rename,
    remove,
    make_directory,
    sync_directory
};

struct Change {
    ChangeKind kind = ChangeKind::create;
    uint64_t file = 0;    // which file, whatever it is called; 0 for directories
    std::string path;     // of the file or directory; of a renaming: the old one
    std::string to;       // of a renaming
    uint64_t offset = 0;  // of a write; of a truncation: the new size
    std::string bytes;
};

// What becomes of changes that were not synced when the power goes out.
struct Survival {
    enum class Kind : uint8_t { all, none, some } kind = Kind::all;
    uint32_t seed = 0;  // of some
};

class RecordedDisk {
public:
    enum class Afterwards : uint8_t { works_again, stays_broken };

    // The changes so far.
    [[nodiscard]] uint64_t changes() const;
    // The change with this number, counted from now on, fails with `errno_value`.
    void fail_after(uint64_t changes, int errno_value, Afterwards afterwards);
    void heal();
    [[nodiscard]] bool has_failed() const;

    // Asks for a change before it is made: 0, or the errno it is to fail with.
    [[nodiscard]] int admit();
    void note(Change change);
    // The file of that name, a new one if there is none.
    [[nodiscard]] uint64_t file_at(const std::string &path);
    [[nodiscard]] bool knows(const std::string &path) const;

    // A file system whose changes are recorded. The disk must outlive it.
    [[nodiscard]] std::unique_ptr<FileSystem> file_system();

    // Writes to `folder` what would be below `root` after the first `count` changes and a power
    // cut.
    void restore(const std::string &root, const std::string &folder, uint64_t count,
                 Survival survival) const;

private:
    mutable std::mutex mutex_;
    std::vector<Change> changes_;            // guarded by mutex_, as are all below
    std::map<std::string, uint64_t> names_;  // as they are now
    uint64_t files_ = 0;                     // numbers given out
    uint64_t admitted_ = 0;
    std::optional<uint64_t> fail_at_;
    int errno_value_ = 0;
    Afterwards afterwards_ = Afterwards::works_again;
};

}  // namespace skillet::testing
