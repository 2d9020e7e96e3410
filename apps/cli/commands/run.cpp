// SPDX-License-Identifier: Apache-2.0
// run: ask a skill, once or for each line of a file.
#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "commands.h"
#include "interrupt.h"
#include "style.h"

namespace cli {
namespace {

// The library refuses what the contract does not admit; this only bounds what is read.
constexpr size_t input_bytes_max = 64u << 20;
// Lines that are read, answered in parallel and printed in order before the next ones.
constexpr size_t batch_lines = 256;

struct RunArguments {
    std::string reference;
    std::string input;
    std::string input_file;
    bool batch = false;
    bool stats = false;
    uint32_t deadline_ms = 0;
};

void print_stats(const Json &stats) {
    const auto ms = [&](const char *member) { return stats[member].get<double>(); };
    fmt::print(
        "\n  time       {:.2f} ms: input {:.2f}, tokenize {:.2f}, wait {:.2f}, compute {:.2f}\n",
        ms("total_ms"), ms("input_ms"), ms("tokenize_ms"), ms("wait_ms"), ms("compute_ms"));
    fmt::print("  read       {} tokens in {} windows; {} tokens dropped\n",
               stats["tokens"].get<uint64_t>(), stats["windows"].get<uint64_t>(),
               stats["tokens_dropped"].get<uint64_t>());
}

void print_result(const Json &result) {
    const Style style(stdout);
    const Json &confidence = result["confidence"];
    const std::string worth = confidence.is_null()
                                  ? "no confidence: not calibrated"
                                  : fmt::format("confidence {:.4f}", confidence.get<double>());
    if (result["abstained"].get<bool>()) {
        fmt::print("{}abstained{}  {}\n", style.strong(), style.plain(), worth);
    } else {
        fmt::print("{}{}{}  {}\n", style.strong(), result["output"]["label"].get<std::string>(),
                   style.plain(), worth);
    }
    for (const auto &[label, probability] : result["probabilities"].items()) {
        fmt::print("  {:<10} {:.4f}\n", label, probability.get<double>());
    }
    fmt::print("{}  skill      {} {}\n  package    {}\n  artifact   {}\n  engine     {}{}\n",
               style.dim(), result["skill"]["id"].get<std::string>(),
               result["skill"]["version"].get<std::string>(),
               result["digests"]["package"].get<std::string>(),
               result["digests"]["artifact"].get<std::string>(),
               result["engine"].get<std::string>(), style.plain());
    if (result.contains("stats")) print_stats(result["stats"]);
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

// One line of a batch: its question, then its answer or error, both JSON on one line.
struct BatchLine {
    size_t number = 0;
    std::string text;
    skl_status status = SKL_OK;
};

void answer(const skl::Module &module, const RunArguments &arguments, skl_cancel cancel,
            BatchLine &line) {
    auto reply = module.invoke(line.text, arguments.deadline_ms, cancel);
    std::string document;
    if (reply) {
        auto made = reply->document(arguments.stats);
        if (made) document = made->text();
        line.status = made ? SKL_OK : made.error().code();
        if (!made) document = made.error().json();
    } else {
        line.status = reply.error().code();
        document = reply.error().json();
    }
    // {"line":7,…the document's own members…}
    line.text = fmt::format("{{\"line\":{},{}", line.number,
                            document.empty() ? "\"error\":null}" : document.substr(1));
}

void answer_all(const skl::Module &module, const RunArguments &arguments, skl_cancel cancel,
                std::vector<BatchLine> &lines) {
    const size_t workers = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 64);
    std::vector<std::thread> threads;
    for (size_t worker = 0; worker < std::min(workers, lines.size()); ++worker) {
        threads.emplace_back([&, worker] {
            for (size_t i = worker; i < lines.size(); i += workers) {
                answer(module, arguments, cancel, lines[i]);
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
}

void run_batch(Session &session, const skl::Module &module, const RunArguments &arguments) {
    const std::string text =
        read_input(arguments.input_file.empty() ? "-" : arguments.input_file, size_t{1} << 32);
    size_t number = 0;
    size_t failed = 0;
    skl_status first_failure = SKL_OK;
    for (size_t at = 0; at < text.size();) {
        std::vector<BatchLine> lines;
        while (at < text.size() && lines.size() < batch_lines) {
            const size_t end = std::min(text.find('\n', at), text.size());
            lines.push_back({++number, text.substr(at, end - at), SKL_OK});
            at = end + 1;
        }
        answer_all(module, arguments, session.cancel(), lines);
        for (const BatchLine &line : lines) {
            fmt::print("{}\n", line.text);
            if (line.status == SKL_OK) continue;
            if (failed++ == 0) first_failure = line.status;
        }
        if (interrupted()) throw Failure{SKL_E_CANCELLED, "interrupted", {}, {}, {}};
    }
    if (failed == 0) return;
    throw Failure{first_failure,
                  fmt::format("{} of {} lines failed", failed, number),
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
                     "ID, ID@VERSION, ID@sha256:HEX, or a .skill file (verified, not installed)")
        ->required();
    auto *input = command->add_option("--input", arguments->input, "The input, as JSON");
    auto *file = command->add_option("--input-file", arguments->input_file,
                                     "A file with the input; - for standard input");
    auto *batch = command->add_flag("--batch", arguments->batch,
                                    "One input per line (from --input-file or standard input), one "
                                    "JSON document per line out, in order");
    command->add_option("--deadline-ms", arguments->deadline_ms,
                        "Per request (default: the contract's)");
    command->add_flag("--stats", arguments->stats, "Also say where the time went");
    input->excludes(file)->excludes(batch);
    command->footer(
        "\nExamples:\n"
        "  skillet run org.skillet.spam-filter --input '{\"subject\": \"Hi\", \"body\": \"…\"}'\n"
        "  skillet run ./my.skill --input-file mail.json --json\n"
        "  skillet run org.skillet.spam-filter --batch < mails.jsonl > answers.jsonl");
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
