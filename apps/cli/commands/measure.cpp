// SPDX-License-Identifier: Apache-2.0
// calibrate, eval, bench: what a skill is worth, measured.
#include <algorithm>
#include <list>
#include <memory>

#include <fmt/format.h>
#include <skillet/authoring/measure.h>

#include "command_facts.h"
#include "commands.h"
#include "evaluation_page.h"
#include "input.h"
#include "package_text.h"
#include "page.h"
#include "style.h"

namespace cli {
namespace {

constexpr size_t input_bytes_max = 64u << 20;
constexpr size_t mistakes_max = 5;

constexpr const char *skill_help =
    "ID, ID@VERSION, ID@RANGE, ID@sha256:HEX, or a .skill file (verified, not installed)";
constexpr const char *cases_help =
    R"(A file with one case a line, as JSON: {"input": {…}, "label": "…"})";

struct CalibrateArguments {
    std::string skill;
    std::string cases;
    double target_error = 0.01;
    uint64_t seed = 0;
    std::string fit_on;
    std::string out;
};

struct EvalArguments {
    std::string skill;
    std::string cases;
    std::string html;
    std::string evidence;
};

struct BenchArguments {
    std::string skill;
    std::vector<std::string> inputs;
    uint32_t warmup = 20;
    uint32_t samples = 200;
};

std::string figure(const Json &value) {
    return value.is_number() ? fmt::format("{:.4f}", value.get<double>()) : std::string("–");
}

std::string share(const Json &share) {
    if (share.is_null()) return "–";
    return fmt::format("{}  ({} of {}; 95 %: {} to {})", figure(share["value"]),
                       share["hits"].get<uint64_t>(), share["n"].get<uint64_t>(),
                       figure(share["interval"][0]), figure(share["interval"][1]));
}

std::string error_text(const Json &quality) {
    return fmt::format("{}  (95 %: {} to {})", figure(quality["ece"]),
                       figure(quality["ece_interval"][0]), figure(quality["ece_interval"][1]));
}

void print_heading(std::string_view text) {
    const Style style(stdout);
    fmt::print("{}{}{}\n", style.strong(), text, style.plain());
}

std::string file_text(const Json &document) { return one_line(document) + "\n"; }

void print_abstention(const Json &chosen, const Json &seen) {
    const std::string target = fmt::format("{:g}", chosen["target_error"].get<double>());
    if (chosen["abstain_below"].is_null()) {
        print_fact("abstain", "no threshold keeps the error at " + target + " for certain");
        print_fact("", text_of(chosen, "obstacle"));
        return;
    }
    print_fact(
        "abstain",
        fmt::format("below {:g}: of what is answered then, at most {} is wrong, with {:g} "
                    "confidence (chosen on {} cases)",
                    chosen["abstain_below"].get<double>(), target,
                    chosen["confidence"].get<double>(), chosen["chosen_on"].get<uint64_t>()));
    print_fact("", fmt::format("on the cases measured on: {} answered, {} wrong",
                               seen["answered"].get<uint64_t>(), seen["wrong"].get<uint64_t>()));
}

void print_calibration(const Json &document) {
    const Json &quality = document["quality"];
    const Json &set = document["label_set"];
    print_heading(fmt::format(
        "temperature {:.6g}, fitted on {} of {} cases", document["temperature"].get<double>(),
        document["fitted_on"].get<uint64_t>(), document["cases"]["count"].get<uint64_t>()));
    const Json &before = quality["uncalibrated"];
    print_fact("measured",
               fmt::format("on {} other cases", quality["measured_on"].get<uint64_t>()));
    print_fact("accuracy", share(quality["accuracy"]));
    print_fact("ECE", error_text(quality) + ", was " + figure(before["ece"]));
    print_fact("Brier", figure(quality["brier"]) + ", was " + figure(before["brier"]));
    print_fact("log loss", figure(quality["log_loss"]) + ", was " + figure(before["log_loss"]));
    print_abstention(document["abstention"], quality["abstention"]);
    print_fact(
        "label sets",
        fmt::format("of labels with a probability of at least {:.4g}: {} hold the right one",
                    1 - set["threshold"].get<double>(), share(quality["label_set"]["covered"])));
}

void calibrate(Session &session, const CalibrateArguments &arguments) {
    const skl::Module module = session.open_module(arguments.skill);
    ProgressBar bar;
    const skl_work_options work = session.work(bar).options();
    const skl_calibrate_options options{
        sizeof options,
        0,
        arguments.target_error,
        arguments.seed,
        arguments.fit_on.empty() ? nullptr : arguments.fit_on.c_str(),
        &work};
    const Json document =
        session.document_of(skl_measure_calibrate, module.get(), arguments.cases.c_str(), &options);
    if (!arguments.out.empty()) write_file(arguments.out, file_text(document));
    if (session.print_json(document)) return;
    print_calibration(document);
    if (arguments.out.empty()) return;
    fmt::print("\nwritten to {}; attach it when packing:\n  skillet pack skill.json --attach {}\n",
               printable(arguments.out), printable(arguments.out));
}

void print_claims(const Json &claims) {
    if (claims.empty()) return;
    fmt::print("\n");
    Table table({"CLAIM", "ACCURACY", "ECE", "BRIER", "CASES", ""});
    for (const Json &claim : claims) {
        table.add({text_of(claim, "kind"), figure(claim["accuracy"]), figure(claim["ece"]),
                   figure(claim["brier"]), claim["n"].is_number() ? claim["n"].dump() : "–",
                   claim["same_formulas"].get<bool>()
                       ? ""
                       : "ECE and Brier by formulas it does not state"});
    }
    table.print(stdout);
}

void print_mistakes(const Json &cells) {
    std::vector<const Json *> mistakes;
    for (const Json &cell : cells) {
        if (cell["truth"] != cell["answer"]) mistakes.push_back(&cell);
    }
    if (mistakes.empty()) return;
    std::stable_sort(mistakes.begin(), mistakes.end(), [](const Json *a, const Json *b) {
        return (*a)["n"].get<uint64_t>() > (*b)["n"].get<uint64_t>();
    });
    if (mistakes.size() > mistakes_max) mistakes.resize(mistakes_max);
    fmt::print("\n");
    Table table({"TRUTH", "ANSWER", "CASES"});
    for (const Json *cell : mistakes) {
        table.add({text_of(*cell, "truth"), text_of(*cell, "answer"), (*cell)["n"].dump()});
    }
    table.print(stdout);
}

void print_evaluation(const Json &document) {
    const Json &quality = document["quality"];
    const Json &abstention = document["abstention"];
    const Json &latency = document["latency"];
    const auto ms = [&](const char *name) { return latency[name].get<double>(); };
    print_heading(fmt::format("{} {} on {} cases", text_of(document["skill"], "id"),
                              text_of(document["skill"], "version"),
                              document["cases"]["count"].get<uint64_t>()));
    print_fact("accuracy", share(quality["accuracy"]));
    print_fact("baseline",
               fmt::format("{}  (always {})", figure(document["baseline"]["accuracy"]["value"]),
                           text_of(document["baseline"], "label")));
    print_fact("ECE", error_text(quality));
    print_fact("Brier", figure(quality["brier"]));
    print_fact("log loss", figure(quality["log_loss"]));
    print_fact("answered", fmt::format("{}  (abstains below {})", figure(abstention["coverage"]),
                                       figure(abstention["abstain_below"])));
    print_fact("wrong", share(abstention["error"]));
    print_fact("latency", fmt::format("p50 {:.2f} ms, p90 {:.2f} ms, p99 {:.2f} ms", ms("p50_ms"),
                                      ms("p90_ms"), ms("p99_ms")));
    print_fact("memory", short_bytes(document["memory"]["peak_resident_bytes"].get<uint64_t>()) +
                             " at most, of this process");
    print_claims(document["claims"]);
    print_mistakes(document["confusion"]);
}

void evaluate(Session &session, const EvalArguments &arguments) {
    const skl::Module module = session.open_module(arguments.skill);
    ProgressBar bar;
    const skl_work_options work = session.work(bar).options();
    skl_document evidence{};
    skl_document out{};
    skl_error error{};
    const skl_status status =
        skl_measure_evaluate(module.get(), arguments.cases.c_str(), &work, &out, &evidence, &error);
    if (status != SKL_OK) throw Session::failure_of(skl::Error(status, error));
    const skl::Document proof(evidence);
    const skl::Document text(out);
    const Json document = Session::parse(text.text());
    if (!arguments.evidence.empty()) {
        write_file(arguments.evidence, std::string(proof.text()) + "\n");
    }
    if (!arguments.html.empty()) write_file(arguments.html, evaluation_page(document));
    if (!session.print_json(document)) print_evaluation(document);
}

void print_bench(const Json &document) {
    Table table({"INPUT", "TOKENS", "P50", "P90", "P99", "MIN", "MAX"});
    for (const Json &row : document["inputs"]) {
        const auto ms = [&](const char *name) {
            return fmt::format("{:.3f} ms", row["times"][name].get<double>());
        };
        table.add({text_of(row, "input"), row["tokens"].dump(), ms("p50_ms"), ms("p90_ms"),
                   ms("p99_ms"), ms("min_ms"), ms("max_ms")});
    }
    table.print(stdout);
    fmt::print("\nloaded in {:.1f} ms; {} samples each, after {} rounds of warm-up; {}\n",
               document["load_ms"].get<double>(), document["method"]["samples"].get<uint64_t>(),
               document["method"]["warmup"].get<uint64_t>(),
               text_of(document["environment"], "engine"));
}

void bench(Session &session, const BenchArguments &arguments) {
    const skl::Module module = session.open_module(arguments.skill);
    std::vector<std::string> texts;
    for (const std::string &path : arguments.inputs) {
        texts.push_back(read_input(path, input_bytes_max));
    }
    std::vector<skl_bench_input> inputs;
    for (size_t i = 0; i < texts.size(); ++i) {
        inputs.push_back({arguments.inputs[i].c_str(), texts[i].data(), texts[i].size()});
    }
    ProgressBar bar;
    const skl_work_options work = session.work(bar).options();
    const skl_bench_options options{
        sizeof options, 0,    arguments.warmup, arguments.samples, inputs.data(),
        inputs.size(),  &work};
    const Json document = session.document_of(skl_measure_bench, module.get(), &options);
    if (!session.print_json(document)) print_bench(document);
}

}  // namespace

void add_calibrate(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<CalibrateArguments>();
    CLI::App *command =
        app.add_subcommand("calibrate", "Fit what a skill's confidence means, on cases");
    command->add_option("SKILL", arguments->skill, skill_help)->required()->type_name(value::skill);
    command->add_option("CASES", arguments->cases, cases_help)->required()->type_name(value::file);
    command
        ->add_option("--target-error", arguments->target_error,
                     "Recommend a threshold below which to abstain, so that no more of the answers "
                     "is wrong (default: 0.01)")
        ->type_name("SHARE");
    command
        ->add_option("--fit-on", arguments->fit_on,
                     "Fit on the cases whose member \"split\" is this, measure on all others "
                     "(default: halves, by the inputs' digests)")
        ->type_name("SPLIT");
    command->add_option("--seed", arguments->seed, "Which cases serve what (default: 0)")
        ->type_name("NUMBER");
    command
        ->add_option("-o,--out", arguments->out, "Write the calibration document, to be attached")
        ->type_name(value::file);
    command->footer(
        "skillet calibrate ./my.skill cases.jsonl --out calibration.json\n"
        "skillet calibrate org.example.mood cases.jsonl --target-error 0.02 --json\n"
        "skillet calibrate ./my.skill cases.jsonl --fit-on validation -o calibration.json");
    command->callback([&session, arguments] { calibrate(session, *arguments); });
}

void add_eval(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<EvalArguments>();
    CLI::App *command =
        app.add_subcommand("eval", "Measure a skill on cases, beside what its package claims");
    command->add_option("SKILL", arguments->skill, skill_help)->required()->type_name(value::skill);
    command->add_option("CASES", arguments->cases, cases_help)->required()->type_name(value::file);
    command->add_option("--html", arguments->html, "Also write a self-contained page with diagrams")
        ->type_name(value::file);
    command
        ->add_option("--evidence", arguments->evidence,
                     "Also write the evidence document, to be attached")
        ->type_name(value::file);
    command->footer(
        "skillet eval org.skillet.spam-filter cases.jsonl\n"
        "skillet eval ./my.skill cases.jsonl --html report.html\n"
        "skillet eval ./my.skill cases.jsonl --evidence evidence.json --json");
    command->callback([&session, arguments] { evaluate(session, *arguments); });
}

void add_bench(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<BenchArguments>();
    CLI::App *command = app.add_subcommand("bench", "Time one skill, one request at a time");
    command->add_option("SKILL", arguments->skill, skill_help)->required()->type_name(value::skill);
    command
        ->add_option("INPUT", arguments->inputs,
                     "Files with an input each, as JSON (default: one that follows from the "
                     "contract)")
        ->type_name(value::file);
    command->add_option("--warmup", arguments->warmup, "Rounds that are not counted (default: 20)")
        ->type_name("COUNT");
    command->add_option("--samples", arguments->samples, "Rounds that are counted (default: 200)")
        ->type_name("COUNT")
        ->check(CLI::PositiveNumber);
    command->footer(
        "skillet bench org.skillet.spam-filter\n"
        "skillet bench ./my.skill short.json long.json --samples 1000\n"
        "skillet bench ./my.skill input.json --json > record.json");
    command->callback([&session, arguments] { bench(session, *arguments); });
}

}  // namespace cli
