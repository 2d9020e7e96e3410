// SPDX-License-Identifier: Apache-2.0
#include "registry/state.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

namespace skillet {
namespace {

// The table of the design, written down a second time and the other way round: for each state, its
// successors by name. A pair that is missing here is illegal.
using Successors = std::map<std::string, std::string>;
const std::map<std::string, Successors> expected = {
    {"", {{"install", "installed"}}},
    {"installed",
     {{"verify", "verified"},
      {"fail", "quarantined"},
      {"quarantine", "quarantined"},
      {"retire", "retired"}}},
    {"verified",
     {{"suspend", "suspended"},
      {"fail", "quarantined"},
      {"quarantine", "quarantined"},
      {"retire", "retired"},
      {"rollback", "verified"}}},
    {"suspended",
     {{"resume", "installed"},
      {"fail", "quarantined"},
      {"quarantine", "quarantined"},
      {"retire", "retired"}}},
    {"retired",
     {{"reinstate", "installed"},
      {"fail", "quarantined"},
      {"quarantine", "quarantined"},
      {"remove", ""}}},
    {"quarantined", {{"release", "installed"}, {"remove", ""}}},
};

constexpr std::array triggers = {Trigger::install,   Trigger::verify,     Trigger::fail,
                                 Trigger::suspend,   Trigger::resume,     Trigger::retire,
                                 Trigger::reinstate, Trigger::quarantine, Trigger::release,
                                 Trigger::rollback,  Trigger::remove};

TEST(State, follows_the_table_for_every_state_and_trigger) {
    size_t legal = 0;
    for (const auto &[from_name, successors] : expected) {
        const std::optional<State> from = state_of(from_name);
        ASSERT_EQ(from.has_value(), !from_name.empty());
        for (const Trigger trigger : triggers) {
            const Result<Edge> edge = edge_for(from, trigger);
            const auto successor = successors.find(name_of(trigger));
            ASSERT_EQ(edge.has_value(), successor != successors.end())
                << from_name << " " << name_of(trigger);
            if (!edge) {
                EXPECT_EQ(edge.error().code, SKL_E_ILLEGAL_TRANSITION);
                continue;
            }
            ++legal;
            EXPECT_EQ(edge->from, from);
            EXPECT_EQ(edge->trigger, trigger);
            EXPECT_EQ(edge->to ? name_of(*edge->to) : "", successor->second);
        }
    }
    EXPECT_EQ(legal, edges().size());
}

TEST(State, names_both_states_the_trigger_and_what_is_possible) {
    const Error error = edge_for(State::suspended, Trigger::verify).error();
    EXPECT_EQ(error.message, "a package that is suspended cannot become verified by 'verify'");
    EXPECT_EQ(error.hint, "possible now: resume, quarantine, retire");
    EXPECT_EQ(edge_for(std::nullopt, Trigger::remove).error().message,
              "a package that is absent cannot become removed by 'remove'");
    EXPECT_EQ(edge_for(std::nullopt, Trigger::retire).error().hint, "possible now: install");
}

TEST(State, leads_each_trigger_to_one_place) {
    std::map<Trigger, std::optional<State>> targets;
    for (const Edge &edge : edges()) {
        const auto [entry, is_new] = targets.emplace(edge.trigger, edge.to);
        EXPECT_EQ(entry->second, edge.to) << name_of(edge.trigger);
    }
    EXPECT_EQ(targets.size(), triggers.size());
}

TEST(State, has_names_that_lead_back) {
    for (const State state : {State::installed, State::verified, State::suspended, State::retired,
                              State::quarantined}) {
        EXPECT_EQ(state_of(name_of(state)), state);
    }
    EXPECT_EQ(state_of(""), std::nullopt);
    EXPECT_EQ(state_of("Verified"), std::nullopt);
}

TEST(State, lets_only_verified_packages_serve) {
    EXPECT_TRUE(check_serves(State::verified, "org.example.a"));
    const std::map<State, Code> refusals = {{State::installed, SKL_E_NOT_VERIFIED},
                                            {State::suspended, SKL_E_SUSPENDED},
                                            {State::retired, SKL_E_RETIRED},
                                            {State::quarantined, SKL_E_QUARANTINED}};
    for (const auto &[state, code] : refusals) {
        const Result<void> serves = check_serves(state, "org.example.a");
        ASSERT_FALSE(serves);
        EXPECT_EQ(serves.error().code, code);
        EXPECT_EQ(serves.error().subject, "org.example.a");
        EXPECT_FALSE(serves.error().hint.empty());
    }
}

}  // namespace
}  // namespace skillet
