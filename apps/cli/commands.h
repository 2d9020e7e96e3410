// SPDX-License-Identifier: Apache-2.0
// The commands. Each add_… registers one subcommand, whose callback does the work and throws
// Failure. Its footer holds the examples of the help and the manual page, one a line.
#pragma once

#include <CLI/CLI.hpp>

#include "session.h"

namespace cli {

// For authors.
void add_init(CLI::App &app, Session &session);
void add_pack(CLI::App &app, Session &session);
void add_inspect(CLI::App &app, Session &session);
void add_gguf(CLI::App &app, Session &session);
void add_contract(CLI::App &app, Session &session);

// Packages of a root.
void add_verify(CLI::App &app, Session &session);
void add_install(CLI::App &app, Session &session);
void add_list(CLI::App &app, Session &session);
void add_show(CLI::App &app, Session &session);
void add_history(CLI::App &app, Session &session);
void add_suspend(CLI::App &app, Session &session);
void add_resume(CLI::App &app, Session &session);
void add_retire(CLI::App &app, Session &session);
void add_reinstate(CLI::App &app, Session &session);
void add_quarantine(CLI::App &app, Session &session);
void add_release(CLI::App &app, Session &session);
void add_rollback(CLI::App &app, Session &session);
void add_remove(CLI::App &app, Session &session);

// A root as a whole.
void add_ps(CLI::App &app, Session &session);
void add_explain(CLI::App &app, Session &session);
void add_known_good(CLI::App &app, Session &session);
void add_gc(CLI::App &app, Session &session);
void add_fsck(CLI::App &app, Session &session);

// Registries.
void add_pull(CLI::App &app, Session &session);
void add_push(CLI::App &app, Session &session);

// Two packages or model files.
void add_compat(CLI::App &app, Session &session);
void add_diff(CLI::App &app, Session &session);

// This machine.
void add_config(CLI::App &app, Session &session);
void add_doctor(CLI::App &app, Session &session);

// Answers.
void add_run(CLI::App &app, Session &session);
void add_demo(CLI::App &app, Session &session);

// What a skill is worth.
void add_calibrate(CLI::App &app, Session &session);
void add_eval(CLI::App &app, Session &session);
void add_bench(CLI::App &app, Session &session);

// About the program itself.
void add_version(CLI::App &app, Session &session);
void add_errors(CLI::App &app, Session &session);
void add_completion(CLI::App &app, Session &session);
void add_ids(CLI::App &app, Session &session);    // hidden
void add_share(CLI::App &app, Session &session);  // hidden
void add_help(CLI::App &app, Session &session);   // after all others, which it names

}  // namespace cli
