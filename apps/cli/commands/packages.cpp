// SPDX-License-Identifier: Apache-2.0
// verify, install, list, show, history, remove: the packages of a root.
#include <memory>

#include <fmt/format.h>

#include "commands.h"
#include "style.h"

namespace cli {
namespace {

// Long enough to tell packages apart, short enough for a table.
constexpr size_t digest_columns = 7 + 12;

std::string text_of(const Json &object, const char *member) {
    return object[member].get<std::string>();
}

CLI::App *add_reference_command(CLI::App &app, const char *name, const char *what,
                                std::string &reference, const char *footer) {
    CLI::App *command = app.add_subcommand(name, what);
    command->add_option("SKILL", reference, "ID, ID@VERSION, ID@sha256:HEX or a .skill file")
        ->required();
    command->footer(footer);
    return command;
}

void print_verification(const Json &document) {
    const Style style(stdout);
    for (const Json &check : document["checks"]) {
        const bool open = check["finding"] == "unsigned";
        fmt::print("{}{}{} {:<14} {}\n", open ? style.dim() : style.good(), open ? "–" : "✓",
                   style.plain(), text_of(check, "check"), text_of(check, "finding"));
        if (!text_of(check, "subject").empty()) {
            fmt::print("{}  {:<14} {}{}\n", style.dim(), "", text_of(check, "subject"),
                       style.plain());
        }
    }
    fmt::print("\n{}{} {} is verified{}; evidence: {}; package {}\n", style.strong(),
               text_of(document, "id"), text_of(document, "version"), style.plain(),
               text_of(document, "evidence_status"), text_of(document, "digest"));
}

void print_list(const Json &document) {
    if (document["packages"].empty()) {
        fmt::print("no skills are installed; `skillet install FILE` adds one\n");
        return;
    }
    Table table({"ID", "VERSION", "STATE", "SERVES", "SIZE", "DIGEST"});
    for (const Json &row : document["packages"]) {
        table.add({text_of(row, "id"), text_of(row, "version"), text_of(row, "state"),
                   row["current"].get<bool>() ? "yes" : "", short_bytes(row["bytes"]),
                   text_of(row, "digest").substr(0, digest_columns)});
    }
    table.print(stdout);
}

void print_show(const Json &document) {
    const Json &skill = document["skill"];
    const Json &artifact = skill["artifact"];
    fmt::print("{} {}: {}\n{}\n\n", text_of(skill, "id"), text_of(skill, "version"),
               text_of(skill, "title"), text_of(skill, "description"));
    fmt::print("  package    {}\n", text_of(document, "digest"));
    if (document.contains("installed")) {
        const Json &row = document["installed"];
        fmt::print("  state      {}{}, since {}\n", text_of(row, "state"),
                   row["current"].get<bool>() ? ", serves its id" : "",
                   text_of(row, "installed_at"));
    }
    fmt::print("  license    {}\n", text_of(skill, "license"));
    fmt::print("  source     {} ({})\n", text_of(skill["source"], "url"),
               text_of(skill["source"], "revision"));
    fmt::print("  model      {} {}, {}, {} parameters\n             {}\n",
               text_of(artifact, "family"), text_of(artifact["quantization"], "label"),
               short_bytes(artifact["bytes"]), artifact["parameters"].get<uint64_t>(),
               text_of(artifact, "digest"));
    fmt::print("  tokenizer  {}\n             {}\n", text_of(skill["tokenizer"], "id"),
               text_of(skill["tokenizer"], "digest"));
    const Json &contract = skill["contract"];
    fmt::print("  task       {} into {}\n", text_of(contract, "task"), contract["labels"].dump());
    fmt::print("  input      at most {} bytes, {} tokens; deadline {} ms\n",
               contract["limits"]["input_bytes"].get<uint64_t>(),
               contract["limits"]["input_tokens"].get<uint64_t>(),
               contract["limits"]["deadline_ms"].get<uint64_t>());
    fmt::print("  for        {}\n  not for    {}\n", text_of(contract["domain"], "supported"),
               text_of(contract["domain"], "unsupported"));
    uint64_t estimate = 0;
    for (const char *part : {"weights_bytes", "vocabulary_bytes", "context_bytes"}) {
        estimate += skill["resources"]["estimate"][part].get<uint64_t>();
    }
    fmt::print("  memory     about {} (estimated)\n", short_bytes(estimate));
    const Json &calibration = document["calibration_document"];
    if (calibration.is_null()) {
        fmt::print("  confidence none: the package has no calibration for this model\n");
    } else {
        fmt::print("  confidence ECE {:.4f} over {} cases (reported), abstains below {}\n",
                   calibration["quality"]["ece"].get<double>(),
                   calibration["quality"]["cases"].get<uint64_t>(),
                   contract["confidence"]["abstain_below"].get<double>());
    }
    fmt::print("  evidence   {}; unsigned\n", text_of(document, "evidence_status"));
}

void print_history(const Json &document) {
    Table table({"WHEN", "WHO", "VERSION", "WHAT", "FROM", "TO", "WHY"});
    for (const Json &event : document["events"]) {
        const auto state = [&](const char *member) {
            return text_of(event, member).empty() ? "–" : text_of(event, member);
        };
        table.add({text_of(event, "at"), text_of(event, "actor"), text_of(event, "version"),
                   text_of(event, "trigger"), state("from"), state("to"),
                   shorten(text_of(event, "reason"), 60)});
    }
    table.print(stdout);
}

}  // namespace

void add_verify(CLI::App &app, Session &session) {
    auto reference = std::make_shared<std::string>();
    CLI::App *command = add_reference_command(
        app, "verify", "Check every claim of a package against its bytes", *reference,
        "\nExamples:\n  skillet verify ./my.skill\n  skillet verify org.skillet.spam-filter");
    command->callback([&session, reference] {
        const Json document =
            session.work_document(skl_package_verify, session.runtime().get(), reference->c_str());
        if (!session.print_json(document)) print_verification(document);
    });
}

void add_install(CLI::App &app, Session &session) {
    auto path = std::make_shared<std::string>();
    CLI::App *command = app.add_subcommand("install", "Install and verify a .skill file");
    command->add_option("FILE", *path, "The .skill file")->required();
    command->footer("\nExample:\n  skillet install org.skillet.spam-filter-1.0.0.skill");
    command->callback([&session, path] {
        const Json row =
            session.work_document(skl_package_install, session.runtime().get(), path->c_str());
        if (session.print_json(row)) return;
        fmt::print("installed {} {} ({}), {}\n{}\n", text_of(row, "id"), text_of(row, "version"),
                   short_bytes(row["bytes"]), text_of(row, "state"), text_of(row, "digest"));
    });
}

void add_list(CLI::App &app, Session &session) {
    CLI::App *command = app.add_subcommand("list", "List installed skills and their states");
    command->footer("\nExample:\n  skillet list --json | jq -r '.packages[].id'");
    command->callback([&session] {
        const Json document = session.document_of(skl_package_list, session.runtime().get());
        if (!session.print_json(document)) print_list(document);
    });
}

void add_show(CLI::App &app, Session &session) {
    auto reference = std::make_shared<std::string>();
    CLI::App *command =
        add_reference_command(app, "show", "Show what a skill is, promises and weighs", *reference,
                              "\nExample:\n  skillet show org.skillet.spam-filter");
    command->callback([&session, reference] {
        const Json document =
            session.document_of(skl_package_show, session.runtime().get(), reference->c_str());
        if (!session.print_json(document)) print_show(document);
    });
}

void add_history(CLI::App &app, Session &session) {
    auto id = std::make_shared<std::string>();
    CLI::App *command = app.add_subcommand("history", "Show what happened to a skill, and why");
    command->add_option("ID", *id, "The skill's id")->required();
    command->footer("\nExample:\n  skillet history org.skillet.spam-filter");
    command->callback([&session, id] {
        const Json document =
            session.document_of(skl_package_history, session.runtime().get(), id->c_str());
        if (!session.print_json(document)) print_history(document);
    });
}

void add_remove(CLI::App &app, Session &session) {
    auto reference = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    CLI::App *command = add_reference_command(
        app, "remove", "Retire a package and delete what nothing else needs", *reference,
        "\nExample:\n  skillet remove org.skillet.spam-filter@1.0.0 --reason 'replaced'");
    command->add_option("--reason", *reason, "Why; goes to the ledger");
    command->callback([&session, reference, reason] {
        skl_error error{};
        const skl_status status =
            skl_package_remove(session.runtime().get(), reference->c_str(),
                               reason->empty() ? nullptr : reason->c_str(), &error);
        if (status != SKL_OK) throw Session::failure_of(skl::Error(status, error));
        const Json removed = {{"schema", "skillet.removed/1"}, {"reference", *reference}};
        if (!session.print_json(removed)) fmt::print("removed {}\n", *reference);
    });
}

}  // namespace cli
