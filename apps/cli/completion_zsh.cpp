// SPDX-License-Identifier: Apache-2.0
// The zsh script: one function per command, which describes it to zsh's own _arguments.
#include <algorithm>

#include <fmt/format.h>

#include "completion.h"

namespace cli {
namespace {

constexpr const char *head = R"script(#compdef skillet
# zsh completion for skillet, made by `skillet completion zsh`

_skillet_ids() {
    local -a ids
    ids=(${(f)"$(${program} ${root} ids 2> /dev/null)"})
    compadd -a ids
}

_skillet_skills() {
    _alternative 'ids:installed skill:_skillet_ids' 'files:package:_files -g "*.skill"'
}
)script";

constexpr const char *tail = R"script(
_skillet() {
    local program=${(Q)~words[1]} word previous=
    local -a root
    for word in ${words[2,CURRENT-1]}; do
        [[ $previous == --root ]] && root=(--root ${(Q)~word})
        [[ $word == --root=* ]] && root=(--root ${(Q)~word#--root=})
        previous=$word
    done
    _skillet_at_skillet
}

if [[ $funcstack[1] == _skillet ]]; then
    _skillet "$@"
else
    compdef _skillet skillet
fi
)script";

// Characters that mean something to _arguments, made to stand for themselves.
std::string plain(const std::string &text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

// What completes a value: "FILE:_files".
std::string action(const std::string &value) {
    const ArgumentFacts facts{{}, {}, value, {}, false, false};
    std::string choices;
    for (const std::string &choice : facts.choices()) choices += " " + choice;
    if (!choices.empty()) return "value:(" + choices.substr(1) + ")";
    if (value == value::file) return value + ":_files";
    if (value == value::directory) return value + ":_files -/";
    if (value == value::id) return value + ":_skillet_ids";
    if (value == value::skill) return value + ":_skillet_skills";
    return value + ": ";
}

std::string specification(const ArgumentFacts &option, const std::string &spelling) {
    std::string others;
    for (const std::string &other : option.spellings) others += (others.empty() ? "" : " ") + other;
    std::string out = option.repeated ? "*" : "(" + others + ")";
    out += spelling;
    if (!option.value.empty()) out += spelling.substr(0, 2) == "--" ? "=" : "+";
    out += "[" + plain(option.description) + "]";
    return option.value.empty() ? out : out + ":" + action(option.value);
}

std::string function_name(const CommandFacts &command) {
    std::string name = "_skillet_at_" + command.path;
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

std::string arguments_call(const CommandFacts &command) {
    std::string out = command.commands.empty() ? "    _arguments" : "    _arguments -C";
    const auto add = [&out](const std::string &text) { out += " \\\n        " + quoted(text); };
    for (const auto *list : {&command.options, &command.inherited}) {
        for (const ArgumentFacts &option : *list) {
            for (const std::string &spelling : option.spellings) {
                add(specification(option, spelling));
            }
        }
    }
    for (const ArgumentFacts &argument : command.positionals) {
        add((argument.repeated ? "*:" : argument.required ? ":" : "::") + action(argument.value));
    }
    if (!command.commands.empty()) {
        // (-): what follows the command, options too, is for the command to describe.
        add("(-)1:command:->command");
        add("(-)*::argument:->argument");
    }
    return out + "\n";
}

std::string function_of(const CommandFacts &command) {
    std::string below;
    std::string out = fmt::format("\n{}() {{\n", function_name(command));
    if (command.commands.empty()) return out + arguments_call(command) + "}\n";
    std::string names;
    std::string branches;
    for (const CommandFacts &next : command.commands) {
        names += fmt::format("        {}\n", quoted(next.name + ":" + next.summary));
        branches += fmt::format("                {}) {} ;;\n", next.name, function_name(next));
        below += function_of(next);
    }
    out += fmt::format(
        "    local curcontext=$curcontext context state state_descr line\n"
        "    typeset -A opt_args\n    local -a commands\n    commands=(\n{}    )\n",
        names);
    out += arguments_call(command);
    out += fmt::format(
        "    case $state in\n        command) _describe -t commands command commands ;;\n"
        "        argument)\n            case $words[1] in\n{}            esac\n"
        "            ;;\n    esac\n}}\n",
        branches);
    return below + out;
}

}  // namespace

std::string zsh_completion(const CommandFacts &program) {
    return head + function_of(program) + tail;
}

}  // namespace cli
