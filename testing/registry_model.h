// SPDX-License-Identifier: Apache-2.0
// A model of the registry, which shares no code with it: what is in which state, what serves, and
// what is possible. Each function says whether its operation is legal, and does it if so.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "registry/registry.h"

namespace skillet::testing {

// A package of the model's world; `variant` tells packages apart that claim the same id and
// version. VERSION is a number, so that the model can compare it.
struct Candidate {
    int id = 0;
    int version = 0;
    int variant = 0;

    auto operator<=>(const Candidate &) const = default;

    [[nodiscard]] std::string id_text() const { return "org.example.skill" + std::to_string(id); }
    [[nodiscard]] PackageRow row() const {
        PackageRow row;
        row.id = id_text();
        row.version = "1." + std::to_string(version) + ".0";
        row.digest = sha256(row.id + row.version + std::to_string(variant));
        return row;
    }
    // Its own, one shared by the variants, one shared by the versions.
    [[nodiscard]] std::vector<PackageBlob> blobs() const {
        const std::string version_text = id_text() + std::to_string(version);
        return {{row().digest, 1}, {sha256(version_text), 2}, {sha256(id_text()), 3}};
    }
};

class RegistryModel {
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
        if (!next || (trigger == Trigger::retire && is_in_a_set(candidate))) return false;
        present->second = *next;
        ++changes_;
        return true;
    }

    bool remove(const Candidate &candidate) {
        const auto present = states_.find(candidate);
        if (present == states_.end() || is_in_a_set(candidate)) return false;
        if (present->second != "retired" && present->second != "quarantined") return false;
        states_.erase(present);
        held_back_.erase(candidate);
        ++changes_;
        return true;
    }

    bool retire_and_remove(const Candidate &candidate) {
        if (!is_present(candidate) || is_in_a_set(candidate)) return false;
        (void)transition(candidate, Trigger::retire);
        return remove(candidate);
    }

    // Versions differ, so "as new or newer" is: newer.
    bool serve(const Candidate &candidate) {
        if (state(candidate) != "verified") return false;
        std::erase_if(held_back_, [&](const Candidate &one) { return one.id == candidate.id; });
        for (const auto &[other, state] : states_) {
            if (other.id == candidate.id && candidate < other) held_back_.insert(other);
        }
        ++changes_;
        return true;
    }

    bool save_set(int name) {
        std::set<Candidate> members;
        for (const auto &[candidate, state] : states_) {
            if (current(candidate.id) == candidate) members.insert(candidate);
        }
        if (members.empty()) return false;
        return sets_.try_emplace(name, std::move(members)).second;
    }

    bool restore_set(int name) {
        const auto set = sets_.find(name);
        if (set == sets_.end()) return false;
        const auto is_able = [&](const Candidate &member) { return state(member) == "verified"; };
        if (!std::all_of(set->second.begin(), set->second.end(), is_able)) return false;
        for (const Candidate &member : set->second) {
            if (current(member.id) != member) serve(member);
        }
        return true;
    }

    bool remove_set(int name) { return sets_.erase(name) > 0; }

    [[nodiscard]] bool is_present(const Candidate &candidate) const {
        return states_.contains(candidate);
    }
    [[nodiscard]] std::optional<std::string> state(const Candidate &candidate) const {
        const auto present = states_.find(candidate);
        if (present == states_.end()) return std::nullopt;
        return present->second;
    }

    // The greatest verified version that is not held back.
    [[nodiscard]] std::optional<Candidate> current(int id) const {
        std::optional<Candidate> newest;
        for (const auto &[candidate, state] : states_) {
            const bool is_able = state == "verified" && !held_back_.contains(candidate);
            if (candidate.id == id && is_able) newest = candidate;
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

    // Where a trigger leads; null: nowhere.
    [[nodiscard]] static std::optional<std::string> successor(const std::string &from,
                                                              Trigger trigger) {
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

private:
    [[nodiscard]] bool is_in_a_set(const Candidate &candidate) const {
        return std::any_of(sets_.begin(), sets_.end(),
                           [&](const auto &set) { return set.second.contains(candidate); });
    }

    std::map<std::pair<int, int>, int> bindings_;
    std::map<Candidate, std::string> states_;
    std::set<Candidate> held_back_;
    std::map<int, std::set<Candidate>> sets_;
    int64_t changes_ = 0;
};

}  // namespace skillet::testing
