// SPDX-License-Identifier: Apache-2.0
// known-good, gc, fsck: a root as a whole.
#include <memory>

#include <fmt/format.h>

#include "commands.h"
#include "style.h"

namespace cli {
namespace {

std::string text_of(const Json &row, const char *name) { return row[name].get<std::string>(); }

// For calls that give nothing back.
void expect_ok(skl_status status, const skl_error &error) {
    if (status != SKL_OK) throw Session::failure_of(skl::Error(status, error));
}

void print_sets(const Json &document) {
    if (document["sets"].empty()) {
        fmt::print("no known-good set was saved; `skillet known-good save NAME` saves one\n");
        return;
    }
    Table table({"SET", "SAVED", "ID", "VERSION", "STATE", "SERVES"});
    for (const Json &set : document["sets"]) {
        std::string name = text_of(set, "name");
        std::string saved_at = text_of(set, "saved_at");
        for (const Json &member : set["members"]) {
            table.add({name, saved_at, text_of(member, "id"), text_of(member, "version"),
                       text_of(member, "state"), member["current"].get<bool>() ? "yes" : ""});
            name.clear();  // said once
            saved_at.clear();
        }
    }
    table.print(stdout);
}

void report_sets(Session &session) {
    const Json document = session.document_of(skl_known_good_list, session.runtime().get());
    if (!session.print_json(document)) print_sets(document);
}

using ChangeSet = skl_status (*)(skl_runtime, const char *, const char *, skl_error *);

// `save` and `restore`, which differ in one call.
void add_set_command(CLI::App &group, Session &session, const char *name, const char *what,
                     const char *footer, ChangeSet change) {
    auto set = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    CLI::App *command = group.add_subcommand(name, what);
    command->add_option("NAME", *set, "Of the set: a-z, 0-9, '.', '_' and '-'")->required();
    command->add_option("--reason", *reason, "Why; kept")->type_name("TEXT");
    command->footer(footer);
    command->callback([&session, set, reason, change] {
        skl_error error{};
        expect_ok(change(session.runtime().get(), set->c_str(),
                         reason->empty() ? nullptr : reason->c_str(), &error),
                  error);
        report_sets(session);
    });
}

void add_set_list(CLI::App &group, Session &session) {
    CLI::App *command = group.add_subcommand("list", "List the sets and what serves of them now");
    command->footer("skillet known-good list");
    command->callback([&session] { report_sets(session); });
}

void add_set_removal(CLI::App &group, Session &session) {
    auto set = std::make_shared<std::string>();
    CLI::App *command = group.add_subcommand("remove", "Forget a set; its skills stay");
    command->add_option("NAME", *set, "Of the set")->required();
    command->footer("skillet known-good remove before-upgrade");
    command->callback([&session, set] {
        skl_error error{};
        expect_ok(skl_known_good_remove(session.runtime().get(), set->c_str(), &error), error);
        report_sets(session);
    });
}

void print_collected(const Json &document) {
    const char *verb = document["dry_run"].get<bool>() ? "would remove" : "removed";
    for (const Json &row : document["packages"]) {
        fmt::print("{} {} {}, which is retired\n", verb, text_of(row, "id"),
                   text_of(row, "version"));
    }
    fmt::print("{} {} blobs, {}", verb, document["removed"].size(),
               short_bytes(document["removed_bytes"]));
    if (!document["spared"].empty()) {
        fmt::print("; {} more that nobody needs are young, {}", document["spared"].size(),
                   short_bytes(document["spared_bytes"]));
    }
    fmt::print("; {} are needed\n", document["kept"].get<uint64_t>());
}

void print_check(const Json &document) {
    const Style style(stdout);
    for (const Json &row : document["findings"]) {
        const bool repaired = row["repaired"].get<bool>();
        const bool harmless = row["harmless"].get<bool>();
        fmt::print("{}{:<9}{} {:<14} {}: {}\n", repaired || harmless ? style.good() : style.bad(),
                   repaired   ? "repaired"
                   : harmless ? "note"
                              : "wrong",
                   style.plain(), text_of(row, "fault"), printable(text_of(row, "subject")),
                   printable(text_of(row, "finding")));
        const std::string hint = text_of(row, "hint");
        if (!hint.empty()) fmt::print("{:<24} try: {}\n", "", printable(hint));
    }
    fmt::print("{}: {} packages, {} blobs, {} read\n",
               document["sound"].get<bool>() ? "sound" : "not sound",
               document["packages"].get<uint64_t>(), document["blobs"].get<uint64_t>(),
               short_bytes(document["bytes"]));
}

}  // namespace

void add_known_good(CLI::App &app, Session &session) {
    CLI::App *group =
        app.add_subcommand("known-good", "Save which versions serve, and bring them back");
    group->require_subcommand(1);
    group->footer(
        "skillet known-good save before-upgrade\nskillet known-good restore before-upgrade");
    add_set_command(*group, session, "save", "Save which version of each skill serves now",
                    "skillet known-good save before-upgrade\n"
                    "skillet known-good save monday --reason 'as shipped to customers'",
                    skl_known_good_save);
    add_set_command(*group, session, "restore", "Make exactly those versions serve again",
                    "skillet known-good restore before-upgrade --reason 'too many false alarms'",
                    skl_known_good_restore);
    add_set_list(*group, session);
    add_set_removal(*group, session);
}

void add_gc(CLI::App &app, Session &session) {
    auto grace = std::make_shared<uint32_t>(24 * 60 * 60);
    auto dry_run = std::make_shared<bool>(false);
    auto retired = std::make_shared<bool>(false);
    CLI::App *command = app.add_subcommand("gc", "Remove the blobs that no package needs");
    command
        ->add_option("--grace", *grace,
                     "Leave what was written or retired later than so long ago (default: 24h)")
        ->transform(CLI::AsNumberWithUnit(
            std::map<std::string, uint32_t>{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}}))
        ->type_name("TIME");
    command->add_flag("--retired", *retired, "Remove retired skills, too");
    command->add_flag("--dry-run", *dry_run, "Only say what would be removed");
    command->footer(
        "skillet gc\nskillet gc --dry-run --json\n"
        "skillet gc --grace 0s\nskillet gc --retired --grace 30d");
    command->callback([&session, grace, dry_run, retired] {
        const uint32_t flags = SKL_COLLECT_GRACE | (*dry_run ? SKL_COLLECT_DRY_RUN : 0) |
                               (*retired ? SKL_COLLECT_RETIRED : 0);
        const skl_collect_options options{sizeof options, flags, *grace, 0, nullptr};
        const Json document =
            session.document_of(skl_root_collect, session.runtime().get(), &options);
        if (!session.print_json(document)) print_collected(document);
    });
}

void add_fsck(CLI::App &app, Session &session) {
    auto repair = std::make_shared<bool>(false);
    CLI::App *command =
        app.add_subcommand("fsck", "Read all of a root and find what is wrong with it");
    command->add_flag("--repair", *repair,
                      "Put right what is derived; quarantine packages whose bytes are damaged");
    command->footer("skillet fsck\nskillet fsck --repair --json");
    command->callback([&session, repair] {
        ProgressBar bar;
        const skl_work_options work = session.work(bar).options();
        const skl_check_options options{sizeof options, *repair ? SKL_CHECK_REPAIR : 0, &work};
        const Json document =
            session.document_of(skl_root_check, session.runtime().get(), &options);
        if (!session.print_json(document)) print_check(document);
        if (!document["sound"].get<bool>()) {
            session.exit_status = skl_status_exit_code(SKL_E_STORE_CORRUPT);
        }
    });
}

}  // namespace cli
