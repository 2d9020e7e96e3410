// SPDX-License-Identifier: Apache-2.0
// compat, diff: two packages or model files held against each other.
#include <map>
#include <memory>

#include <fmt/format.h>
#include <skillet/authoring/compare.h>

#include "command_facts.h"
#include "commands.h"
#include "package_text.h"
#include "style.h"

namespace cli {
namespace {

constexpr size_t value_columns = 48;

// Enough of a digest to tell it from another; the document has all of it.
std::string short_digest(const std::string &text) {
    constexpr size_t columns = 7 + 12;
    return text.starts_with("sha256:") ? text.substr(0, columns) : text;
}

std::string value_of(const Json &object, const char *member) {
    const std::string text = short_digest(text_of(object, member));
    return text.empty() ? "–" : text;
}

std::string name_of(const Json &side) {
    if (side["id"].is_null()) return text_of(side, "reference");
    return fmt::format("{} {}", text_of(side, "id"), text_of(side, "version"));
}

void print_compatibility(const Json &document) {
    const Style style(stdout);
    const Json &a = document["a"];
    const Json &b = document["b"];
    Table table({"", "A: " + name_of(a), "B: " + name_of(b), ""});
    for (const Json &one : document["components"]) {
        const bool matches = one["matches"].get<bool>();
        const bool decides = one["decides"].get<bool>();
        table.add({text_of(one, "name"), value_of(one, "a"), value_of(one, "b"),
                   matches   ? "matches"
                   : decides ? "DIFFERS"
                             : "differs"});
    }
    const auto key = [](const Json &side) {
        return side["key"].is_null() ? std::string("–") : value_of(side, "key");
    };
    table.add({"key", key(a), key(b), a["key"] == b["key"] && !a["key"].is_null() ? "equal" : ""});
    table.print(stdout);
    const bool compatible = document["compatible"].get<bool>();
    fmt::print("\n{}{}{}\n", compatible ? style.good() : style.bad(), text_of(document, "verdict"),
               style.plain());
    for (const Json &one : document["components"]) {
        if (one["name"] != document["first_mismatch"] || text_of(one, "reason").empty()) continue;
        fmt::print("{}\n", wrapped(text_of(one, "reason"), 0, 0, columns_of(stdout)));
    }
}

// The changes under one rule, one a line.
void print_rule(const std::vector<const Json *> &changes) {
    const Style style(stdout);
    const Json &first = *changes.front();
    const std::string step = text_of(first, "step");
    const char *colour = step == "major"   ? style.bad()
                         : step == "minor" ? style.strong()
                                           : style.dim();
    fmt::print("{}{:<6}{} {}: {}\n", colour, step, style.plain(), text_of(first, "rule"),
               text_of(first, "reason"));
    for (const Json *change : changes) {
        fmt::print("       {}{}{} {} -> {}\n", style.dim(), text_of(*change, "subject"),
                   style.plain(), shorten(value_of(*change, "from"), value_columns),
                   shorten(value_of(*change, "to"), value_columns));
    }
}

void print_diff(const Json &document) {
    const Style style(stdout);
    fmt::print("{}{} {} -> {} {}{}\n\n", style.strong(), text_of(document["a"], "id"),
               text_of(document["a"], "version"), text_of(document["b"], "id"),
               text_of(document["b"], "version"), style.plain());
    for (const char *step : {"major", "minor", "patch"}) {
        std::vector<std::string> rules;  // in the order in which they occur
        std::map<std::string, std::vector<const Json *>> changes;
        for (const Json &change : document["changes"]) {
            if (change["step"] != step) continue;
            auto &same = changes[text_of(change, "rule")];
            if (same.empty()) rules.push_back(text_of(change, "rule"));
            same.push_back(&change);
        }
        for (const std::string &rule : rules) print_rule(changes[rule]);
    }
    if (const auto more = document["tensors_left_out"].get<uint64_t>(); more > 0) {
        fmt::print("       and {} more tensors\n", more);
    }
    const bool enough = document["enough"].get<bool>();
    fmt::print("{}{}{}{}\n", document["changes"].empty() ? "" : "\n",
               enough ? style.good() : style.bad(), text_of(document, "verdict"), style.plain());
}

struct Pair {
    std::string a;
    std::string b;
    bool check = false;
};

void add_pair(CLI::App *command, Pair &pair, const char *what) {
    for (const auto &[name, text] : {std::pair{"A", &pair.a}, std::pair{"B", &pair.b}}) {
        command->add_option(name, *text, what)->required()->type_name(value::skill);
    }
}

}  // namespace

void add_compat(CLI::App &app, Session &session) {
    auto pair = std::make_shared<Pair>();
    CLI::App *command =
        app.add_subcommand("compat", "Say whether two models or adapters fit together");
    add_pair(command, *pair, "ID, ID@VERSION, …, a .skill or a .gguf file");
    command->footer(
        "skillet compat adapter.skill base.gguf\n"
        "skillet compat org.example.mood@1.0.0 org.example.mood@1.1.0\n"
        "skillet compat old.gguf new.gguf --json | jq -r .first_mismatch");
    command->callback([&session, pair] {
        const Json document = session.work_document(
            skl_compare_compatibility, session.runtime().get(), pair->a.c_str(), pair->b.c_str());
        if (!session.print_json(document)) print_compatibility(document);
        if (!document["compatible"].get<bool>()) {
            session.exit_status = skl_status_exit_code(SKL_E_INCOMPATIBLE);
        }
    });
}

void add_diff(CLI::App &app, Session &session) {
    auto pair = std::make_shared<Pair>();
    CLI::App *command =
        app.add_subcommand("diff", "Show what changed, and the version step it deserves");
    add_pair(command, *pair, "ID, ID@VERSION, … or a .skill file");
    command->add_flag("--check", pair->check, "Fail if the step that was taken is too small");
    command->footer(
        "skillet diff org.example.mood@1.0.0 ./org.example.mood-1.1.0.skill\n"
        "skillet diff --check old.skill new.skill");
    command->callback([&session, pair] {
        const Json document = session.work_document(skl_compare_packages, session.runtime().get(),
                                                    pair->a.c_str(), pair->b.c_str());
        if (!session.print_json(document)) print_diff(document);
        if (pair->check && !document["enough"].get<bool>()) {
            session.exit_status = skl_status_exit_code(SKL_E_INCOMPATIBLE);
        }
    });
}

}  // namespace cli
