// SPDX-License-Identifier: Apache-2.0
// run: ask a skill, once or for each line of a file.
#include <algorithm>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "batch.h"
#include "command_facts.h"
#include "commands.h"
#include "input.h"
#include "interrupt.h"
#include "package_text.h"
#include "style.h"

namespace cli {
namespace {

// The library refuses what the contract does not admit; this only bounds what is read.
constexpr size_t input_bytes_max = 64u << 20;
constexpr size_t workers_max = 64;

struct RunArguments {
    std::string reference;
    std::string input;
    std::string input_file;
    bool batch = false;
    bool stats = false;
    uint32_t deadline_ms = 0;
};

std::string time_text(const Json &stats) {
    const auto ms = [&](const char *member) { return stats[member].get<double>(); };
    return fmt::format("{:.2f} ms: input {:.2f}, tokenize {:.2f}, wait {:.2f}, compute {:.2f}",
                       ms("total_ms"), ms("input_ms"), ms("tokenize_ms"), ms("wait_ms"),
                       ms("compute_ms"));
}

void print_result(const Json &result) {
    const Style style(stdout);
    const Json &confidence = result["confidence"];
    const std::string worth =
        confidence.is_null() ? "no confidence: " + text_of(result["confidence_absent"], "message")
                             : fmt::format("confidence {:.4f}", confidence.get<double>());
    const bool abstained = result["abstained"].get<bool>();
    fmt::print("{}{}{}  {}\n", style.strong(),
               abstained ? "abstained" : text_of(result["output"], "label"), style.plain(), worth);
    for (const auto &[label, probability] : result["probabilities"].items()) {
        print_fact(printable(label), fmt::format("{:.4f}", probability.get<double>()));
    }
    fmt::print("{}", style.dim());
    const Json &skill = result["skill"];
    print_fact("skill", text_of(skill, "id") + " " + text_of(skill, "version"));
    print_fact("package", text_of(result["digests"], "package"));
    print_fact("artifact", text_of(result["digests"], "artifact"));
    print_fact("engine", text_of(result, "engine"));
    fmt::print("{}", style.plain());
    if (!result.contains("stats")) return;
    const Json &stats = result["stats"];
    print_fact("time", time_text(stats));
    print_fact(
        "read",
        fmt::format("{} tokens in {} windows; {} tokens dropped", stats["tokens"].get<uint64_t>(),
                    stats["windows"].get<uint64_t>(), stats["tokens_dropped"].get<uint64_t>()));
}

void run_once(Session &session, const skl::Module &module, const RunArguments &arguments) {
    std::string input = arguments.input;
    if (!arguments.input_file.empty()) input = read_input(arguments.input_file, input_bytes_max);
    const skl::Reply reply =
        session.value_of(module.invoke(input, arguments.deadline_ms, session.cancel()));
    const skl::Document document = session.value_of(reply.document(arguments.stats));
    const Json result = Session::parse(document.text());
    if (!session.print_json(result)) print_result(result);
}

// {"line":7,…the document's own members…}
std::string numbered(size_t number, std::string_view document) {
    return fmt::format("{{\"line\":{},{}", number, document.substr(1));
}

BatchAnswer refusal(size_t number, const Failure &failure) {
    return {numbered(number, one_line(error_document(failure))), failure.code};
}

// What the library says of so many bytes, without having kept them.
BatchAnswer too_long(size_t number, size_t bytes, size_t bytes_max) {
    Json document = error_document(
        {SKL_E_INPUT_TOO_LARGE,
         fmt::format("the input has {} bytes; at most {} are admitted", bytes, bytes_max),
         {},
         "send less",
         {}});
    document["error"]["required_bytes"] = bytes;
    document["error"]["available_bytes"] = bytes_max;
    return {numbered(number, one_line(document)), SKL_E_INPUT_TOO_LARGE};
}

BatchAnswer answer(const skl::Module &module, const RunArguments &arguments, skl_cancel cancel,
                   size_t number, const InputLine &line) {
    auto reply = module.invoke(line.text, arguments.deadline_ms, cancel);
    if (!reply) return refusal(number, Session::failure_of(reply.error()));
    auto document = reply->document(arguments.stats);
    if (!document) return refusal(number, Session::failure_of(document.error()));
    return {numbered(number, document->text()), SKL_OK};
}

// The most bytes of a request, by the skill's contract.
size_t input_bytes_of(Session &session, const skl::Module &module) {
    const skl::Document shown = session.value_of(module.show());
    return Session::parse(shown.text())["skill"]["contract"]["limits"]["input_bytes"].get<size_t>();
}

void run_batch(Session &session, const skl::Module &module, const RunArguments &arguments) {
    const size_t bytes_max = input_bytes_of(session, module);
    const skl_cancel cancel = session.cancel();
    LineReader lines(arguments.input_file.empty() ? "-" : arguments.input_file, bytes_max);
    Batch batch(
        [&](size_t number, const InputLine &line) {
            return line.too_long() ? too_long(number, line.bytes, bytes_max)
                                   : answer(module, arguments, cancel, number, line);
        },
        std::clamp<size_t>(std::thread::hardware_concurrency(), 1, workers_max));
    for (InputLine line; lines.next(line);) batch.add(std::move(line));
    const BatchSummary summary = batch.finish();
    if (interrupted()) throw Failure{SKL_E_CANCELLED, "interrupted", {}, {}, {}};
    if (summary.failed == 0) return;
    throw Failure{summary.first_failure,
                  fmt::format("{} of {} lines failed", summary.failed, summary.lines),
                  {},
                  "each failed line's document says why",
                  {}};
}

void run(Session &session, const RunArguments &arguments) {
    const skl::Module module = session.open_module(arguments.reference);
    if (arguments.batch) {
        run_batch(session, module, arguments);
    } else {
        run_once(session, module, arguments);
    }
}

}  // namespace

void add_run(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<RunArguments>();
    CLI::App *command = app.add_subcommand("run", "Ask a skill and print its typed answer");
    command
        ->add_option("SKILL", arguments->reference,
                     "ID, ID@VERSION, ID@RANGE, ID@sha256:HEX, or a .skill file (verified, not "
                     "installed)")
        ->required()
        ->type_name(value::skill);
    auto *input =
        command->add_option("--input", arguments->input, "The input, as JSON")->type_name("JSON");
    auto *file = command
                     ->add_option("--input-file", arguments->input_file,
                                  "A file with the input; - for standard input")
                     ->type_name(value::file);
    auto *batch = command->add_flag("--batch", arguments->batch,
                                    "One input per line (from --input-file or standard input), one "
                                    "JSON document per line out, in order, each as it comes");
    command
        ->add_option("--deadline-ms", arguments->deadline_ms,
                     "Most milliseconds per request (default: the contract's)")
        ->type_name("MS");
    command->add_flag("--stats", arguments->stats, "Also say where the time went");
    input->excludes(file)->excludes(batch);
    command->footer(
        "skillet run org.skillet.spam-filter --input '{\"subject\": \"Hi\", \"body\": \"…\"}'\n"
        "skillet run ./my.skill --input-file mail.json --json\n"
        "skillet run org.skillet.spam-filter --batch < mails.jsonl > answers.jsonl");
    command->callback([&session, arguments] {
        if (arguments->input.empty() && arguments->input_file.empty() && !arguments->batch) {
            throw Failure{SKL_E_INVALID_ARGUMENT,
                          "there is no input",
                          {},
                          "give --input JSON, --input-file FILE (- for stdin) or --batch",
                          {}};
        }
        run(session, *arguments);
    });
}

}  // namespace cli
