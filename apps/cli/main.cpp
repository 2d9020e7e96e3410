// SPDX-License-Identifier: Apache-2.0
// skillet: the command line over the public ABI, and nothing but it.
#include <cstdio>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "commands.h"
#include "interrupt.h"
#include "session.h"

namespace {

constexpr const char *description =
    "Packages, verifies and runs tiny models as dependable functions.";

constexpr const char *examples = R"(
Examples:
  skillet install org.skillet.spam-filter-1.0.0.skill
  skillet run org.skillet.spam-filter --input '{"subject": "Hi", "body": "See you at nine."}'
  skillet init model.gguf --id org.example.my-skill > skill.json
  skillet pack skill.json --model model.gguf
  skillet verify ./org.example.my-skill-0.1.0.skill

Exit status: 0 done, 2 usage, 3 not found, 4 package refused, 5 request refused, 6 state refuses,
7 memory, 8 stopped, 9 storage, 70 a bug. Every command takes --json.)";

// "512M" and the like, as the library reads SKILLET_BUDGET.
const CLI::AsSizeValue size_value(/*kb_is_1000=*/false);

void add_global_options(CLI::App &app, cli::GlobalOptions &options) {
    app.add_option("--root", options.root,
                   "Directory of installed skills (default: $SKILLET_ROOT, else the XDG data "
                   "directory)");
    app.add_option("--budget", options.budget_bytes,
                   "Memory for resident skills, such as 512M (default: $SKILLET_BUDGET, else half "
                   "of the machine's)")
        ->transform(size_value);
    app.add_flag("--json", options.json, "Print JSON documents, for programs");
}

// What is left in stdout's buffer may still meet a full disk.
int finish(int status, bool as_json) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    return cli::report(cli::output_failure(), as_json);
}

}  // namespace

int main(int argc, char **argv) {
    cli::watch_interrupts();
    cli::Session session;
    CLI::App app(description, "skillet");
    app.footer(examples);
    app.set_version_flag("--version",
                         fmt::format("skillet {} (ABI {}.{}, {})", skl_version(), SKL_ABI_MAJOR,
                                     SKL_ABI_MINOR, skl_engine_version()));
    app.require_subcommand(1);
    app.fallthrough();  // global options may follow the command
    add_global_options(app, session.options);
    for (const auto add : {cli::add_init, cli::add_pack, cli::add_inspect, cli::add_verify,
                           cli::add_install, cli::add_list, cli::add_show, cli::add_history,
                           cli::add_remove, cli::add_run, cli::add_demo}) {
        add(app, session);
    }
    try {
        app.parse(argc, argv);
        return finish(0, session.options.json);
    } catch (const CLI::ParseError &error) {
        if (error.get_exit_code() == 0) return finish(app.exit(error), false);  // --help, --version
        app.exit(error, std::cout, std::cerr);
        return skl_status_exit_code(SKL_E_INVALID_ARGUMENT);
    } catch (const cli::Failure &failure) {
        std::fflush(stdout);
        return cli::report(failure, session.options.json);
    } catch (const std::exception &exception) {
        return cli::report({SKL_E_INTERNAL, exception.what(), {}, {}, {}}, session.options.json);
    }
}
