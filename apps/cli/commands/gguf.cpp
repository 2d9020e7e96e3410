// SPDX-License-Identifier: Apache-2.0
// gguf inspect: for people who have a model file of any origin.
#include <memory>

#include <skillet/authoring/inspect.h>

#include "command_facts.h"
#include "commands.h"
#include "gguf_text.h"

namespace cli {
namespace {

struct InspectArguments {
    std::string path;
    bool deep = false;
    bool any_architecture = false;
};

void inspect(Session &session, const InspectArguments &arguments) {
    const skl_inspect_options options{sizeof options, 0, arguments.deep ? 1u : 0u,
                                      arguments.any_architecture ? 1u : 0u};
    const Json facts = session.work_document(skl_gguf_inspect, arguments.path.c_str(), &options);
    // The facts are told either way; the status is for programs.
    const Json &values = facts["values"];
    if (!values.is_null() && values["faulty_tensors"].get<uint64_t>() > 0)
        session.exit_status = skl_status_exit_code(SKL_E_MALFORMED_ARTIFACT);
    if (!session.print_json(facts)) print_gguf(facts);
}

void add_gguf_inspect(CLI::App &group, Session &session) {
    auto arguments = std::make_shared<InspectArguments>();
    CLI::App *command =
        group.add_subcommand("inspect", "Say what a GGUF file is, if an engine can bear it");
    command->add_option("FILE", arguments->path, "A .gguf file; a vocabulary alone will do")
        ->required()
        ->type_name(value::file);
    command->add_flag("--deep", arguments->deep,
                      "Count NaN and infinite values in all tensors, and hash the file");
    command->add_flag("--any-architecture", arguments->any_architecture,
                      "Tell facts also about files that nobody vouches for");
    command->footer(
        "skillet gguf inspect model.gguf\n"
        "skillet gguf inspect model.gguf --deep --json | jq .values\n"
        "skillet gguf inspect --any-architecture model.gguf");
    command->callback([&session, arguments] { inspect(session, *arguments); });
}

}  // namespace

void add_gguf(CLI::App &app, Session &session) {
    CLI::App *group = app.add_subcommand("gguf", "Look at model files, without trusting them");
    group->require_subcommand(1);
    group->fallthrough();  // global options may follow the command
    group->footer("skillet gguf inspect model.gguf");
    add_gguf_inspect(*group, session);
}

}  // namespace cli
