// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <algorithm>

#include <fmt/format.h>

#include "assembly/root_check.h"

namespace skillet::kill {
namespace {

// What an operation may answer while others install and remove what it is about.
bool is_expected(Operation operation, Code code) {
    switch (operation) {
        case Operation::install: return code == SKL_OK || code == SKL_E_QUARANTINED;
        case Operation::remove:
        case Operation::verify: return code == SKL_OK || code == SKL_E_NOT_FOUND;
        case Operation::run:
        case Operation::serve:
            return code == SKL_OK || code == SKL_E_NOT_FOUND || code == SKL_E_NOT_VERIFIED ||
                   code == SKL_E_QUARANTINED || code == SKL_E_ILLEGAL_TRANSITION;
        default: return code == SKL_OK;
    }
}

std::string text_of(const Target &target) { return target.id + "@" + target.version; }

}  // namespace

World::World(std::vector<Target> targets) : targets_(std::move(targets)) {}

void World::begin(const std::string &root) {
    root_ = root;
    expected_.assign(targets_.size(), Expected::absent);
    check();
}

void World::expect(bool holds, const std::string &what) {
    if (!holds) violations_.push_back(what);
}

void World::expect(const Result<void> &done, const std::string &what) {
    if (done) return;
    violations_.push_back(
        fmt::format("{}: {} ({})", what, done.error().message, done.error().subject));
}

void World::hear(size_t worker, const Note &note) {
    if (note.kind == Note::Kind::paused) return;
    if (note.kind == Note::Kind::begun) {
        pending_[worker] = note;
        return;
    }
    pending_[worker].reset();
    ++outcomes_[static_cast<size_t>(note.operation)].done;
    expect(is_expected(note.operation, note.code),
           fmt::format("{} of {} gave {}", name_of(note.operation), text_of(targets_[note.target]),
                       code_info(note.code).name));
    if (note.operation == Operation::install) expected_[note.target] = Expected::present;
    if (note.operation == Operation::remove) expected_[note.target] = Expected::absent;
}

void World::lose(size_t worker) {
    if (!pending_[worker]) {
        ++lost_between_;
        return;
    }
    interrupted_.push_back(*pending_[worker]);
    ++outcomes_[static_cast<size_t>(pending_[worker]->operation)].interrupted;
    pending_[worker].reset();
}

void World::check() {
    const auto root = Root::open(*files_, root_, "driver");
    if (!root) {
        expect(root.error(), "the root does not open");
        return;
    }
    check(**root);
    interrupted_.clear();
}

void World::check(Root &root) {
    check_soundness(/*collected=*/false);
    for (size_t target = 0; target < targets_.size(); ++target) check_target(root, target);
    const auto collected = root.collect({.grace = std::chrono::seconds(0)}, {});
    if (!collected) expect(collected.error(), "collect");
    check_soundness(/*collected=*/true);
    check_next_install(root);
}

void World::check_target(Root &root, size_t index) {
    const Target &target = targets_[index];
    const auto versions = root.registry().versions(target.id);
    if (!versions) return expect(versions.error(), "versions of " + target.id);
    const auto row = std::find_if(versions->begin(), versions->end(), [&](const PackageRow &known) {
        return known.version == target.version;
    });
    const bool present = row != versions->end();
    const auto cut = std::find_if(interrupted_.begin(), interrupted_.end(), [&](const Note &note) {
        return note.target == index &&
               (note.operation == Operation::install || note.operation == Operation::remove);
    });
    Expected &expected = expected_[index];
    const bool was_present = expected == Expected::present;
    if (cut != interrupted_.end()) {
        Outcomes &outcomes = outcomes_[static_cast<size_t>(cut->operation)];
        ++(present == was_present ? outcomes.old_state : outcomes.new_state);
        const bool allowed = cut->operation == Operation::install ? !was_present : was_present;
        expect(present == was_present || allowed, "the wrong change of " + text_of(target));
    } else {
        expect(present == was_present,
               fmt::format("{} is {}, and it was acknowledged that it is {}", text_of(target),
                           present ? "there" : "gone", was_present ? "there" : "gone"));
    }
    expected = present ? Expected::present : Expected::absent;
    if (present) check_row(root, *row, cut != interrupted_.end());
}

void World::check_row(Root &root, const PackageRow &row, bool interrupted) {
    const std::string name = row.id + "@" + row.version;
    if (row.state == State::quarantined) {
        // Killed twice in the engine with no answer in between: the rule of two strikes.
        expect(row.state_reason.find("ended while the engine was at") != std::string::npos,
               name + " is quarantined: " + row.state_reason);
        ++strikes_;
        expect(root.change_state(row, Trigger::release, "killed by a test").has_value(),
               "release of " + name);
    } else {
        expect(row.state == State::verified || (row.state == State::installed && interrupted),
               fmt::format("{} is {}: {}", name, name_of(row.state), row.state_reason));
    }
    const auto now = root.registry().find(row.digest);
    if (!now || !*now) return expect(false, name + " cannot be found by its digest");
    expect(root.verify(**now, {}), "verification of " + name);
}

// Database, ledger, index, documents and blobs; once collected, not even what nobody needs is left.
void World::check_soundness(bool collected) {
    const auto check = check_root(*files_, root_, {});
    if (!check) return expect(check.error(), "fsck");
    for (const RootFinding &finding : check->findings) {
        expect(finding.is_harmless() && !collected,
               fmt::format("fsck{}: {}: {} ({})", collected ? ", collected" : "",
                           name_of(finding.fault), finding.text, finding.subject));
    }
}

void World::check_next_install(Root &root) {
    const Target &own = targets_.back();
    const auto row = root.install(own.archive, {});
    if (!row) return expect(row.error(), "the next install");
    expect(row->state == State::verified, "the next install is verified");
    expect(root.remove(*row, "the driver's own"), "the next removal");
}

}  // namespace skillet::kill
