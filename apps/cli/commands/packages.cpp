// SPDX-License-Identifier: Apache-2.0
// install, list, show, history, rollback, remove: the packages of a root.
#include <memory>

#include <fmt/format.h>

#include "command_facts.h"
#include "commands.h"
#include "package_text.h"
#include "style.h"

namespace cli {
namespace {

// Long enough to tell packages apart, short enough for a table.
constexpr size_t digest_columns = 7 + 12;

CLI::App *add_reference_command(CLI::App &app, const char *name, const char *what,
                                std::string &reference, const char *footer) {
    CLI::App *command = app.add_subcommand(name, what);
    command
        ->add_option("SKILL", reference, "ID, ID@VERSION, ID@RANGE, ID@sha256:HEX or a .skill file")
        ->required()
        ->type_name(value::skill);
    command->footer(footer);
    return command;
}

void print_list(const Json &document) {
    if (document["packages"].empty()) {
        fmt::print("no skills are installed; `skillet install FILE` adds one\n");
        return;
    }
    Table table({"ID", "VERSION", "STATE", "SERVES", "SIZE", "DIGEST"});
    for (const Json &row : document["packages"]) {
        table.add({text_of(row, "id"), text_of(row, "version"), text_of(row, "state"),
                   row["current"].get<bool>()     ? "yes"
                   : row["held_back"].get<bool>() ? "held back"
                                                  : "",
                   short_bytes(row["bytes"]), text_of(row, "digest").substr(0, digest_columns)});
    }
    table.print(stdout);
}

void print_history(const Json &document) {
    Table table({"WHEN", "WHO", "VERSION", "WHAT", "FROM", "TO", "WHY"});
    for (const Json &event : document["events"]) {
        const auto state = [&](const char *member) {
            return text_of(event, member).empty() ? "–" : text_of(event, member);
        };
        table.add({text_of(event, "at"), text_of(event, "actor"), text_of(event, "version"),
                   text_of(event, "trigger"), state("from"), state("to"),
                   text_of(event, "reason")});
    }
    table.print(stdout);
}

}  // namespace

void add_install(CLI::App &app, Session &session) {
    auto path = std::make_shared<std::string>();
    auto name = std::make_shared<std::string>();
    CLI::App *command =
        app.add_subcommand("install", "Install and verify a .skill file or an OCI layout");
    command->add_option("FILE", *path, "The .skill file, or the folder of an OCI image layout")
        ->required()
        ->type_name(value::file);
    command->add_option("--name", *name, "Which package of a folder, by its name or digest")
        ->type_name("NAME");
    command->footer(
        "skillet install org.skillet.spam-filter-1.0.0.skill\n"
        "skillet install ./layout --name spam-filter");
    command->callback([&session, path, name] {
        const skl_runtime runtime = session.runtime().get();
        const Json row = name->empty()
                             ? session.work_document(skl_package_install, runtime, path->c_str())
                             : session.work_document(skl_package_install_named, runtime,
                                                     path->c_str(), name->c_str());
        if (session.print_json(row)) return;
        fmt::print("installed {} {} ({}), {}\n{}\n", text_of(row, "id"), text_of(row, "version"),
                   short_bytes(row["bytes"]), text_of(row, "state"), text_of(row, "digest"));
    });
}

void add_list(CLI::App &app, Session &session) {
    CLI::App *command = app.add_subcommand("list", "List installed skills and their states");
    command->footer("skillet list\nskillet list --json | jq -r '.packages[].id'");
    command->callback([&session] {
        const Json document = session.document_of(skl_package_list, session.runtime().get());
        if (!session.print_json(document)) print_list(document);
    });
}

void add_show(CLI::App &app, Session &session) {
    auto reference = std::make_shared<std::string>();
    CLI::App *command =
        add_reference_command(app, "show", "Show what a skill is, promises and weighs", *reference,
                              "skillet show org.skillet.spam-filter\nskillet show ./my.skill");
    command->callback([&session, reference] {
        const Json document =
            session.document_of(skl_package_show, session.runtime().get(), reference->c_str());
        if (!session.print_json(document)) print_package(document);
    });
}

void add_history(CLI::App &app, Session &session) {
    auto id = std::make_shared<std::string>();
    CLI::App *command = app.add_subcommand("history", "Show what happened to a skill, and why");
    command->add_option("ID", *id, "The skill's id")->required()->type_name(value::id);
    command->footer("skillet history org.skillet.spam-filter");
    command->callback([&session, id] {
        const Json document =
            session.document_of(skl_package_history, session.runtime().get(), id->c_str());
        if (!session.print_json(document)) print_history(document);
    });
}

void add_rollback(CLI::App &app, Session &session) {
    auto reference = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    CLI::App *command = app.add_subcommand("rollback", "Make another version of a skill serve");
    command
        ->add_option("SKILL", *reference,
                     "ID: the version before the one that serves; ID@VERSION: that one")
        ->required()
        ->type_name(value::skill);
    command->add_option("--reason", *reason, "Why; goes to the ledger")->type_name("TEXT");
    command->footer(
        "skillet rollback org.skillet.spam-filter\n"
        "skillet rollback org.skillet.spam-filter@1.0.0 --reason 'false alarms'");
    command->callback([&session, reference, reason] {
        const Json document =
            session.document_of(skl_package_rollback, session.runtime().get(), reference->c_str(),
                                reason->empty() ? nullptr : reason->c_str());
        if (session.print_json(document)) return;
        fmt::print("{} {} serves{}\n", text_of(document, "id"), text_of(document["to"], "version"),
                   document["from"].is_null()
                       ? ""
                       : fmt::format(", no longer {}", text_of(document["from"], "version")));
    });
}

void add_remove(CLI::App &app, Session &session) {
    auto reference = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    CLI::App *command = add_reference_command(
        app, "remove", "Retire a package and delete what nothing else needs", *reference,
        "skillet remove org.skillet.spam-filter\n"
        "skillet remove org.skillet.spam-filter@1.0.0 --reason 'replaced by 1.1.0'");
    command->add_option("--reason", *reason, "Why; goes to the ledger")->type_name("TEXT");
    command->callback([&session, reference, reason] {
        skl_error error{};
        const skl_status status =
            skl_package_remove(session.runtime().get(), reference->c_str(),
                               reason->empty() ? nullptr : reason->c_str(), &error);
        if (status != SKL_OK) throw Session::failure_of(skl::Error(status, error));
        const Json removed = {{"schema", "skillet.removed/1"}, {"reference", *reference}};
        if (!session.print_json(removed)) fmt::print("removed {}\n", printable(*reference));
    });
}

}  // namespace cli
