// SPDX-License-Identifier: Apache-2.0
#include "help.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "error_list.h"
#include "style.h"

namespace cli {
namespace {

constexpr size_t width = 80;
constexpr size_t text_column = 24;

class HelpText : public CLI::FormatterBase {
public:
    std::string make_help(const CLI::App *app, std::string /*name*/,
                          CLI::AppFormatMode /*mode*/) const override {
        return help_text(facts_of(*app));
    }
};

// One line of a list, or two where its heading is long.
std::string entry(const std::string &heading, const std::string &text) {
    std::string out = fmt::format("  {:<{}}", heading, text_column - 2);
    if (heading.size() + 4 > text_column)
        out = fmt::format("  {}\n{:{}}", heading, "", text_column);
    return out + wrapped(text, text_column, text_column, width) + "\n";
}

std::string section(const char *title, const std::vector<ArgumentFacts> &arguments) {
    if (arguments.empty()) return {};
    std::string out = fmt::format("\n{}:\n", title);
    for (const ArgumentFacts &argument : arguments) {
        const char *more = argument.repeated ? " (may be repeated)" : "";
        out += entry(heading_of(argument), argument.description + more);
    }
    return out;
}

// How many letters must change to make one word of the other.
size_t distance(const std::string &one, const std::string &other) {
    std::vector<size_t> row(other.size() + 1);
    for (size_t i = 0; i < row.size(); ++i) row[i] = i;
    for (size_t i = 1; i <= one.size(); ++i) {
        size_t diagonal = std::exchange(row[0], i);
        for (size_t j = 1; j < row.size(); ++j) {
            const size_t replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

// The command that was probably meant; empty if none is near.
std::string nearest(const CommandFacts &facts, const std::string &word) {
    std::string best;
    size_t best_distance = 3;
    for (const CommandFacts &command : facts.commands) {
        const size_t found = distance(word, command.name);
        if (found < best_distance) std::tie(best, best_distance) = std::tie(command.name, found);
    }
    return best;
}

// The command that was being read when the parser gave up.
const CLI::App &parsed_command(const CLI::App &app) {
    const CLI::App *command = &app;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
    return *command;
}

}  // namespace

std::string heading_of(const ArgumentFacts &argument) {
    std::string heading;
    for (const std::string &spelling : argument.spellings) {
        heading += (heading.empty() ? "" : ", ") + spelling;
    }
    if (heading.empty()) return argument.name;
    return argument.value.empty() ? heading : heading + " " + argument.value;
}

std::string usage_line(const CommandFacts &facts) {
    std::string line = facts.path;
    if (!facts.options.empty()) line += " [OPTIONS]";
    for (const ArgumentFacts &argument : facts.positionals) {
        const std::string name = argument.name + (argument.repeated ? "..." : "");
        line += argument.required ? " " + name : " [" + name + "]";
    }
    return facts.commands.empty() ? line : line + " COMMAND";
}

std::string help_text(const CommandFacts &facts) {
    std::string out = fmt::format("{}\n\nUsage: {}\n", facts.summary, usage_line(facts));
    if (!facts.commands.empty()) out += "\nCommands:\n";
    for (const CommandFacts &command : facts.commands) {
        out += entry(command.name, command.summary);
    }
    out += section("Arguments", facts.positionals);
    out += section("Options", facts.options);
    out += section("Options of every command", facts.inherited);
    if (!facts.examples.empty()) out += "\nExamples:\n";
    for (const std::string &example : facts.examples) out += fmt::format("  {}\n", example);
    if (facts.inherited.empty()) {
        out += "\nExit status: " + wrapped(exit_statuses_line(), 13, 2, width) + "\n";
    }
    return out;
}

void install_help(CLI::App &app) {
    app.formatter(std::make_shared<HelpText>());
    app.set_help_flag("-h,--help", "Print this help");
}

Failure usage_failure(const CLI::App &app, const CLI::ParseError &error) {
    const CLI::App &command = parsed_command(app);
    const CommandFacts facts = facts_of(command);
    Failure failure{SKL_E_INVALID_ARGUMENT, error.what(), {}, facts.path + " --help", {}};
    const std::vector<std::string> words = command.remaining();
    if (facts.commands.empty()) return failure;
    const auto word = std::find_if(words.begin(), words.end(), [](const std::string &text) {
        return text.empty() || text.front() != '-';
    });
    if (word == words.end()) {
        if (words.empty()) failure.message = "no command was given";
        return failure;
    }
    failure.message = fmt::format("there is no command '{}'", *word);
    const std::string meant = nearest(facts, *word);
    if (!meant.empty()) failure.hint = fmt::format("{} {}; {}", facts.path, meant, failure.hint);
    return failure;
}

}  // namespace cli
