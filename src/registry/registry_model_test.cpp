// SPDX-License-Identifier: Apache-2.0
// Random operations against a model, in one process: the table alone, and the registry on its
// database. A disagreement is shrunk to a short sequence and printed.
//
//     SKILLET_STEPS=1000000 SKILLET_SEED=7 registry_test --gtest_filter='RegistryModel*'
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>

#include "testing/registered.h"
#include "testing/registry_model.h"
#include "testing/shrink.h"

namespace skillet {
namespace {

using testing::Candidate;
using testing::RegistryModel;

constexpr int id_count = 3;
constexpr int version_count = 4;
constexpr int set_count = 2;
// Each on a registry of its own, so that a failure is close to what made it.
constexpr size_t steps_per_registry = 1'000;

size_t setting(const char *name, size_t otherwise) {
    const char *text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

enum class Operation { add, transition, serve, remove, retire_and_remove, save, restore, forget };

struct Step {
    Operation operation = Operation::add;
    Trigger trigger = Trigger::verify;  // of a transition
    Candidate candidate;
    int set = 0;
};

std::ostream &operator<<(std::ostream &out, const Step &step) {
    constexpr std::array names = {"add",  "transition", "serve", "remove", "retire and remove",
                                  "save", "restore",    "forget"};
    out << names.at(static_cast<size_t>(step.operation));
    if (step.operation >= Operation::save) return out << " the set " << step.set;
    if (step.operation == Operation::transition) out << " '" << name_of(step.trigger) << "'";
    const PackageRow row = step.candidate.row();
    return out << " " << row.id << "@" << row.version
               << (step.candidate.variant == 0 ? "" : " (an impostor)");
}

std::vector<Step> random_steps(uint64_t seed, size_t count) {
    std::mt19937_64 random(seed);
    const auto below = [&](int end) { return static_cast<int>(random() % uint64_t(end)); };
    // Additions and verifications often, so that there is something to work on.
    constexpr std::array operations = {Operation::add,
                                       Operation::add,
                                       Operation::add,
                                       Operation::transition,
                                       Operation::transition,
                                       Operation::transition,
                                       Operation::transition,
                                       Operation::transition,
                                       Operation::transition,
                                       Operation::serve,
                                       Operation::serve,
                                       Operation::remove,
                                       Operation::save,
                                       Operation::restore,
                                       Operation::forget,
                                       Operation::forget,
                                       Operation::retire_and_remove};
    constexpr std::array triggers = {Trigger::verify,     Trigger::verify,    Trigger::verify,
                                     Trigger::fail,       Trigger::resume,    Trigger::suspend,
                                     Trigger::retire,     Trigger::reinstate, Trigger::verify,
                                     Trigger::quarantine, Trigger::release,   Trigger::release};
    std::vector<Step> steps(count);
    for (Step &step : steps) {
        step.operation = operations.at(static_cast<size_t>(below(int{operations.size()})));
        step.trigger = triggers.at(static_cast<size_t>(below(int{triggers.size()})));
        step.candidate = {below(id_count), below(version_count), below(8) / 7};
        step.set = below(set_count);
    }
    return steps;
}

// A registry and its model, which are asked the same.
class Pair {
public:
    // What they do not agree about; empty if they agree.
    std::string perform(const Step &step) {
        const std::set<Digest> before = model_.blobs();
        const bool is_legal = ask_model(step);
        std::vector<Digest> unreachable;
        const Result<void> done = ask_registry(step, unreachable);
        if (done.has_value() != is_legal) {
            return is_legal ? "refused: " + done.error().message : "allowed, though illegal";
        }
        const std::set<Digest> after = model_.blobs();
        std::vector<Digest> lost;
        std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                            std::back_inserter(lost));
        if (lost != unreachable) return "other blobs became unreachable";
        return compare(step.candidate);
    }
    [[nodiscard]] std::string compare_all() const {
        if (registry_.list()->size() != model_.size()) return "another number of packages";
        const Result<void> verified = registry_.verify_ledger();
        return verified ? "" : verified.error().message;
    }
    [[nodiscard]] int64_t changes() const { return model_.changes(); }

private:
    bool ask_model(const Step &step) {
        switch (step.operation) {
            case Operation::add: return model_.add(step.candidate);
            case Operation::transition: return model_.transition(step.candidate, step.trigger);
            case Operation::serve: return model_.serve(step.candidate);
            case Operation::remove: return model_.remove(step.candidate);
            case Operation::retire_and_remove: return model_.retire_and_remove(step.candidate);
            case Operation::save: return model_.save_set(step.set);
            case Operation::restore: return model_.restore_set(step.set);
            case Operation::forget: return model_.remove_set(step.set);
        }
        return false;
    }
    Result<void> ask_registry(const Step &step, std::vector<Digest> &unreachable) {
        const PackageRow row = step.candidate.row();
        const std::string set = "set" + std::to_string(step.set);
        const auto remove = [&](Result<std::vector<Digest>> blobs) -> Result<void> {
            if (!blobs) return blobs.error();
            unreachable = *std::move(blobs);
            return {};
        };
        switch (step.operation) {
            case Operation::add: return registry_.add(row, step.candidate.blobs());
            case Operation::transition: {
                SKL_TRY(registry_.transition(row.digest, step.trigger, "random"));
                return {};
            }
            case Operation::serve: return registry_.serve(row.digest, "random");
            case Operation::remove: return remove(registry_.remove(row.digest, "random"));
            case Operation::retire_and_remove:
                return remove(registry_.retire_and_remove(row.digest, "random"));
            case Operation::save: return registry_.save_known_good(set, "random");
            case Operation::restore: return registry_.restore_known_good(set, "random");
            case Operation::forget: return registry_.remove_known_good(set);
        }
        return {};
    }
    [[nodiscard]] std::string compare(const Candidate &candidate) const {
        const std::optional<PackageRow> found = *registry_.find(candidate.row().digest);
        const std::optional<std::string> state = model_.state(candidate);
        const std::string is = found ? name_of(found->state) : "absent";
        if (is != state.value_or("absent")) return "it is " + is;
        const std::optional<Candidate> current = model_.current(candidate.id);
        const std::optional<Digest> wanted =
            current ? std::optional(current->row().digest) : std::nullopt;
        if (*registry_.current(candidate.id_text()) != wanted) return "another version serves";
        if (*registry_.generation() != model_.changes()) return "another generation";
        return "";
    }

    Registry registry_ = testing::registry_in_memory();
    RegistryModel model_;
};

struct Outcome {
    size_t steps = 0;        // performed
    std::string difference;  // of the last one; empty: none
    int64_t changes = 0;
};

Outcome perform(const std::vector<Step> &steps) {
    Pair pair;
    Outcome outcome;
    for (const Step &step : steps) {
        ++outcome.steps;
        outcome.difference = pair.perform(step);
        if (!outcome.difference.empty()) return outcome;
    }
    outcome.difference = pair.compare_all();
    outcome.changes = pair.changes();
    return outcome;
}

void report(std::vector<Step> steps, const Outcome &outcome, uint64_t seed) {
    steps.resize(outcome.steps);
    const auto fails = [](const std::vector<Step> &some) {
        return !perform(some).difference.empty();
    };
    steps = testing::shortest_failing<Step>(std::move(steps), fails);
    auto failure = ::testing::AssertionFailure() << "seed " << seed << "; the shortest sequence:\n";
    for (const Step &step : steps) failure << "  " << step << "\n";
    EXPECT_TRUE(failure << "  then: " << perform(steps).difference);
}

TEST(RegistryModel, agrees_after_every_one_of_many_random_operations) {
    const size_t wanted = setting("SKILLET_STEPS", 24'000);
    uint64_t seed = setting("SKILLET_SEED", 20260131);
    int64_t changes = 0;
    for (size_t done = 0; done < wanted; done += steps_per_registry, ++seed) {
        const std::vector<Step> steps = random_steps(seed, steps_per_registry);
        const Outcome outcome = perform(steps);
        changes += outcome.changes;
        if (!outcome.difference.empty()) return report(steps, outcome, seed);
    }
    EXPECT_GT(changes, static_cast<int64_t>(wanted / 8)) << "most of it was refused";
}

// The table alone, without a database: fast enough for a million steps each time.
TEST(RegistryModel, agrees_with_the_table_over_a_million_steps) {
    constexpr int steps = 1'000'000;
    constexpr std::array triggers = {Trigger::verify,  Trigger::fail,      Trigger::suspend,
                                     Trigger::resume,  Trigger::retire,    Trigger::reinstate,
                                     Trigger::release, Trigger::quarantine};
    std::mt19937_64 random(setting("SKILLET_SEED", 20260131));
    State state = State::installed;
    int taken = 0;
    for (int step = 0; step < steps; ++step) {
        const Trigger trigger = triggers.at(random() % triggers.size());
        const auto expected = RegistryModel::successor(name_of(state), trigger);
        const Result<Edge> edge = edge_for(state, trigger);
        ASSERT_EQ(edge.has_value(), expected.has_value())
            << "step " << step << ": " << name_of(state) << ", '" << name_of(trigger) << "'";
        if (!edge) continue;
        ASSERT_EQ(name_of(*edge->to), *expected);
        state = *edge->to;
        ++taken;
    }
    EXPECT_GT(taken, steps / 5);
}

TEST(RegistryModel, shrinks_a_failing_sequence_to_what_it_takes) {
    const auto fails = [](const std::vector<int> &steps) {
        const auto seven = std::find(steps.begin(), steps.end(), 7);
        return std::count(seven, steps.end(), 3) >= 2;
    };
    std::vector<int> steps(500);
    for (size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<int>(i % 9);
    EXPECT_EQ(testing::shortest_failing<int>(steps, fails), (std::vector<int>{7, 3, 3}));
}

}  // namespace
}  // namespace skillet
