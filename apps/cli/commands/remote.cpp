// SPDX-License-Identifier: Apache-2.0
// pull, push: packages in other people's registries.
#include <memory>

#include <fmt/format.h>

#include "command_facts.h"
#include "commands.h"
#include "package_text.h"
#include "style.h"

namespace cli {
namespace {

struct RemoteArguments {
    std::string reference;  // of push
    std::string remote;
    bool plain_http = false;
    std::string credentials;
    uint32_t connections = 0;
};

void add_remote_options(CLI::App &command, RemoteArguments &arguments) {
    command.add_flag("--plain-http", arguments.plain_http,
                     "Talk to the registry without TLS, also if it is not this machine");
    command
        .add_option("--credentials", arguments.credentials,
                    "A config.json of docker (default: $DOCKER_CONFIG/config.json, else "
                    "~/.docker/config.json)")
        ->type_name(value::file);
    command
        .add_option("--connections", arguments.connections,
                    "How many transfers run at once (default: 4)")
        ->check(CLI::Range(1, 16))
        ->type_name("N");
}

skl_remote_options options_of(const RemoteArguments &arguments, const skl_work_options &work) {
    return {sizeof(skl_remote_options),
            arguments.plain_http ? SKL_REMOTE_PLAIN_HTTP : 0,
            &work,
            arguments.credentials.empty() ? nullptr : arguments.credentials.c_str(),
            arguments.connections,
            0};
}

void pull(Session &session, const RemoteArguments &arguments) {
    ProgressBar bar;
    const skl_work_options work = session.work(bar).options();
    const skl_remote_options options = options_of(arguments, work);
    const Json document = session.document_of(skl_package_pull, session.runtime().get(),
                                              arguments.remote.c_str(), &options);
    if (session.print_json(document)) return;
    fmt::print("pulled {} {} ({}, {} downloaded), {}\n{}\n", text_of(document, "id"),
               text_of(document, "version"), short_bytes(document["bytes"]),
               short_bytes(document["downloaded_bytes"]), text_of(document, "state"),
               text_of(document, "digest"));
}

void push(Session &session, const RemoteArguments &arguments) {
    ProgressBar bar;
    const skl_work_options work = session.work(bar).options();
    const skl_remote_options options = options_of(arguments, work);
    const Json document =
        session.document_of(skl_package_push, session.runtime().get(), arguments.reference.c_str(),
                            arguments.remote.c_str(), &options);
    if (session.print_json(document)) return;
    fmt::print("pushed {} {} ({}, {} uploaded)\n{}\n", text_of(document, "id"),
               text_of(document, "version"), short_bytes(document["bytes"]),
               short_bytes(document["uploaded_bytes"]), text_of(document, "remote"));
}

}  // namespace

void add_pull(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<RemoteArguments>();
    CLI::App *command = app.add_subcommand("pull", "Fetch a skill from a registry and install it");
    command->add_option("REMOTE", arguments->remote, "HOST[:PORT]/NAME:TAG or …@sha256:HEX")
        ->required();
    add_remote_options(*command, *arguments);
    command->footer(
        "skillet pull registry.example.org/skills/spam-filter:1.0.0\n"
        "skillet pull localhost:5000/spam-filter:1.0.0 --connections 8");
    command->callback([&session, arguments] { pull(session, *arguments); });
}

void add_push(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<RemoteArguments>();
    CLI::App *command = app.add_subcommand("push", "Send a skill to a registry");
    command
        ->add_option("SKILL", arguments->reference,
                     "ID, ID@VERSION, ID@RANGE, ID@sha256:HEX or a .skill file")
        ->required()
        ->type_name(value::skill);
    command
        ->add_option("REMOTE", arguments->remote,
                     "HOST[:PORT]/NAME[:TAG]; without a tag, the version is the tag")
        ->required();
    add_remote_options(*command, *arguments);
    command->footer(
        "skillet push org.skillet.spam-filter registry.example.org/skills/spam-filter\n"
        "skillet push ./my.skill localhost:5000/my:latest");
    command->callback([&session, arguments] { push(session, *arguments); });
}

}  // namespace cli
