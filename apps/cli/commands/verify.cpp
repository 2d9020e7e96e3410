// SPDX-License-Identifier: Apache-2.0
// verify: every claim of a package against its bytes, as a list for people, a document for
// programs, or a page to hand on.
#include <memory>

#include <fmt/format.h>

#include "command_facts.h"
#include "commands.h"
#include "package_text.h"
#include "page.h"
#include "report_page.h"
#include "style.h"

namespace cli {
namespace {

// Room for the usual names of checks; a longer one pushes its finding to the right.
constexpr size_t name_columns = 34;

struct VerifyArguments {
    std::string reference;
    bool deep = false;
    std::string html;
    std::string base;
};

const char *mark_of(const std::string &result) {
    if (result == "pass") return "✓";
    if (result == "fail") return "✗";
    return result == "note" ? "·" : "–";
}

const char *colour_of(const Style &style, const std::string &result) {
    if (result == "pass") return style.good();
    return result == "fail" ? style.bad() : style.dim();
}

void print_check(const Json &check, const Style &style) {
    const std::string result = text_of(check, "result");
    const std::string basis = text_of(check, "basis");
    std::string finding = text_of(check, "finding");
    if (basis != "observed") finding += " (" + basis + ")";
    const size_t text_column = 4 + name_columns + 1;
    fmt::print("  {}{}{} {:<{}} {}\n", colour_of(style, result), mark_of(result), style.plain(),
               text_of(check, "check"), name_columns,
               wrapped(finding, text_column, text_column, columns_of(stdout)));
    if (text_of(check, "subject").empty()) return;
    fmt::print("{}    {}{}\n", style.dim(), text_of(check, "subject"), style.plain());
}

void print_checks(const Json &report) {
    const Style style(stdout);
    std::string group;
    for (const Json &check : report["checks"]) {
        if (text_of(check, "group") != group) {
            fmt::print("{}{}{}{}\n", group.empty() ? "" : "\n", style.strong(),
                       text_of(check, "group"), style.plain());
            group = text_of(check, "group");
        }
        print_check(check, style);
    }
}

void print_list(const char *heading, const Json &list, const char *name, const char *text) {
    const Style style(stdout);
    fmt::print("\n{}{}{}\n", style.strong(), heading, style.plain());
    for (const Json &row : list) print_fact(text_of(row, name), text_of(row, text));
}

void print_report(const Json &report) {
    const Style style(stdout);
    const bool holds = report["verified"].get<bool>();
    const Json &counts = report["counts"];
    print_checks(report);
    print_list("assumptions that could change this", report["assumptions"], "about", "assumption");
    const std::string name = report["id"].is_null()
                                 ? std::string("the package")
                                 : text_of(report, "id") + " " + text_of(report, "version");
    fmt::print("\n{}{}{} is {}: {} passed, {} failed, {} not checked\nevidence: {}; {}\n{}\n",
               holds ? style.strong() : style.bad(), name, style.plain(),
               holds ? "verified" : "not verified", counts["pass"].get<int>(),
               counts["fail"].get<int>(), counts["not-checked"].get<int>(),
               text_of(report, "evidence_status"),
               report["signed"].get<bool>() ? "signed" : "unsigned", text_of(report, "digest"));
}

// What a failed verification ends the command with: the report's own error.
Failure failure_in(const Json &report) {
    const Json &error = report["error"];
    return {error["number"].get<skl_status>(), text_of(error, "message"), text_of(error, "subject"),
            text_of(error, "hint"), Json{{"schema", "skillet.error/1"}, {"error", error}}.dump()};
}

void verify(Session &session, const VerifyArguments &arguments) {
    ProgressBar bar;
    const skl_work_options work = session.work(bar).options();
    skl_report_options options{sizeof options, arguments.deep ? SKL_REPORT_DEEP : 0, &work,
                               arguments.base.empty() ? nullptr : arguments.base.c_str()};
    const Json report = session.document_of(skl_package_report, session.runtime().get(),
                                            arguments.reference.c_str(), &options);
    if (!arguments.html.empty()) write_file(arguments.html, report_page(report));
    const bool printed = session.print_json(report);
    if (!printed && arguments.html.empty()) print_report(report);
    if (!report["verified"].get<bool>()) throw failure_in(report);
}

}  // namespace

void add_verify(CLI::App &app, Session &session) {
    auto arguments = std::make_shared<VerifyArguments>();
    CLI::App *command =
        app.add_subcommand("verify", "Check every claim of a package against its bytes");
    command
        ->add_option("SKILL", arguments->reference,
                     "ID, ID@VERSION, ID@RANGE, ID@sha256:HEX or a .skill file")
        ->required()
        ->type_name(value::skill);
    command->add_flag("--deep", arguments->deep,
                      "Look at every value of every tensor: NaN and infinity fail");
    command
        ->add_option("--html", arguments->html,
                     "Write the report as one self-contained page instead of printing it")
        ->type_name(value::file);
    command
        ->add_option("--base", arguments->base,
                     "The base of an adapter, as a .skill or .gguf file (default: the installed "
                     "one)")
        ->type_name(value::file);
    command->footer(
        "skillet verify ./my.skill\nskillet verify ./adapter.skill --base base.skill\n"
        "skillet verify org.skillet.spam-filter --deep\n"
        "skillet verify ./my.skill --html report.html");
    command->callback([&session, arguments] { verify(session, *arguments); });
}

}  // namespace cli
