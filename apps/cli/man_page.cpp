// SPDX-License-Identifier: Apache-2.0
#include "man_page.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "error_list.h"
#include "style.h"

namespace cli {
namespace {

constexpr size_t line_columns = 76;

// The code point that starts at `at`, and how many bytes it has. REQUIRES: UTF-8 of our own texts.
std::pair<uint32_t, size_t> code_point(const std::string &text, size_t at) {
    const auto byte = [&](size_t i) { return static_cast<uint32_t>(text[i]) & 0xFF; };
    const size_t bytes = byte(at) >= 0xF0 ? 4 : byte(at) >= 0xE0 ? 3 : byte(at) >= 0xC0 ? 2 : 1;
    uint32_t point = bytes == 1 ? byte(at) : byte(at) & (0x7Fu >> bytes);
    for (size_t i = 1; i < bytes; ++i) point = point << 6 | (byte(at + i) & 0x3F);
    return {point, bytes};
}

// Text as it is to be read: roff takes backslashes, hyphens and dots at a line's start otherwise.
std::string plain(const std::string &text) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        const auto [point, bytes] = code_point(text, at);
        if (bytes > 1) {
            out += fmt::format("\\[u{:04X}]", point);
        } else if (text[at] == '\\') {
            out += "\\e";
        } else if (text[at] == '-') {
            out += "\\-";
        } else if (text[at] == '\'') {
            out += "\\(aq";
        } else {
            out += text[at];
        }
        at += bytes;
    }
    return !out.empty() && out.front() == '.' ? "\\&" + out : out;
}

// A sentence in short lines, as people write roff.
std::string paragraph(const std::string &text) {
    std::string out = wrapped(plain(text), 0, 0, line_columns);
    for (size_t at = 0; (at = out.find("\n.", at)) != std::string::npos; at += 3) {
        out.insert(at + 1, "\\&");
    }
    return out + ".\n";
}

std::string bold(const std::string &text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(const std::string &text) { return "\\fI" + plain(text) + "\\fR"; }

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string heading(const ArgumentFacts &argument) {
    if (argument.spellings.empty()) return italic(argument.name);
    std::string out;
    for (const std::string &spelling : argument.spellings) {
        out += (out.empty() ? "" : ", ") + bold(spelling);
    }
    return argument.value.empty() ? out : out + " " + italic(argument.value);
}

std::string section(const char *title, const std::vector<ArgumentFacts> &arguments) {
    if (arguments.empty()) return {};
    std::string out = fmt::format(".SH {}\n", title);
    for (const ArgumentFacts &argument : arguments) {
        const char *more = argument.repeated ? " (may be repeated)" : "";
        out +=
            fmt::format(".TP\n{}\n{}", heading(argument), paragraph(argument.description + more));
    }
    return out;
}

std::string synopsis(const CommandFacts &command) {
    std::string out = ".SH SYNOPSIS\n" + bold(command.path) + " [" + italic("OPTIONS") + "]";
    for (const ArgumentFacts &argument : command.positionals) {
        const std::string name = italic(argument.name) + (argument.repeated ? " ..." : "");
        out += argument.required ? " " + name : " [" + name + "]";
    }
    if (!command.commands.empty()) out += " " + italic("COMMAND");
    return out + "\n";
}

std::string commands_section(const CommandFacts &command) {
    if (command.commands.empty()) return {};
    std::string out = ".SH COMMANDS\n";
    for (const CommandFacts &below : command.commands) {
        out += fmt::format(".TP\n{}(1)\n{}", bold(man_page_name(below)), paragraph(below.summary));
    }
    return out;
}

std::string examples_section(const CommandFacts &command) {
    if (command.examples.empty()) return {};
    std::string out = ".SH EXAMPLES\n.nf\n";
    for (const std::string &example : command.examples) out += plain(example) + "\n";
    return out + ".fi\n";
}

std::string exit_section() {
    return ".SH EXIT STATUS\n" + paragraph(exit_statuses_line()) +
           paragraph("The command errors lists all codes");
}

// The pages above a command and below it.
std::string see_also(const CommandFacts &command) {
    std::string pages;
    const auto add = [&](const std::string &name) {
        pages += fmt::format("{}{}(1)", pages.empty() ? "" : ",\n", bold(name));
    };
    const size_t above = command.path.rfind(' ');
    if (above != std::string::npos) {
        CommandFacts parent;
        parent.path = command.path.substr(0, above);
        add(man_page_name(parent));
    }
    for (const CommandFacts &below : command.commands) add(man_page_name(below));
    return pages.empty() ? pages : ".SH SEE ALSO\n" + pages + "\n";
}

}  // namespace

std::string man_page_name(const CommandFacts &command) {
    std::string name = command.path;
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

std::string man_page(const CommandFacts &command, const std::string &version) {
    const std::string name = man_page_name(command);
    std::string summary = command.summary;
    while (!summary.empty() && summary.back() == '.') summary.pop_back();
    std::string out = ".\\\" Made by skillet from its own commands.\n";
    // No date: that of the build would make two builds differ, and there is no other.
    out += fmt::format(".TH {} 1 \"\" \"skillet {}\" \"Skillet\"\n", plain(upper(name)), version);
    out += fmt::format(".SH NAME\n{} \\- {}\n", plain(name), plain(summary));
    out += synopsis(command);
    out += fmt::format(".SH DESCRIPTION\n{}", paragraph(summary));
    out += commands_section(command);
    out += section("ARGUMENTS", command.positionals);
    out += section("OPTIONS", command.options);
    out += section("OPTIONS OF EVERY COMMAND", command.inherited);
    return out + exit_section() + examples_section(command) + see_also(command);
}

}  // namespace cli
