// SPDX-License-Identifier: Apache-2.0
// init, pack, inspect: for people who make skills.
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <skillet/authoring/authoring.h>

#include "commands.h"
#include "input.h"
#include "style.h"

namespace cli {
namespace {

struct InitArguments {
    std::string model;
    std::string id;
    std::string version = "0.1.0";
};

struct PackArguments {
    std::string skill;
    std::string model;
    std::string output;
    std::vector<std::string> documents;
    std::vector<std::string> attachments;
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
    const Json packed = session.document_of(skl_author_pack, &options);
    if (session.print_json(packed)) return;
    fmt::print("packed {} {} into {} ({})\n{}\n", packed["id"].get<std::string>(),
               packed["version"].get<std::string>(), arguments.output,
               short_bytes(packed["bytes"].get<uint64_t>()), packed["digest"].get<std::string>());
}

void print_gguf(const Json &facts) {
    const auto text = [&](const char *member) { return facts[member].get<std::string>(); };
    fmt::print("GGUF version {}, {}\n", facts["format_version"].get<int>(),
               short_bytes(facts["bytes"].get<uint64_t>()));
    fmt::print("  digest        {}\n", text("digest"));
    fmt::print("  name          {}\n", text("name").empty() ? "-" : text("name"));
    fmt::print("  architecture  {}\n", text("architecture"));
    fmt::print("  quantization  {}\n", text("quantization"));
    fmt::print("  parameters    {}\n", facts["parameters"].get<uint64_t>());
    fmt::print("  tokenizer     {} with {} tokens\n", facts["tokenizer"]["id"].get<std::string>(),
               facts["tokenizer"]["tokens"].get<uint64_t>());
    fmt::print("  context       {} tokens\n", facts["context_length"].get<uint64_t>());
    std::string labels;
    for (const Json &label : facts["labels"]) {
        labels += (labels.empty() ? "" : ", ") + label.get<std::string>();
    }
    fmt::print("  labels        {}\n", labels.empty() ? "-" : labels);
    fmt::print("  weights       {} tensors\n", facts["tensors"].size());
    if (facts["runnable"].get<bool>()) {
        fmt::print("  runnable      yes\n");
        return;
    }
    const Json &obstacle = facts["obstacle"];
    fmt::print("  runnable      no: {}\n", obstacle["message"].get<std::string>());
    const std::string hint = obstacle["hint"].get<std::string>();
    if (!hint.empty()) fmt::print("                {}\n", hint);
}

}  // namespace

void add_init(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<InitArguments>();
    CLI::App *command = app.add_subcommand(
        "init", "Print a first skill.json for a GGUF model, derived from its bytes");
    command->add_option("MODEL", arguments->model, "The GGUF file")->required();
    command->add_option("--id", arguments->id, "Reverse-DNS name, such as org.example.my-skill")
        ->required();
    command->add_option("--version", arguments->version, "Semantic version (default: 0.1.0)");
    command->footer("\nExample:\n  skillet init model.gguf --id org.example.mood > skill.json");
    command->callback([&session, arguments] {
        const Json document =
            session.document_of(skl_author_init, arguments->model.c_str(), arguments->id.c_str(),
                                arguments->version.c_str());
        // The document is the output in both forms; people get it laid out for editing.
        if (!session.print_json(document)) fmt::print("{}\n", document.dump(2));
    });
}

void add_pack(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<PackArguments>();
    CLI::App *command = app.add_subcommand("pack", "Make a .skill file; equal inputs, equal bytes");
    command->add_option("SKILL_JSON", arguments->skill, "The author's skill.json")->required();
    command->add_option("-m,--model", arguments->model,
                        "The GGUF file (default: model.gguf beside skill.json)");
    command->add_option("-o,--output", arguments->output, "Default: ID-VERSION.skill");
    command->add_option("--doc", arguments->documents, "A file for people (may be repeated)");
    command->add_option("--attach", arguments->attachments,
                        "A calibration or evidence document (may be repeated)");
    command->footer("\nExample:\n  skillet pack skill.json --model model.gguf --doc README.md");
    command->callback([&session, arguments] { pack(session, *arguments); });
}

void add_inspect(CLI::App &app, Session &session) {
    auto path = std::make_shared<std::string>();
    CLI::App *command =
        app.add_subcommand("inspect", "Say what a GGUF or .skill file is, installing nothing");
    command->add_option("FILE", *path, "A .gguf or .skill file")->required();
    command->footer("\nExample:\n  skillet inspect model.gguf --json | jq .tokenizer");
    command->callback([&session, path] {
        const Json document = session.document_of(skl_author_inspect, path->c_str());
        if (session.print_json(document)) return;
        if (document["schema"] == "skillet.gguf/1") {
            print_gguf(document);
        } else {
            fmt::print("{}\n", document.dump(2));
        }
    });
}

}  // namespace cli
