// SPDX-License-Identifier: Apache-2.0
// config, doctor: what the program works with, and what is wrong with it.
#include <fmt/format.h>

#include "commands.h"
#include "style.h"

namespace cli {
namespace {

std::string text_of(const Json &row, const char *name) { return row[name].get<std::string>(); }

// The library knows log_format from the environment and the file; the flag is ours.
Json with_own_flags(Json document, const GlobalOptions &options) {
    for (Json &row : document["settings"]) {
        if (row["name"] != "log_format" || options.log_format.empty()) continue;
        row["value"] = options.log_format;
        row["source"] = "option";
    }
    return document;
}

void print_settings(const Json &document) {
    Table table({"SETTING", "FROM", "VALUE"});
    for (const Json &row : document["settings"]) {
        table.add({text_of(row, "name"), text_of(row, "source"), text_of(row, "value")});
    }
    table.print(stdout);
    const std::string file = text_of(document, "config");
    fmt::print("\nsettings file: {}\n", file.empty() ? "none" : printable(file));
}

void print_diagnosis(const Json &document) {
    const Style style(stdout);
    for (const Json &row : document["checks"]) {
        const std::string health = text_of(row, "health");
        const char *colour = health == "good" ? style.good() : style.bad();
        fmt::print("{}{:<8}{} {:<9} {}\n", colour, health, style.plain(), text_of(row, "check"),
                   printable(text_of(row, "finding")));
        const std::string hint = text_of(row, "hint");
        if (!hint.empty()) fmt::print("{:<18} try: {}\n", "", printable(hint));
    }
}

}  // namespace

void add_config(CLI::App &app, Session &session) {
    CLI::App *command = app.add_subcommand("config", "Show each setting and where it came from");
    command->footer(
        "skillet config\n"
        "skillet config --budget 2G --json");
    command->callback([&session] {
        const Json document = with_own_flags(
            session.document_of(skl_runtime_settings, session.runtime().get()), session.options);
        if (!session.print_json(document)) print_settings(document);
    });
}

void add_doctor(CLI::App &app, Session &session) {
    CLI::App *command =
        app.add_subcommand("doctor", "Find what is wrong with machine, build and root");
    command->footer(
        "skillet doctor\n"
        "skillet doctor --root /srv/skills --json");
    command->callback([&session] {
        const Json document = session.document_of(skl_runtime_diagnose, session.runtime().get());
        if (!session.print_json(document)) print_diagnosis(document);
        session.exit_status = skl_status_exit_code(document["number"].get<skl_status>());
    });
}

}  // namespace cli
