// SPDX-License-Identifier: Apache-2.0
// skillet: the command line over the public ABI, and nothing but it.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "command_facts.h"
#include "commands.h"
#include "help.h"
#include "interrupt.h"
#include "session.h"

namespace {

constexpr const char *description =
    "Packages, verifies and runs tiny models as dependable functions.";

constexpr const char *examples =
    "skillet install org.skillet.spam-filter-1.0.0.skill\n"
    "skillet run org.skillet.spam-filter --input '{\"subject\": \"Hi\", \"body\": \"…\"}'\n"
    "skillet init model.gguf --id org.example.mood > skill.json\n"
    "skillet pack skill.json --model model.gguf\n"
    "skillet verify ./org.example.mood-0.1.0.skill";

// "512M" and the like, as the library reads SKILLET_BUDGET.
const CLI::AsSizeValue size_value(/*kb_is_1000=*/false);

void add_global_options(CLI::App &app, cli::GlobalOptions &options) {
    app.add_option("--root", options.root,
                   "Directory of installed skills (default: $SKILLET_ROOT, else the XDG data "
                   "directory)")
        ->type_name(cli::value::directory);
    app.add_option("--budget", options.budget_bytes,
                   "Memory for resident skills, such as 512M (default: $SKILLET_BUDGET, else half "
                   "of the machine's)")
        ->transform(size_value)
        ->type_name("SIZE");
    app.add_option("--config", options.config,
                   "Settings file (default: $SKILLET_CONFIG, else the XDG config file)")
        ->type_name(cli::value::file);
    cli::admit_only(app.add_option("--log", options.log,
                                   "How much to log to stderr (default: $SKILLET_LOG, else error)"),
                    {"off", "error", "warning", "info", "debug"});
    cli::admit_only(app.add_option("--log-format", options.log_format,
                                   "How to log (default: $SKILLET_LOG_FORMAT, else text)"),
                    {"text", "json"});
    app.add_flag("--json", options.json, "Print JSON documents, for programs");
}

// What is left in stdout's buffer may still meet a full disk.
int finish(int status, bool as_json) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    return cli::report(cli::output_failure(), as_json);
}

void add_commands(CLI::App &app, cli::Session &session) {
    app.require_subcommand(1);
    app.fallthrough();  // global options may follow the command
    for (const auto add :
         {cli::add_init,       cli::add_pack,      cli::add_inspect,    cli::add_gguf,
          cli::add_contract,   cli::add_verify,    cli::add_install,    cli::add_list,
          cli::add_show,       cli::add_history,   cli::add_suspend,    cli::add_resume,
          cli::add_retire,     cli::add_reinstate, cli::add_quarantine, cli::add_release,
          cli::add_rollback,   cli::add_remove,    cli::add_known_good, cli::add_gc,
          cli::add_fsck,       cli::add_pull,      cli::add_push,       cli::add_compat,
          cli::add_diff,       cli::add_run,       cli::add_demo,       cli::add_calibrate,
          cli::add_eval,       cli::add_bench,     cli::add_ps,         cli::add_explain,
          cli::add_config,     cli::add_doctor,    cli::add_version,    cli::add_errors,
          cli::add_completion, cli::add_ids,       cli::add_share,      cli::add_help}) {
        add(app, session);
    }
}

// Also where the arguments could not be read.
bool wants_json(int argc, char **argv) {
    return std::any_of(argv, argv + argc,
                       [](const char *word) { return std::string_view(word) == "--json"; });
}

}  // namespace

int main(int argc, char **argv) {
    cli::watch_interrupts();
    cli::Session session;
    CLI::App app(description, "skillet");
    cli::install_help(app);
    app.footer(examples);
    app.set_version_flag("--version",
                         fmt::format("skillet {} (ABI {}.{}, {})", skl_version(), SKL_ABI_MAJOR,
                                     SKL_ABI_MINOR, skl_engine_version()),
                         "Print the versions of program, ABI and engine");
    add_global_options(app, session.options);
    add_commands(app, session);
    try {
        app.parse(argc, argv);
        return finish(session.exit_status, session.options.json);
    } catch (const CLI::ParseError &error) {
        if (error.get_exit_code() == 0) return finish(app.exit(error), false);  // --help, --version
        return cli::report(cli::usage_failure(app, error),
                           session.json_errors() || wants_json(argc, argv));
    } catch (const cli::Failure &failure) {
        std::fflush(stdout);
        return cli::report(failure, session.json_errors());
    } catch (const std::exception &exception) {
        return cli::report({SKL_E_INTERNAL, exception.what(), {}, {}, {}}, session.json_errors());
    }
}
