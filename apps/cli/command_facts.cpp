// SPDX-License-Identifier: Apache-2.0
#include "command_facts.h"

namespace cli {
namespace {

std::vector<std::string> split(const std::string &text, char separator) {
    std::vector<std::string> parts;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find(separator, at), text.size());
        if (end > at) parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

ArgumentFacts facts_of(const CLI::Option &option) {
    ArgumentFacts facts;
    facts.description = option.get_description();
    facts.required = option.get_required();
    const bool takes_value = option.get_items_expected_max() > 0;
    // What validators add to the type's name is a matter of the parser.
    if (takes_value) facts.value = split(option.get_type_name() + ":", ':').front();
    facts.repeated = takes_value && option.get_items_expected_max() > 1;
    for (const std::string &name : option.get_snames()) facts.spellings.push_back("-" + name);
    for (const std::string &name : option.get_lnames()) facts.spellings.push_back("--" + name);
    facts.name = option.nonpositional() ? facts.spellings.back() : option.get_name(true);
    return facts;
}

const auto everything = [](const auto *) { return true; };

}  // namespace

std::vector<std::string> ArgumentFacts::choices() const {
    if (value.find('|') == std::string::npos) return {};
    return split(value, '|');
}

CommandFacts facts_of(const CLI::App &app) {
    CommandFacts facts;
    facts.name = facts.path = app.get_name();
    for (const CLI::App *above = app.get_parent(); above != nullptr; above = above->get_parent()) {
        facts.path = above->get_name() + " " + facts.path;
        for (const CLI::Option *option : above->get_options(everything)) {
            const bool own = option == above->get_help_ptr() || option == above->get_version_ptr();
            if (!own) facts.inherited.push_back(facts_of(*option));
        }
    }
    facts.summary = app.get_description();
    facts.examples = split(app.get_footer(), '\n');
    for (const CLI::Option *option : app.get_options(everything)) {
        auto &list = option->nonpositional() ? facts.options : facts.positionals;
        list.push_back(facts_of(*option));
    }
    for (const CLI::App *command : app.get_subcommands(everything)) {
        if (!command->get_group().empty()) facts.commands.push_back(facts_of(*command));
    }
    return facts;
}

void admit_only(CLI::Option *option, const std::vector<std::string> &choices) {
    std::string name;
    for (const std::string &choice : choices) name += (name.empty() ? "" : "|") + choice;
    option->check(CLI::IsMember(choices))->type_name(name);
}

}  // namespace cli
