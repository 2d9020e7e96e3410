// SPDX-License-Identifier: Apache-2.0
// suspend, resume, retire, reinstate, quarantine, release: the state of a package.
#include <memory>

#include <fmt/format.h>

#include "command_facts.h"
#include "commands.h"
#include "package_text.h"
#include "style.h"

namespace cli {
namespace {

using ChangeState = skl_status (*)(skl_runtime, const char *, const char *,
                                   const skl_transition_options *, skl_document *, skl_error *);

struct Step {
    const char *name;
    const char *what;
    const char *footer;
    ChangeState change;
    bool verifies = false;  // leads to `installed`, and from there to `verified`
    bool needs_reason = false;
    bool drains = false;
};

struct Arguments {
    std::string reference;
    std::string reason;
    bool no_verify = false;
    uint32_t drain_s = 0;  // 0: does not wait
};

void print_transition(const Json &document) {
    const std::string id = text_of(document, "id");
    fmt::print("{} {} is {}, no longer {}\n", id, text_of(document, "version"),
               text_of(document, "state"), text_of(document, "from"));
    for (const Json &dependant : document["dependants"]) {
        fmt::print("  out of service with it: {}, which needs it\n",
                   printable(dependant.get<std::string>()));
    }
    const Json &serving = document["serving"];
    fmt::print("  {}\n", serving.is_null() ? fmt::format("no version of {} serves", id)
                                           : text_of(serving, "version") + " serves");
}

void change_state(Session &session, const Step &step, const Arguments &arguments) {
    ProgressBar bar;
    skl_work_options work = session.work(bar).options();
    uint32_t flags = arguments.no_verify ? SKL_TRANSITION_NO_VERIFY : 0;
    if (arguments.drain_s > 0) {
        flags |= SKL_TRANSITION_DRAIN;
        work.deadline_ms = arguments.drain_s * 1000;
    }
    const skl_transition_options options{sizeof options, flags, &work};
    const Json document = session.document_of(
        step.change, session.runtime().get(), arguments.reference.c_str(),
        arguments.reason.empty() ? nullptr : arguments.reason.c_str(), &options);
    if (!session.print_json(document)) print_transition(document);
}

void add_step(CLI::App &app, Session &session, const Step &step) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App *command = app.add_subcommand(step.name, step.what);
    command->add_option("SKILL", arguments->reference, "ID, ID@VERSION, ID@RANGE or ID@sha256:HEX")
        ->required()
        ->type_name(value::skill);
    command->add_option("--reason", arguments->reason, "Why; goes to the ledger")
        ->type_name("TEXT")
        ->required(step.needs_reason);
    if (step.verifies) {
        command->add_flag("--no-verify", arguments->no_verify,
                          "Leave it installed; `skillet verify` makes it serve");
    }
    if (step.drains) {
        command
            ->add_option("--drain", arguments->drain_s,
                         "Wait so many seconds for requests that run in other processes")
            ->type_name("SECONDS")
            ->check(CLI::Range(1, 86'400));
    }
    command->footer(step.footer);
    command->callback([&session, step, arguments] { change_state(session, step, *arguments); });
}

}  // namespace

void add_suspend(CLI::App &app, Session &session) {
    add_step(app, session,
             {.name = "suspend",
              .what = "Take a skill out of service for now; `resume` brings it back",
              .footer = "skillet suspend org.skillet.spam-filter --reason 'too many false alarms'\n"
                        "skillet suspend org.skillet.spam-filter --drain 30",
              .change = skl_package_suspend,
              .drains = true});
}

void add_resume(CLI::App &app, Session &session) {
    add_step(app, session,
             {.name = "resume",
              .what = "Bring a suspended skill back, and verify it again",
              .footer = "skillet resume org.skillet.spam-filter\n"
                        "skillet resume org.skillet.spam-filter@1.0.0 --no-verify",
              .change = skl_package_resume,
              .verifies = true});
}

void add_retire(CLI::App &app, Session &session) {
    add_step(app, session,
             {.name = "retire",
              .what = "Take a skill out of service for good; its bytes stay",
              .footer = "skillet retire org.skillet.spam-filter@1.0.0 --reason 'replaced by 1.1.0'",
              .change = skl_package_retire});
}

void add_reinstate(CLI::App &app, Session &session) {
    add_step(app, session,
             {.name = "reinstate",
              .what = "Bring a retired skill back, and verify it again",
              .footer = "skillet reinstate org.skillet.spam-filter@1.0.0",
              .change = skl_package_reinstate,
              .verifies = true});
}

void add_quarantine(CLI::App &app, Session &session) {
    add_step(app, session,
             {.name = "quarantine",
              .what = "Take a skill out of service: something is wrong with it",
              .footer = "skillet quarantine org.skillet.spam-filter --reason 'leaks addresses'",
              .change = skl_package_quarantine,
              .needs_reason = true});
}

void add_release(CLI::App &app, Session &session) {
    add_step(app, session,
             {.name = "release",
              .what = "Let a quarantined skill go, and verify it again",
              .footer = "skillet release org.skillet.spam-filter --reason 'it was a false alarm'",
              .change = skl_package_release,
              .verifies = true,
              .needs_reason = true});
}

}  // namespace cli
