// SPDX-License-Identifier: Apache-2.0
// completion, and what shells and the installation ask for unseen: ids, share.
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "command_facts.h"
#include "commands.h"
#include "completion.h"
#include "man_page.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

std::string completion_for(const std::string &shell, const CommandFacts &program) {
    if (shell == "bash") return bash_completion(program);
    if (shell == "zsh") return zsh_completion(program);
    return fish_completion(program);
}

void write_file(const fs::path &path, const std::string &text) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) throw Failure{SKL_E_IO, "cannot write the file", path.string(), {}, {}};
}

void write_pages(const fs::path &directory, const CommandFacts &command) {
    write_file(directory / (man_page_name(command) + ".1"), man_page(command, skl_version()));
    for (const CommandFacts &below : command.commands) write_pages(directory, below);
}

// The layout of PREFIX/share.
void write_share(const fs::path &directory, const CommandFacts &program) {
    write_pages(directory / "man" / "man1", program);
    write_file(directory / "bash-completion" / "completions" / "skillet", bash_completion(program));
    write_file(directory / "zsh" / "site-functions" / "_skillet", zsh_completion(program));
    write_file(directory / "fish" / "vendor_completions.d" / "skillet.fish",
               fish_completion(program));
}

}  // namespace

void add_completion(CLI::App &app, Session & /*session*/) {
    auto shell = std::make_shared<std::string>();
    CLI::App *command = app.add_subcommand("completion", "Print the completion script of a shell");
    admit_only(command->add_option("SHELL", *shell, "bash, zsh or fish")->required(),
               {"bash", "zsh", "fish"});
    command->footer(
        "source <(skillet completion bash)\n"
        "skillet completion zsh > \"${fpath[1]}/_skillet\"\n"
        "skillet completion fish > ~/.config/fish/completions/skillet.fish");
    command->callback([&app, shell] { fmt::print("{}", completion_for(*shell, facts_of(app))); });
}

void add_ids(CLI::App &app, Session &session) {
    CLI::App *command = app.add_subcommand("ids", "Print the ids that serve, for completion");
    command->group("");
    command->callback([&session] {
        const Json document = session.document_of(skl_package_list, session.runtime().get());
        for (const Json &row : document["packages"]) {
            if (row["current"].get<bool>()) fmt::print("{}\n", row["id"].get<std::string>());
        }
    });
}

void add_share(CLI::App &app, Session & /*session*/) {
    auto directory = std::make_shared<std::string>();
    CLI::App *command =
        app.add_subcommand("share", "Write manual pages and completions, for the installation");
    command->group("");
    command->add_option("DIR", *directory, "The folder that becomes PREFIX/share")->required();
    command->callback([&app, directory] { write_share(*directory, facts_of(app)); });
}

}  // namespace cli
