// SPDX-License-Identifier: Apache-2.0
// What must be true of the root, by what the workers have said they did.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "assembly/root.h"
#include "plan.h"

namespace skillet::kill {

// How kills of one operation ended.
struct Outcomes {
    uint64_t done = 0;         // times it was acknowledged
    uint64_t interrupted = 0;  // times its worker was killed in it
    uint64_t old_state = 0;    // of those, how often the package was as before
    uint64_t new_state = 0;    // and how often as if it had been done
};

class World {
public:
    explicit World(std::vector<Target> targets);

    // There is nothing here yet: everything is compared with this root from now on.
    void begin(const std::string &root);
    void hear(size_t worker, const Note &note);
    // The worker was killed; what it had begun may or may not have happened.
    void lose(size_t worker);
    // Nobody works meanwhile. Opens the root, compares, installs and removes the driver's package.
    void check();

    void blame(const std::string &what) { violations_.push_back(what); }
    // Everything that was not as it must be; empty if all is well.
    [[nodiscard]] const std::vector<std::string> &violations() const { return violations_; }
    [[nodiscard]] const Outcomes &outcomes(Operation operation) const {
        return outcomes_[static_cast<size_t>(operation)];
    }
    [[nodiscard]] uint64_t lost_between() const { return lost_between_; }
    [[nodiscard]] uint64_t strikes() const { return strikes_; }

private:
    struct Expected {
        bool present = false;
        std::optional<State> parked;  // null: installed or verified
    };

    void check(Root &root);
    void check_target(Root &root, size_t target);
    // `cut` is what was interrupted at this package; null: nothing.
    void check_row(Root &root, const PackageRow &row, Expected &expected, const Note *cut);
    void check_soundness(bool collected);
    void check_next_install(Root &root);
    void expect(bool holds, const std::string &what);
    void expect(const Result<void> &done, const std::string &what);

    std::string root_;
    const std::vector<Target> targets_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    std::vector<Expected> expected_;
    std::array<std::optional<Note>, workers> pending_;
    std::vector<Note> interrupted_;  // since the last check
    std::array<Outcomes, static_cast<size_t>(Operation::count)> outcomes_{};
    uint64_t lost_between_ = 0;
    uint64_t strikes_ = 0;  // packages that were quarantined for two of them
    std::vector<std::string> violations_;
};

}  // namespace skillet::kill
