// SPDX-License-Identifier: Apache-2.0
// contract check: schemas and values, without a model. Its errors are JSON in any case: it is asked
// by programs, as often as authors have lines.
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <skillet/authoring/contract.h>

#include "command_facts.h"
#include "commands.h"
#include "input.h"

namespace cli {
namespace {

// What the library reads of a document at most.
constexpr size_t document_bytes_max = 4u << 20;
constexpr size_t output_bytes_max = 64u << 10;

struct CheckArguments {
    std::string schema;
    std::string instance;
    std::string lines;
    bool batch = false;
};

using Schema = skl::Owned<skl_schema, skl_schema_free>;

void check_one(Session &session, const CheckArguments &arguments) {
    if (arguments.schema.empty() || arguments.instance.empty()) {
        throw Failure{SKL_E_INVALID_ARGUMENT,
                      "there is no schema or no instance",
                      {},
                      "give --schema FILE and --instance FILE, or --batch",
                      {}};
    }
    const std::string schema_text = read_input(arguments.schema, document_bytes_max);
    const std::string instance = read_input(arguments.instance, document_bytes_max);
    const auto schema = session.value_of(
        skl::call<Schema, skl_schema>(skl_schema_compile, schema_text.data(), schema_text.size()));
    skl_error error{};
    const skl_status status =
        skl_schema_check(schema.get(), instance.data(), instance.size(), &error);
    if (status != SKL_OK) throw Session::failure_of(skl::Error(status, error));
    const Json document{{"schema", "skillet.contract_check/1"}, {"valid", true}};
    if (!session.print_json(document)) fmt::print("valid\n");
}

std::string too_long(const InputLine &line) {
    Json error = error_document({SKL_E_INPUT_TOO_LARGE,
                                 fmt::format("the line has {} bytes; at most {} are admitted",
                                             line.bytes, document_bytes_max),
                                 {},
                                 "send less",
                                 {}})["error"];
    error["required_bytes"] = line.bytes;
    error["available_bytes"] = document_bytes_max;
    return one_line(
        {{"id", nullptr}, {"schema", nullptr}, {"valid", nullptr}, {"error", std::move(error)}});
}

void append_answer(Session &session, const InputLine &line, std::string &output) {
    if (line.too_long()) {
        output += too_long(line);
    } else {
        const skl::Document document = session.value_of(skl::call<skl::Document, skl_document>(
            skl_schema_check_line, line.text.data(), line.text.size()));
        output += document.text();
    }
    output += '\n';
}

void print(std::string &output) {
    std::fwrite(output.data(), 1, output.size(), stdout);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw output_failure();
    output.clear();
}

// Who reads the answers may wait for them before it asks on, so that none stays behind when no
// further line is there.
void check_lines(Session &session, const std::string &path) {
    LineReader lines(path.empty() ? "-" : path, document_bytes_max);
    std::string output;
    for (InputLine line; lines.next(line);) {
        append_answer(session, line, output);
        if (output.size() >= output_bytes_max || !lines.has_line()) print(output);
    }
}

void check(Session &session, const CheckArguments &arguments) {
    if (!arguments.batch && !arguments.lines.empty()) {
        throw Failure{SKL_E_INVALID_ARGUMENT,
                      "a file of lines, but no --batch",
                      arguments.lines,
                      "add --batch, or give --schema FILE and --instance FILE",
                      {}};
    }
    if (arguments.batch) {
        check_lines(session, arguments.lines);
    } else {
        check_one(session, arguments);
    }
}

void add_contract_check(CLI::App &group, Session &session) {
    auto arguments = std::make_shared<CheckArguments>();
    CLI::App *command =
        group.add_subcommand("check", "Hold values against schemas, as requests are");
    auto *schema =
        command->add_option("--schema", arguments->schema, "A JSON Schema")->type_name(value::file);
    auto *instance =
        command->add_option("--instance", arguments->instance, "A JSON value to hold against it")
            ->type_name(value::file);
    command
        ->add_flag("--batch", arguments->batch,
                   "One {\"id\", \"schema\", \"instance\"} per line (from LINES or standard "
                   "input), one answer per line out")
        ->excludes(schema)
        ->excludes(instance);
    command->add_option("LINES", arguments->lines, "A file of lines, for --batch")
        ->type_name(value::file);
    command->footer(
        "skillet contract check --schema input.schema.json --instance mail.json\n"
        "skillet contract check --batch cases.jsonl > verdicts.jsonl");
    command->preparse_callback([&session](size_t) { session.errors_as_json = true; });
    command->callback([&session, arguments] { check(session, *arguments); });
}

}  // namespace

void add_contract(CLI::App &app, Session &session) {
    CLI::App *group = app.add_subcommand("contract", "Try the parts of a contract alone");
    group->require_subcommand(1);
    group->fallthrough();  // global options may follow the command
    group->footer("skillet contract check --help");
    add_contract_check(*group, session);
}

}  // namespace cli
