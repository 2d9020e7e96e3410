// SPDX-License-Identifier: Apache-2.0
// What `--help` prints, and what is said to someone who typed a command wrongly.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "command_facts.h"
#include "session.h"

namespace cli {

// The help of a command; that of the program itself also lists the exit statuses.
std::string help_text(const CommandFacts &facts);

// Lets `--help` of the app, and of every command that is added later, print help_text().
void install_help(CLI::App &app);

// "skillet run [OPTIONS] SKILL"
std::string usage_line(const CommandFacts &facts);

// "-m, --model FILE"
std::string heading_of(const ArgumentFacts &argument);

// What was wrong with the arguments, and where to read more.
Failure usage_failure(const CLI::App &app, const CLI::ParseError &error);

}  // namespace cli
