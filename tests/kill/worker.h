// SPDX-License-Identifier: Apache-2.0
// A process that works on the root until it is killed.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "plan.h"

namespace skillet::kill {

class Worker {
public:
    // The driver's side of a new process. It begins at once.
    static Worker start(const std::string &root, const std::vector<Target> &targets, size_t index,
                        uint64_t seed);
    Worker(Worker &&) noexcept = default;
    Worker &operator=(Worker &&) noexcept = default;

    // Waits for notes and reads them, for at most so long; 0 only looks.
    std::vector<Note> listen(int timeout_ms);
    // SIGKILL, and what was still in the pipe.
    std::vector<Note> kill();
    // Lets it end the operation it is in. Gives the notes up to Note::paused, which is the last;
    // without it the worker is dead.
    std::vector<Note> pause();
    void go_on();
    [[nodiscard]] int fd() const { return notes_.get(); }

private:
    struct Shared {
        std::atomic<bool> pause{false};
    };

    Worker(pid_t process, UniqueFd notes, UniqueFd commands, Shared *shared)
        : process_(process),
          notes_(std::move(notes)),
          commands_(std::move(commands)),
          shared_(shared) {}
    std::vector<Note> read_notes();
    [[noreturn]] static void work(const std::string &root, const std::vector<Target> &targets,
                                  size_t index, uint64_t seed, int notes, int commands,
                                  const Shared &shared);

    pid_t process_;
    UniqueFd notes_;
    UniqueFd commands_;
    Shared *shared_;  // mapped by both
};

}  // namespace skillet::kill
