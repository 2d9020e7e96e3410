// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <algorithm>

#include <fmt/format.h>

#include "assembly/root_check.h"

namespace skillet::kill {
namespace {

bool is_out_of_service(Code code) {
    return code == SKL_E_QUARANTINED || code == SKL_E_SUSPENDED || code == SKL_E_RETIRED;
}

// What an operation may answer while others install and remove what it is about.
bool is_expected(Operation operation, Code code) {
    switch (operation) {
        case Operation::install: return code == SKL_OK || is_out_of_service(code);
        case Operation::remove: return code == SKL_OK || code == SKL_E_NOT_FOUND;
        case Operation::verify:
            return code == SKL_OK || code == SKL_E_NOT_FOUND || code == SKL_E_ILLEGAL_TRANSITION;
        case Operation::run:
        case Operation::serve:
            return code == SKL_OK || code == SKL_E_NOT_FOUND || code == SKL_E_NOT_VERIFIED ||
                   is_out_of_service(code) || code == SKL_E_ILLEGAL_TRANSITION;
        default:
            return code == SKL_OK || (trigger_of(operation) && (code == SKL_E_NOT_FOUND ||
                                                                code == SKL_E_ILLEGAL_TRANSITION));
    }
}

// Where an operation leads if it is done; null: nowhere for long.
std::optional<State> parked_by(Operation operation) {
    const auto trigger = trigger_of(operation);
    if (!trigger) return std::nullopt;
    for (const Edge &edge : edges()) {
        if (edge.trigger == *trigger && edge.to != State::installed) return edge.to;
    }
    return std::nullopt;
}

// A state that only its owner ends, or strikes do.
std::optional<State> parked_in(const PackageRow &row) {
    const bool is_in_service = row.state == State::installed || row.state == State::verified;
    return is_in_service ? std::nullopt : std::optional(row.state);
}

bool has_strikes(const PackageRow &row) {
    return row.state == State::quarantined &&
           row.state_reason.find("ended while the engine was at") != std::string::npos;
}

std::string text_of(const Target &target) { return target.id + "@" + target.version; }

}  // namespace

World::World(std::vector<Target> targets) : targets_(std::move(targets)) {}

void World::begin(const std::string &root) {
    root_ = root;
    expected_.assign(targets_.size(), {});
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
    Expected &expected = expected_[note.target];
    if (note.operation == Operation::install) expected.present = true;
    if (note.operation == Operation::remove) expected = {};
    const bool is_change = note.code == SKL_OK && trigger_of(note.operation).has_value();
    if (is_change) expected.parked = parked_by(note.operation);
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
               (note.operation == Operation::install || note.operation == Operation::remove ||
                trigger_of(note.operation));
    });
    Expected &expected = expected_[index];
    const bool was_present = expected.present;
    const bool is_cut = cut != interrupted_.end();
    if (is_cut) {
        const bool is_as_before =
            present == was_present && (!present || parked_in(*row) == expected.parked);
        Outcomes &outcomes = outcomes_[static_cast<size_t>(cut->operation)];
        ++(is_as_before ? outcomes.old_state : outcomes.new_state);
        const bool installs = cut->operation == Operation::install && !was_present;
        const bool removes = cut->operation == Operation::remove && was_present;
        expect(present == was_present || installs || removes,
               "the wrong change of " + text_of(target));
    } else {
        expect(present == was_present,
               fmt::format("{} is {}, and it was acknowledged that it is {}", text_of(target),
                           present ? "there" : "gone", was_present ? "there" : "gone"));
    }
    if (present) check_row(root, *row, expected, is_cut ? &*cut : nullptr);
    expected.present = present;
    if (!present) expected.parked.reset();
}

void World::check_row(Root &root, const PackageRow &row, Expected &expected, const Note *cut) {
    const std::string name = row.id + "@" + row.version;
    if (has_strikes(row)) {
        // Killed twice in the engine with no answer in between: the rule of two strikes.
        ++strikes_;
        expect(root.change_state(row, Trigger::release, "killed by a test").has_value(),
               "release of " + name);
        expected.parked.reset();
    } else {
        const bool is_as_acknowledged = parked_in(row) == expected.parked;
        const bool is_as_interrupted =
            cut != nullptr && parked_in(row) == parked_by(cut->operation);
        expect((is_as_acknowledged || is_as_interrupted) &&
                   (row.state != State::installed || cut != nullptr),
               fmt::format("{} is {}: {}", name, name_of(row.state), row.state_reason));
        expected.parked = parked_in(row);
    }
    const auto now = root.registry().find(row.digest);
    if (!now || !*now) return expect(false, name + " cannot be found by its digest");
    expect(root.verify(**now, {}), "verification of " + name);
    const auto after = root.registry().find(row.digest);
    expect(after && *after && parked_in(**after) == expected.parked, name + " after verification");
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
