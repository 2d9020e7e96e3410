// SPDX-License-Identifier: Apache-2.0
// What there is to say about the commands, read from the parser itself: help, manual pages and
// completions are all made from it, so that none of them can differ from what is accepted.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace cli {

// What an argument's value is, as its type name says; completions go by it.
namespace value {
inline constexpr const char *directory = "DIR";
inline constexpr const char *file = "FILE";
inline constexpr const char *id = "ID";        // of an installed skill
inline constexpr const char *skill = "SKILL";  // a reference or a .skill file
}  // namespace value

struct ArgumentFacts {
    std::string name;                    // "SKILL", or the longest spelling: "--model"
    std::vector<std::string> spellings;  // "-m", "--model"; none: it goes by its place
    std::string value;                   // a type name, or "a|b|c" for a closed set; none: a flag
    std::string description;
    bool required = false;
    bool repeated = false;

    // The closed set; empty for all other values.
    [[nodiscard]] std::vector<std::string> choices() const;
};

struct CommandFacts {
    std::string name;     // "run"
    std::string path;     // "skillet run"
    std::string summary;  // what it does, in one line
    std::vector<std::string> examples;
    std::vector<ArgumentFacts> positionals;
    std::vector<ArgumentFacts> options;
    std::vector<ArgumentFacts> inherited;  // options of the commands above it
    std::vector<CommandFacts> commands;    // below it, but for the hidden ones
};

CommandFacts facts_of(const CLI::App &app);

// Admits these values only, and lets the facts know.
void admit_only(CLI::Option *option, const std::vector<std::string> &choices);

}  // namespace cli
