// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells, made from the description of the commands. Ids of installed skills
// are asked for when they are needed, by the hidden command `ids`.
#pragma once

#include <string>

#include "command_facts.h"

namespace cli {

std::string bash_completion(const CommandFacts &program);
std::string zsh_completion(const CommandFacts &program);
std::string fish_completion(const CommandFacts &program);

// A word or text in single quotes, as bash and zsh read it.
std::string quoted(const std::string &text);

}  // namespace cli
