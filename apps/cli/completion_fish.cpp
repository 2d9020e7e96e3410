// SPDX-License-Identifier: Apache-2.0
// The fish script: one `complete` per command, option and argument, each for the command that the
// words before the cursor lead to.
#include <fmt/format.h>

#include "completion.h"

namespace cli {
namespace {

constexpr const char *functions = R"script(
# True if the words before the cursor lead to this command.
function __skillet_at
    test (__skillet_path) = "$argv"
end

# Ids of the skills in the root that the command line names.
function __skillet_ids
    set -l words (commandline -opc)
    set -l root
    for i in (seq 2 (count $words))
        if test $words[$i] = --root -a $i -lt (count $words)
            set root --root $words[(math $i + 1)]
        else if string match -q -- '--root=*' $words[$i]
            set root $words[$i]
        end
    end
    $words[1] $root ids 2> /dev/null
end

complete -c skillet -f
)script";

// In single quotes, fish reads \' and \\ as the character alone.
std::string fish_quoted(const std::string &text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

struct Words {
    std::string commands;  // paths of all commands
    std::string valued;    // "PATH OPTION" of all options with a value
};

void collect(const CommandFacts &command, Words &words) {
    for (const CommandFacts &below : command.commands) {
        words.commands += " " + fish_quoted(below.path);
        collect(below, words);
    }
    for (const auto *list : {&command.options, &command.inherited}) {
        for (const ArgumentFacts &option : *list) {
            for (const std::string &spelling : option.spellings) {
                if (!option.value.empty()) {
                    words.valued += " " + fish_quoted(command.path + " " + spelling);
                }
            }
        }
    }
}

std::string path_function(const CommandFacts &program) {
    Words words;
    collect(program, words);
    return fmt::format(R"script(
# The command that the words before the cursor lead to, such as "skillet run".
function __skillet_path
    set -l path skillet
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        switch "$path $word"
            case{}
                set skip yes
            case{}
                set path "$path $word"
        end
    end
    echo $path
end
)script",
                       words.valued, words.commands);
}

// How a value is completed: " -r -F" for files.
std::string action(const std::string &value, bool is_option) {
    const ArgumentFacts facts{{}, {}, value, {}, false, false};
    std::string choices;
    for (const std::string &choice : facts.choices()) choices += " " + choice;
    const std::string only = is_option ? " -x" : "";
    if (!choices.empty()) return only + " -a " + fish_quoted(choices.substr(1));
    if (value == value::file) return is_option ? " -r -F" : " -F";
    if (value == value::directory) return only + " -a '(__fish_complete_directories)'";
    if (value == value::id) return only + " -a '(__skillet_ids)'";
    if (value == value::skill) return " -F -a '(__skillet_ids)'";
    return only;
}

std::string lines_of(const CommandFacts &command) {
    const std::string start =
        fmt::format("complete -c skillet -n {}", fish_quoted("__skillet_at " + command.path));
    std::string out;
    for (const CommandFacts &below : command.commands) {
        out += fmt::format("{} -a {} -d {}\n", start, below.name, fish_quoted(below.summary));
    }
    for (const ArgumentFacts &argument : command.positionals) {
        const std::string how = action(argument.value, false);
        if (!how.empty()) out += start + how + "\n";
    }
    for (const auto *list : {&command.options, &command.inherited}) {
        for (const ArgumentFacts &option : *list) {
            out += start;
            for (const std::string &spelling : option.spellings) {
                const bool is_long = spelling.substr(0, 2) == "--";
                out += (is_long ? " -l " : " -s ") + spelling.substr(is_long ? 2 : 1);
            }
            if (!option.value.empty()) out += action(option.value, true);
            out += " -d " + fish_quoted(option.description) + "\n";
        }
    }
    for (const CommandFacts &below : command.commands) out += lines_of(below);
    return out;
}

}  // namespace

std::string fish_completion(const CommandFacts &program) {
    return "# fish completion for skillet, made by `skillet completion fish`\n" +
           path_function(program) + functions + lines_of(program);
}

}  // namespace cli
