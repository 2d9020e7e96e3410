// SPDX-License-Identifier: Apache-2.0
// Random operations against a model of the table of transitions that shares no code with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "registry/registry.h"
#include "testing/registered.h"

namespace skillet {
namespace {

constexpr int steps = 24'000;
constexpr int id_count = 3;
constexpr int version_count = 4;  // VERSION is a number here, so that the model can compare it

std::string id_text(int id) { return "org.example.skill" + std::to_string(id); }

// A package of the world; `variant` tells packages apart that claim the same id and version.
struct Candidate {
    int id;
    int version;
    int variant;

    auto operator<=>(const Candidate &) const = default;

    [[nodiscard]] PackageRow row() const {
        PackageRow row;
        row.id = id_text(id);
        row.version = "1." + std::to_string(version) + ".0";
        row.digest = sha256(row.id + row.version + std::to_string(variant));
        return row;
    }
    // Its own, one shared by the variants, one shared by the versions.
    [[nodiscard]] std::vector<PackageBlob> blobs() const {
        const std::string version_text = id_text(id) + std::to_string(version);
        return {{row().digest, 1}, {sha256(version_text), 2}, {sha256(id_text(id)), 3}};
    }
};

class Model {
public:
    bool add(const Candidate &candidate) {
        const auto [bound, is_new] =
            bindings_.try_emplace({candidate.id, candidate.version}, candidate.variant);
        if (bound->second != candidate.variant) return false;
        const auto present = states_.find(candidate);
        if (present != states_.end()) return present->second != "retired";
        states_[candidate] = "installed";
        ++changes_;
        return true;
    }

    bool transition(const Candidate &candidate, Trigger trigger) {
        const auto present = states_.find(candidate);
        if (present == states_.end()) return false;
        const std::optional<std::string> next = successor(present->second, trigger);
        if (!next) return false;
        present->second = *next;
        ++changes_;
        return true;
    }

    bool remove(const Candidate &candidate) {
        const auto present = states_.find(candidate);
        if (present == states_.end()) return false;
        if (present->second != "retired" && present->second != "quarantined") return false;
        states_.erase(present);
        held_back_.erase(candidate);
        ++changes_;
        return true;
    }

    // Versions differ, so "as new or newer" is: newer.
    bool serve(const Candidate &candidate) {
        const auto present = states_.find(candidate);
        if (present == states_.end() || present->second != "verified") return false;
        std::erase_if(held_back_, [&](const Candidate &one) { return one.id == candidate.id; });
        for (const auto &[other, state] : states_) {
            if (other.id == candidate.id && candidate < other) held_back_.insert(other);
        }
        ++changes_;
        return true;
    }

    [[nodiscard]] std::optional<std::string> state(const Candidate &candidate) const {
        const auto present = states_.find(candidate);
        if (present == states_.end()) return std::nullopt;
        return present->second;
    }

    // The greatest verified version that is not held back.
    [[nodiscard]] std::optional<Digest> current(int id) const {
        std::optional<Digest> newest;
        for (const auto &[candidate, state] : states_) {
            const bool is_able = state == "verified" && !held_back_.contains(candidate);
            if (candidate.id == id && is_able) newest = candidate.row().digest;
        }
        return newest;
    }

    [[nodiscard]] std::set<Digest> blobs() const {
        std::set<Digest> blobs;
        for (const auto &[candidate, state] : states_) {
            for (const PackageBlob &blob : candidate.blobs()) blobs.insert(blob.digest);
        }
        return blobs;
    }

    [[nodiscard]] int64_t changes() const { return changes_; }
    [[nodiscard]] size_t size() const { return states_.size(); }

private:
    static std::optional<std::string> successor(const std::string &from, Trigger trigger) {
        const bool is_live = from == "installed" || from == "verified" || from == "suspended";
        const auto when = [](bool allowed, const char *to) {
            return allowed ? std::optional<std::string>(to) : std::nullopt;
        };
        switch (trigger) {
            case Trigger::verify: return when(from == "installed", "verified");
            case Trigger::suspend: return when(from == "verified", "suspended");
            case Trigger::resume: return when(from == "suspended", "installed");
            case Trigger::retire: return when(is_live, "retired");
            case Trigger::reinstate: return when(from == "retired", "installed");
            case Trigger::release: return when(from == "quarantined", "installed");
            case Trigger::fail:
            case Trigger::quarantine: return when(from != "quarantined", "quarantined");
            case Trigger::install:
            case Trigger::rollback:
            case Trigger::remove: break;
        }
        return std::nullopt;
    }

    std::map<std::pair<int, int>, int> bindings_;
    std::map<Candidate, std::string> states_;
    std::set<Candidate> held_back_;
    int64_t changes_ = 0;
};

// Removes from both and compares what became unreachable.
void remove_from_both(Registry &registry, Model &model, const Candidate &candidate) {
    const std::set<Digest> before = model.blobs();
    const bool is_legal = model.remove(candidate);
    const auto removed = registry.remove(candidate.row().digest, "random");
    ASSERT_EQ(removed.has_value(), is_legal);
    if (!is_legal) return;
    std::vector<Digest> expected;
    const std::set<Digest> after = model.blobs();
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(expected));
    ASSERT_EQ(*removed, expected);
}

void compare(const Registry &registry, const Model &model, const Candidate &candidate) {
    const std::optional<PackageRow> found = *registry.find(candidate.row().digest);
    const std::optional<std::string> state = model.state(candidate);
    ASSERT_EQ(found.has_value(), state.has_value());
    if (found) {
        ASSERT_EQ(name_of(found->state), *state);
    }
    ASSERT_EQ(*registry.current(id_text(candidate.id)), model.current(candidate.id));
    ASSERT_EQ(*registry.generation(), model.changes());
}

TEST(RegistryModel, agrees_after_every_one_of_many_random_operations) {
    constexpr unsigned seed = 20260131;
    std::mt19937 random(seed);
    const auto below = [&](int end) { return static_cast<int>(random() % unsigned(end)); };
    Registry registry = testing::registry_in_memory();
    Model model;
    for (int step = 0; step < steps; ++step) {
        // A few impostors; additions often, so that there is something to work on.
        const Candidate candidate{below(id_count), below(version_count), below(8) / 7};
        const int operation = below(16);
        SCOPED_TRACE(step);
        if (operation < 3) {
            const bool is_legal = model.add(candidate);
            ASSERT_EQ(registry.add(candidate.row(), candidate.blobs()).has_value(), is_legal);
        } else if (operation == 3) {
            ASSERT_NO_FATAL_FAILURE(remove_from_both(registry, model, candidate));
        } else if (operation >= 14) {
            const bool is_legal = model.serve(candidate);
            ASSERT_EQ(registry.serve(candidate.row().digest, "random").has_value(), is_legal);
        } else {
            const auto trigger = static_cast<Trigger>(operation - 4);
            const bool is_legal = model.transition(candidate, trigger);
            const Digest digest = candidate.row().digest;
            ASSERT_EQ(registry.transition(digest, trigger, "random").has_value(), is_legal);
        }
        ASSERT_NO_FATAL_FAILURE(compare(registry, model, candidate));
    }
    EXPECT_EQ(registry.list()->size(), model.size());
    EXPECT_GT(model.changes(), steps / 10);
    const Result<void> verified = registry.verify_ledger();
    EXPECT_TRUE(verified) << verified.error().message;
}

}  // namespace
}  // namespace skillet
