// SPDX-License-Identifier: Apache-2.0
// init, pack, inspect: for people who make skills.
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <skillet/authoring/authoring.h>

#include "command_facts.h"
#include "commands.h"
#include "gguf_text.h"
#include "input.h"
#include "package_text.h"
#include "style.h"

namespace cli {
namespace {

// The base of an adapter; all empty for a model.
struct BaseArguments {
    std::string base;
    std::string id;
    std::string version;

    [[nodiscard]] bool empty() const { return base.empty(); }
    // A path needs no root.
    [[nodiscard]] skl_base_options options(Session &session) const {
        const bool is_path = base.find('/') != std::string::npos || base.ends_with(".skill") ||
                             base.ends_with(".gguf");
        const auto text = [](const std::string &value) {
            return value.empty() ? nullptr : value.c_str();
        };
        return {sizeof(skl_base_options),
                0,
                is_path ? skl_runtime{} : session.runtime().get(),
                base.c_str(),
                text(id),
                text(version)};
    }
};

struct InitArguments {
    std::string model;
    std::string id;
    std::string version = "0.1.0";
    BaseArguments base;
};

struct PackArguments {
    std::string skill;
    std::string model;
    std::string output;
    std::vector<std::string> documents;
    std::vector<std::string> attachments;
    BaseArguments base;
};

std::vector<const char *> pointers(const std::vector<std::string> &texts) {
    std::vector<const char *> list;
    for (const std::string &text : texts) list.push_back(text.c_str());
    return list;
}

// "ID-VERSION.skill" in the current directory, from the author's document.
std::string default_output(const std::string &skill_path) {
    const Json document = Json::parse(read_input(skill_path, 4u << 20), nullptr, false);
    if (!document.is_object() || !document.contains("id") || !document.contains("version") ||
        !document["id"].is_string() || !document["version"].is_string()) {
        throw Failure{SKL_E_MANIFEST_INVALID,
                      "is no skill.json with an id and a version",
                      skill_path,
                      "make one with `skillet init`",
                      {}};
    }
    return fmt::format("{}-{}.skill", document["id"].get<std::string>(),
                       document["version"].get<std::string>());
}

Json pack_document(Session &session, const skl_pack_options &options, const BaseArguments &base) {
    if (base.empty()) return session.document_of(skl_author_pack, &options);
    const skl_base_options named = base.options(session);
    return session.document_of(skl_author_pack_adapter, &options, &named);
}

Json init_document(Session &session, const InitArguments &arguments) {
    const char *model = arguments.model.c_str();
    const char *id = arguments.id.c_str();
    const char *version = arguments.version.c_str();
    if (arguments.base.empty()) return session.document_of(skl_author_init, model, id, version);
    const skl_base_options named = arguments.base.options(session);
    return session.document_of(skl_author_init_adapter, model, id, version, &named);
}

void pack(Session &session, PackArguments arguments) {
    if (arguments.output.empty()) arguments.output = default_output(arguments.skill);
    if (arguments.model.empty()) {
        arguments.model =
            (std::filesystem::path(arguments.skill).parent_path() / "model.gguf").string();
    }
    const auto documents = pointers(arguments.documents);
    const auto attachments = pointers(arguments.attachments);
    const skl_pack_options options{sizeof options,           0,
                                   arguments.skill.c_str(),  arguments.model.c_str(),
                                   arguments.output.c_str(), documents.data(),
                                   documents.size(),         attachments.data(),
                                   attachments.size()};
    const Json packed = pack_document(session, options, arguments.base);
    if (session.print_json(packed)) return;
    fmt::print("packed {} {} into {} ({})\n{}\n", text_of(packed, "id"), text_of(packed, "version"),
               printable(arguments.output), short_bytes(packed["bytes"].get<uint64_t>()),
               text_of(packed, "digest"));
}

void add_base(CLI::App *command, std::string &base) {
    command
        ->add_option("--base", base,
                     "For an adapter: the model it was trained for, installed or a .skill or "
                     ".gguf file")
        ->type_name(value::skill);
}

}  // namespace

void add_init(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<InitArguments>();
    CLI::App *command =
        app.add_subcommand("init", "Print a first skill.json for a GGUF model or adapter");
    command->add_option("MODEL", arguments->model, "The GGUF file")
        ->required()
        ->type_name(value::file);
    command->add_option("--id", arguments->id, "Reverse-DNS name, such as org.example.mood")
        ->required()
        ->type_name("NAME");
    command->add_option("--version", arguments->version, "Semantic version (default: 0.1.0)")
        ->type_name("VERSION");
    add_base(command, arguments->base.base);
    command
        ->add_option("--base-id", arguments->base.id,
                     "What to call the base (default: as its package is called)")
        ->type_name("NAME");
    command->add_option("--base-version", arguments->base.version, "The base's version (likewise)")
        ->type_name("VERSION");
    command->footer(
        "skillet init model.gguf --id org.example.mood > skill.json\n"
        "skillet init model.gguf --id org.example.mood --version 1.2.0 > skill.json\n"
        "skillet init lora.gguf --id org.example.mood --base base.skill > skill.json");
    command->callback([&session, arguments] {
        const Json document = init_document(session, *arguments);
        // The document is the output in both forms; people get it laid out for editing.
        if (!session.print_json(document)) fmt::print("{}\n", document.dump(2));
    });
}

void add_pack(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<PackArguments>();
    CLI::App *command = app.add_subcommand("pack", "Make a .skill file; equal inputs, equal bytes");
    command->add_option("SKILL_JSON", arguments->skill, "The author's skill.json")
        ->required()
        ->type_name(value::file);
    command
        ->add_option("-m,--model", arguments->model,
                     "The GGUF file (default: model.gguf beside skill.json)")
        ->type_name(value::file);
    command
        ->add_option("-o,--output", arguments->output,
                     "The file to write (default: ID-VERSION.skill)")
        ->type_name(value::file);
    add_base(command, arguments->base.base);
    command->add_option("--doc", arguments->documents, "A file for people, such as README.md")
        ->allow_extra_args(false)
        ->type_name(value::file);
    command->add_option("--attach", arguments->attachments, "A calibration or evidence document")
        ->allow_extra_args(false)
        ->type_name(value::file);
    command->footer(
        "skillet pack skill.json --model model.gguf\n"
        "skillet pack skill.json -m model.gguf --doc README.md --attach calibration.json\n"
        "skillet pack skill.json -m lora.gguf --base org.example.base");
    command->callback([&session, arguments] { pack(session, *arguments); });
}

void add_inspect(CLI::App &app, Session &session) {
    auto path = std::make_shared<std::string>();
    CLI::App *command =
        app.add_subcommand("inspect", "Say what a GGUF or .skill file is, installing nothing");
    command->add_option("FILE", *path, "A .gguf or .skill file")
        ->required()
        ->type_name(value::file);
    command->footer(
        "skillet inspect model.gguf\n"
        "skillet inspect model.gguf --json | jq .tokenizer\n"
        "skillet inspect org.example.mood-0.1.0.skill");
    command->callback([&session, path] {
        const Json document = session.document_of(skl_author_inspect, path->c_str());
        if (session.print_json(document)) return;
        if (document["schema"] == "skillet.gguf/1") {
            print_gguf(document);
        } else {
            print_package(document);
        }
    });
}

}  // namespace cli
