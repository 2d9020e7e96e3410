// SPDX-License-Identifier: Apache-2.0
// The diagram and the tables of docs/lifecycle.md are what the table in state.cpp says. To write
// them anew:
//
//     SKILLET_UPDATE=1 build/dev/src/registry/registry_test --gtest_filter='LifecyclePage*'
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "registry/state.h"

namespace skillet {
namespace {

constexpr const char *page_path = SKILLET_SOURCE_DIR "/docs/lifecycle.md";

// What the table cannot say: who asks, and what must hold.
struct Explanation {
    Trigger trigger;
    const char *who;
    const char *guard;
};
constexpr std::array explanations = {
    Explanation{Trigger::install, "`install`, `pull`",
                "every blob's size and digest checked, synced and promoted; licence allowed"},
    Explanation{Trigger::verify, "after `install`, `pull` and what leads back; `verify`",
                "every claim holds against the bytes; all that it depends on serves"},
    Explanation{Trigger::fail, "verification, a load, a crash",
                "something about the bytes is wrong, or two processes died at them"},
    Explanation{Trigger::suspend, "`suspend`", ""},
    Explanation{Trigger::resume, "`resume`", ""},
    Explanation{Trigger::retire, "`retire`, `remove`",
                "no verified package and no known-good set needs it"},
    Explanation{Trigger::reinstate, "`reinstate`", ""},
    Explanation{Trigger::quarantine, "`quarantine`", "a reason"},
    Explanation{Trigger::release, "`release`; verification of bytes that are whole again",
                "a reason"},
    Explanation{Trigger::rollback, "`rollback`, `known-good restore`",
                "all that it depends on serves"},
    Explanation{Trigger::remove, "`remove`; `gc --retired` if retired",
                "no verified package and no known-good set needs it"},
};

// What each process adds over `verified`, in memory only.
struct OverlayEdge {
    const char *from;
    const char *to;
    const char *trigger;
    const char *guard;
};
constexpr std::array overlay = {
    OverlayEdge{"verified", "resident", "load",
                "bytes reserved in the budget; the digest of the opened file is right; model, "
                "contexts and buffers exist"},
    OverlayEdge{"resident", "active", "first lease", "the package still serves"},
    OverlayEdge{"active", "resident", "last lease ends", ""},
    OverlayEdge{"resident", "verified", "evict", "no lease"},
};

// As a node of the diagram: what is not there is its begin or end.
std::string node(const std::optional<State> &state) { return state ? name_of(*state) : "[*]"; }

std::string inner_node(const std::string &state) { return state == "verified" ? "[*]" : state; }

// Edges between the same two states share an arrow.
std::string diagram() {
    std::string text = "```mermaid\nstateDiagram-v2\n";
    std::vector<std::pair<std::string, std::string>> arrows;
    for (const Edge &edge : edges()) {
        const std::string arrow = node(edge.from) + " --> " + node(edge.to);
        const auto same = std::find_if(arrows.begin(), arrows.end(),
                                       [&](const auto &one) { return one.first == arrow; });
        if (same == arrows.end()) {
            arrows.emplace_back(arrow, name_of(edge.trigger));
        } else {
            same->second += std::string(", ") + name_of(edge.trigger);
        }
    }
    for (const auto &[arrow, triggers] : arrows) {
        text += fmt::format("    {}: {}\n", arrow, triggers);
    }
    text += "    state verified {\n";
    for (const OverlayEdge &edge : overlay) {
        text += fmt::format("        {} --> {}: {}\n", inner_node(edge.from), inner_node(edge.to),
                            edge.trigger);
    }
    return text + "    }\n```\n";
}

std::string table() {
    std::string text = "| from | trigger | to | who | guard |\n|---|---|---|---|---|\n";
    const auto name = [](const std::optional<State> &state) {
        return state ? name_of(*state) : "–";
    };
    for (const Edge &edge : edges()) {
        const auto why = std::find_if(explanations.begin(), explanations.end(),
                                      [&](const auto &one) { return one.trigger == edge.trigger; });
        if (why == explanations.end())
            return "no explanation of " + std::string(name_of(edge.trigger));
        text += fmt::format("| {} | {} | {} | {} | {} |\n", name(edge.from), name_of(edge.trigger),
                            name(edge.to), why->who, why->guard);
    }
    return text;
}

std::string overlay_table() {
    std::string text = "| from | trigger | to | guard |\n|---|---|---|---|\n";
    for (const OverlayEdge &edge : overlay) {
        text +=
            fmt::format("| {} | {} | {} | {} |\n", edge.from, edge.trigger, edge.to, edge.guard);
    }
    return text;
}

// The page with the text between the marks of `name` replaced.
std::string with_part(const std::string &page, const std::string &name, const std::string &text) {
    const std::string begin = "<!-- " + name + ", from src/registry/state.cpp -->\n";
    const std::string end = "<!-- end -->\n";
    const size_t from = page.find(begin);
    const size_t to = from == std::string::npos ? from : page.find(end, from);
    if (to == std::string::npos) return "no marks around '" + name + "'";
    return page.substr(0, from) + begin + "\n" + text + "\n" + page.substr(to);
}

TEST(LifecyclePage, is_what_the_table_says) {
    std::ostringstream read;
    read << std::ifstream(page_path).rdbuf();
    std::string expected = with_part(read.str(), "diagram", diagram());
    expected = with_part(expected, "table", table());
    expected = with_part(expected, "overlay", overlay_table());
    if (std::getenv("SKILLET_UPDATE") != nullptr) {
        std::ofstream(page_path) << expected;
        return;
    }
    EXPECT_EQ(read.str(), expected) << "the head of this file says how to write it anew";
}

}  // namespace
}  // namespace skillet
