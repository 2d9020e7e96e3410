// SPDX-License-Identifier: Apache-2.0
// The bash script: tables of the commands as case statements, and one function that walks the words
// before the cursor by them. It needs bash 4 and nothing else, not the package bash-completion.
#include <fmt/format.h>

#include "completion.h"

namespace cli {
namespace {

constexpr const char *walk = R"script(
# Fills COMPREPLY with what may stand at the cursor: KIND CURRENT PATH
_skillet_reply() {
    local kind=$1 cur=$2 path=$3
    case $kind in
        FILE)
            compopt -o filenames 2> /dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            ;;
        DIR)
            compopt -o filenames 2> /dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$cur")
            ;;
        ID | SKILL)
            mapfile -t COMPREPLY < <(compgen -W "$("${program[@]}" ids 2> /dev/null)" -- "$cur")
            [[ $kind == SKILL ]] || return
            compopt -o filenames 2> /dev/null
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -X '!*.skill' -- "$cur")
            [[ $cur == [./~]* || $cur == */* ]] || return
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur")
            ;;
        *'|'*) mapfile -t COMPREPLY < <(compgen -W "${kind//|/ }" -- "$cur") ;;
        OPTIONS) mapfile -t COMPREPLY < <(compgen -W "$(_skillet_options "$path")" -- "$cur") ;;
    esac
}

_skillet() {
    local cur=${COMP_WORDS[COMP_CWORD]} path=skillet count=1 kind='' option='' word i
    local program=("${COMP_WORDS[0]/#\~/$HOME}")
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == '=' ]]; then  # readline makes three words of --option=value
            continue
        elif [[ -n $kind ]]; then
            [[ $option == --root ]] && program+=(--root "${word/#\~/$HOME}")
            kind=''
        elif [[ $word == -* ]]; then
            option=$word
            kind=$(_skillet_value "$path" "$word")
        elif [[ "|$(_skillet_commands "$path")|" == *"|$word|"* ]]; then
            path+=" $word"
            count=1
        else
            count=$((count + 1))
        fi
    done
    [[ $cur == '=' ]] && cur=''
    if [[ -z $kind && $cur != -* ]]; then
        kind=$(_skillet_commands "$path")
        [[ -n $kind ]] || kind=$(_skillet_argument "$path" "$count")
    fi
    _skillet_reply "${kind:-OPTIONS}" "$cur" "$path"
}

complete -F _skillet skillet
)script";

// A function whose case statement maps words to words.
struct Table {
    std::string text;

    Table(const char *function, const char *about, const char *subject)
        : text(fmt::format("\n# {}\n{}() {{\n    case {} in\n", about, function, subject)) {}
    void add(const std::string &from, const std::string &to) {
        if (!to.empty()) text += fmt::format("        {}) echo {} ;;\n", quoted(from), quoted(to));
    }
    [[nodiscard]] std::string finished() const { return text + "    esac\n}\n"; }
};

struct Tables {
    Table commands{"_skillet_commands", "The commands below a command: PATH", "$1"};
    Table options{"_skillet_options", "All options of a command: PATH", "$1"};
    Table values{"_skillet_value", "What the value of an option is: PATH OPTION", "\"$1 $2\""};
    Table arguments{"_skillet_argument", "What the nth argument is: PATH N", "\"$1 $2\""};

    void add(const CommandFacts &command);
};

void Tables::add(const CommandFacts &command) {
    std::string names;
    for (const CommandFacts &below : command.commands) {
        names += (names.empty() ? "" : "|") + below.name;
    }
    // A bar even after one name tells a closed set from the name of a kind.
    commands.add(command.path, names.empty() ? names : names + "|");
    std::string spellings;
    for (const auto *list : {&command.options, &command.inherited}) {
        for (const ArgumentFacts &option : *list) {
            for (const std::string &spelling : option.spellings) {
                spellings += (spellings.empty() ? "" : " ") + spelling;
                values.add(command.path + " " + spelling, option.value);
            }
        }
    }
    options.add(command.path, spellings);
    for (size_t i = 0; i < command.positionals.size(); ++i) {
        arguments.add(fmt::format("{} {}", command.path, i + 1), command.positionals[i].value);
    }
    for (const CommandFacts &below : command.commands) add(below);
}

}  // namespace

std::string bash_completion(const CommandFacts &program) {
    Tables tables;
    tables.add(program);
    return "# bash completion for skillet, made by `skillet completion bash`\n" +
           tables.commands.finished() + tables.options.finished() + tables.values.finished() +
           tables.arguments.finished() + walk;
}

std::string quoted(const std::string &text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace cli
