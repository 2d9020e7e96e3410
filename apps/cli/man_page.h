// SPDX-License-Identifier: Apache-2.0
// Manual pages in man(7), made from the description of the commands.
#pragma once

#include <string>

#include "command_facts.h"

namespace cli {

// "skillet-run", of "skillet run".
std::string man_page_name(const CommandFacts &command);

// The page of a command. `version` is the program's.
std::string man_page(const CommandFacts &command, const std::string &version);

}  // namespace cli
