// SPDX-License-Identifier: Apache-2.0
// help, errors: what the program says about itself.
#include <memory>

#include <fmt/format.h>

#include "commands.h"
#include "error_list.h"
#include "help.h"
#include "style.h"

namespace cli {
namespace {

// The command that the words name, from the program down.
const CLI::App &find_command(const CLI::App &app, const std::vector<std::string> &words) {
    const CLI::App *command = &app;
    for (const std::string &word : words) {
        const auto named = command->get_subcommands(
            [&](const CLI::App *candidate) { return candidate->get_name() == word; });
        if (named.empty()) {
            throw Failure{SKL_E_INVALID_ARGUMENT,
                          fmt::format("there is no command '{}'", word),
                          {},
                          facts_of(*command).path + " --help",
                          {}};
        }
        command = named.front();
    }
    return *command;
}

Json errors_document() {
    Json errors = Json::array();
    for (const ErrorEntry &entry : all_errors()) {
        errors.push_back({{"code", entry.name},
                          {"number", entry.code},
                          {"meaning", entry.meaning},
                          {"exit_status", entry.exit_status},
                          {"retry", retry_name(entry.retry)}});
    }
    return {{"schema", "skillet.errors/1"}, {"errors", std::move(errors)}};
}

void print_errors() {
    Table table({"EXIT", "CODE", "RETRY", "MEANING"});
    for (const ErrorEntry &entry : all_errors()) {
        const bool after_change = entry.retry == SKL_RETRY_AFTER_CHANGE;
        table.add({std::to_string(entry.exit_status), entry.name,
                   after_change ? "after a change" : retry_name(entry.retry), entry.meaning});
    }
    table.print(stdout);
}

}  // namespace

void add_help(CLI::App &app, Session & /*session*/) {
    auto words = std::make_shared<std::vector<std::string>>();
    CLI::App *command = app.add_subcommand("help", "Print the help of a command");
    std::string names;
    for (const CommandFacts &known : facts_of(app).commands) names += known.name + "|";
    command->add_option("COMMAND", *words, "A command (default: the program itself)")
        ->type_name(names);
    command->footer("skillet help run");
    command->callback(
        [&app, words] { fmt::print("{}", help_text(facts_of(find_command(app, *words)))); });
}

void add_errors(CLI::App &app, Session &session) {
    CLI::App *command =
        app.add_subcommand("errors", "List the error codes and the exit status of each");
    command->footer("skillet errors\nskillet errors --json | jq -r '.errors[].code'");
    command->callback([&session] {
        if (!session.print_json(errors_document())) print_errors();
    });
}

}  // namespace cli
