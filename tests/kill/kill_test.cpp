// SPDX-License-Identifier: Apache-2.0
// Two processes work on one root; one or both are killed at a random moment, again and again. After
// each kill: the root opens, the ledger verifies, everything acknowledged is as it was
// acknowledged, what was interrupted is as before or as after, every package verifies, the store
// holds what is needed, and the next install succeeds.
//
//     kill_test [--kills N | --seconds S] [--seed N] [--folder DIR]
//
// The seed decides packages, operations and delays; what a kill hits is decided by the machine.
// Prints the seed first, and at the end a table for docs/durability.md.
#include <poll.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include "testing/temp_dir.h"
#include "worker.h"
#include "world.h"

namespace skillet::kill {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t delay_max_us = 20'000;
// Then they begin anew: a ledger is verified in full after each kill.
constexpr uint64_t kills_per_root = 250;
constexpr uint64_t one_in_kills_both = 8;

struct Options {
    uint64_t kills = 0;  // 0: as many as fit into the seconds
    uint64_t seconds = 15;
    uint64_t seed = 1;
    std::string folder;
};

class Driver {
public:
    Driver(const Options &options, const std::string &folder)
        : options_(options),
          root_(folder + "/root"),
          targets_(pack_targets(folder)),
          world_(targets_),
          dice_(options.seed) {}

    // False if something was not as it must be.
    bool run() {
        const auto begin = Clock::now();
        while (world_.violations().empty() && !is_enough(begin)) {
            const uint64_t next_root = kills_ + kills_per_root;
            world_.begin(root_);
            for (size_t i = 0; i < workers; ++i) workers_.push_back(start(i));
            while (world_.violations().empty() && !is_enough(begin)) {
                kill_some();
                if (kills_ >= next_root) break;
            }
            for (Worker &worker : workers_) worker.kill();
            workers_.clear();
            if (world_.violations().empty()) std::filesystem::remove_all(root_);
        }
        seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
        return world_.violations().empty();
    }

    void report() const {
        fmt::print(
            "{} kills in {:.0f} s ({:.0f} a second), seed {}; {} between operations, "
            "{} packages quarantined for two strikes and released\n\n",
            kills_, seconds_, static_cast<double>(kills_) / seconds_, options_.seed,
            world_.lost_between(), world_.strikes());
        fmt::print(
            "| operation | acknowledged | killed in it | found as before | found as after |\n"
            "|---|---|---|---|---|\n");
        for (size_t i = 0; i < static_cast<size_t>(Operation::count); ++i) {
            const auto operation = static_cast<Operation>(i);
            const Outcomes &known = world_.outcomes(operation);
            const bool changes = known.old_state + known.new_state > 0;
            fmt::print("| {} | {} | {} | {} | {} |\n", name_of(operation), known.done,
                       known.interrupted, changes ? std::to_string(known.old_state) : "",
                       changes ? std::to_string(known.new_state) : "");
        }
        for (const std::string &violation : world_.violations()) {
            fmt::print("after kill {}: {}\n", kills_, violation);
        }
    }

private:
    Worker start(size_t index) {
        return Worker::start(root_, targets_, index, dice_.roll(~uint64_t{0}));
    }
    [[nodiscard]] bool is_enough(Clock::time_point begin) const {
        if (options_.kills > 0) return kills_ >= options_.kills;
        return Clock::now() - begin >= std::chrono::seconds(options_.seconds);
    }
    void hear(size_t worker, const std::vector<Note> &notes) {
        for (const Note &note : notes) world_.hear(worker, note);
    }
    // Lets them work for so long, so that no pipe fills.
    void listen(std::chrono::microseconds time) {
        const auto until = Clock::now() + time;
        for (auto left = time; left.count() > 0;
             left = std::chrono::duration_cast<std::chrono::microseconds>(until - Clock::now())) {
            std::array<pollfd, workers> pipes{};
            for (size_t i = 0; i < workers; ++i) pipes[i] = {workers_[i].fd(), POLLIN, 0};
            const timespec timeout{0, static_cast<long>(left.count()) * 1000};
            if (::ppoll(pipes.data(), pipes.size(), &timeout, nullptr) <= 0) return;
            for (size_t i = 0; i < workers; ++i) {
                if (pipes[i].revents != 0) hear(i, workers_[i].listen(0));
            }
        }
    }
    void kill(size_t victim) {
        hear(victim, workers_[victim].kill());
        world_.lose(victim);
        ++kills_;
    }
    // Between two operations.
    void pause(size_t survivor) {
        const std::vector<Note> notes = workers_[survivor].pause();
        hear(survivor, notes);
        if (!notes.empty() && notes.back().kind == Note::Kind::paused) return;
        world_.lose(survivor);
        world_.blame("the other worker died by itself");
    }
    // Kills one worker, or, more rarely, both, so that nobody but the driver mends what they left.
    void kill_some() {
        listen(std::chrono::microseconds(dice_.roll(delay_max_us)));
        const size_t victim = dice_.roll(workers);
        const size_t other = 1 - victim;
        const bool both = dice_.roll(one_in_kills_both) == 0;
        kill(victim);
        if (both) {
            kill(other);
        } else {
            pause(other);
        }
        world_.check();
        workers_[victim] = start(victim);
        if (both) {
            workers_[other] = start(other);
        } else {
            workers_[other].go_on();
        }
    }

    const Options options_;
    const std::string root_;
    const std::vector<Target> targets_;
    World world_;
    Dice dice_;
    std::vector<Worker> workers_;
    uint64_t kills_ = 0;
    double seconds_ = 0;
};

bool parse(int argc, char **argv, Options &options) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i], value = argv[i + 1];
        if (name == "--folder") {
            options.folder = value;
            continue;
        }
        uint64_t *const number = name == "--kills"     ? &options.kills
                                 : name == "--seconds" ? &options.seconds
                                 : name == "--seed"    ? &options.seed
                                                       : nullptr;
        if (number == nullptr) return false;
        const char *const end = value.data() + value.size();
        if (std::from_chars(value.data(), end, *number).ptr != end) return false;
    }
    return argc % 2 == 1;
}

}  // namespace
}  // namespace skillet::kill

int main(int argc, char **argv) {
    skillet::kill::Options options;
    if (!parse(argc, argv, options)) {
        fmt::print(stderr,
                   "usage: kill_test [--kills N | --seconds S] [--seed N] [--folder DIR]\n");
        return 2;
    }
    fmt::print("seed {}\n", options.seed);
    std::fflush(stdout);  // before the first fork
    const skillet::testing::TempDir scratch;
    const std::string folder = options.folder.empty() ? scratch.path() : options.folder;
    skillet::kill::Driver driver(options, folder);
    const bool well = driver.run();
    driver.report();
    return well ? 0 : 1;
}
