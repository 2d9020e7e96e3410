// SPDX-License-Identifier: Apache-2.0
// ps, explain evict: what is in memory, in every process that works on the root, and what leaves
// first.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "commands.h"
#include "interrupt.h"
#include "style.h"

namespace cli {
namespace {

std::string text_of(const Json &row, const char *name) {
    return printable(row[name].get<std::string>());
}

std::string bytes_of(const Json &value) { return value.is_null() ? "–" : short_bytes(value); }

std::string milliseconds_of(const Json &value) {
    return fmt::format("{:.1f} ms", value.get<double>());
}

std::string place_of(const Json &value) {
    return value.is_null() ? "–" : std::to_string(value.get<uint64_t>());
}

void print_process_heading(const Json &process) {
    const Style style(stdout);
    fmt::print("{}process {}{}, since {}: {} of {} charged, {} of them parked; eviction {}\n",
               style.strong(), process["pid"].get<uint64_t>(), style.plain(),
               text_of(process, "started_at"), short_bytes(process["reserved_bytes"]),
               short_bytes(process["budget_bytes"]), short_bytes(process["parked_bytes"]),
               text_of(process, "eviction"));
}

void print_counters(const Json &process) {
    const auto count = [&](const char *name) { return process[name].get<uint64_t>(); };
    fmt::print("{} hits, {} resumed, {} loaded in {:.0f} ms, {} parked, {} evicted, {} failed\n",
               count("hits"), count("resumes"), count("loads"), process["load_ms"].get<double>(),
               count("parkings"), count("evictions"), count("failures"));
}

void print_modules(const Json &process) {
    Table table({"SKILL", "VERSION", "STATE", "LEASES", "USES", "LAST USED", "CHARGED", "PREDICTED",
                 "MEASURED", "LOAD", "LEAVES"});
    for (const Json &row : process["modules"]) {
        const std::string mark = row["pinned"].get<bool>() ? " (pinned)" : "";
        table.add({text_of(row, "id"), text_of(row, "version"), text_of(row, "state") + mark,
                   std::to_string(row["leases"].get<uint64_t>()),
                   std::to_string(row["uses"].get<uint64_t>()), text_of(row, "used_at"),
                   bytes_of(row["reserved_bytes"]), bytes_of(row["predicted_bytes"]),
                   bytes_of(row["measured_bytes"]), milliseconds_of(row["load_ms"]),
                   place_of(row["leaves"])});
    }
    table.print(stdout);
}

void print_processes(const Json &document) {
    uint64_t in_memory = 0;
    uint64_t active = 0;
    for (const Json &process : document["processes"]) {
        in_memory += process["in_memory"].get<uint64_t>();
        active += process["active"].get<uint64_t>();
    }
    fmt::print("{} installed, {} of them verified; {} in memory of {} processes, {} active\n",
               document["packages"]["installed"].get<uint64_t>(),
               document["packages"]["verified"].get<uint64_t>(), in_memory,
               document["processes"].size(), active);
    for (const Json &process : document["processes"]) {
        fmt::print("\n");
        print_process_heading(process);
        print_counters(process);
        if (!process["modules"].empty()) print_modules(process);
    }
}

// The modules that may leave, the next one first.
std::vector<Json> leaving_order(const Json &process) {
    std::vector<Json> rows;
    for (const Json &row : process["modules"]) {
        if (!row["leaves"].is_null()) rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [](const Json &one, const Json &other) {
        return one["leaves"].get<uint64_t>() < other["leaves"].get<uint64_t>();
    });
    return rows;
}

std::string step_of(const Json &row) {
    return row["state"] == "parked"                         ? "evict"
           : row["worth"]["bytes"] == row["reserved_bytes"] ? "evict"
                                                            : "park";
}

void print_leaving(const Json &document) {
    if (document["processes"].empty())
        fmt::print("no process has a skill of this root in memory\n");
    for (const Json &process : document["processes"]) {
        print_process_heading(process);
        const std::vector<Json> order = leaving_order(process);
        if (order.empty()) fmt::print("nothing may leave: all is in use, pinned or on its way\n");
        Table table(
            {"NEXT", "SKILL", "STEP", "FREES", "COMES BACK IN", "CHANCE", "PRIORITY", "WORTH"});
        for (const Json &row : order) {
            const Json &worth = row["worth"];
            table.add({place_of(row["leaves"]), text_of(row, "id"), step_of(row),
                       bytes_of(worth["bytes"]), milliseconds_of(worth["ms"]),
                       fmt::format("{:.2f} %", 100 * worth["chance"].get<double>()),
                       std::to_string(row["priority"].get<int64_t>()),
                       fmt::format("{:.4g}", worth["value"].get<double>())});
        }
        if (!order.empty()) table.print(stdout);
    }
    fmt::print(
        "\nThe lowest priority leaves first, then what is worth least. By the cost-aware rule that "
        "is\nthe chance that the next request asks for it, times the time it takes to come back, "
        "by the\nbytes that its going frees; by lru and lfu its last use or the number of its "
        "uses.\n");
}

// Again and again until somebody interrupts it.
void watch(Session &session, uint32_t seconds, const std::function<void()> &show) {
    const Style style(stdout);
    const bool clears = *style.strong() != '\0' && !session.options.json;
    while (!interrupted()) {
        if (clears) fmt::print("\033[H\033[2J");
        show();
        std::fflush(stdout);
        wait_for_interrupt(std::chrono::seconds(seconds));
    }
}

}  // namespace

void add_ps(CLI::App &app, Session &session) {
    auto again = std::make_shared<bool>(false);
    auto seconds = std::make_shared<uint32_t>(2);
    CLI::App *command = app.add_subcommand("ps", "Show which skills are in memory, and where");
    command->add_flag("-w,--watch", *again, "Show it again and again, until Ctrl-C");
    command->add_option("--every", *seconds, "Seconds between two looks of --watch")
        ->check(CLI::Range(1, 3600))
        ->type_name("SECONDS");
    command->footer(
        "skillet ps\n"
        "skillet ps --watch --every 1\n"
        "skillet ps --json | jq '.processes[].modules[] | {id, state, leases}'");
    command->callback([&session, again, seconds] {
        const auto show = [&session] {
            const Json document =
                session.document_of(skl_runtime_processes, session.runtime().get());
            if (!session.print_json(document)) print_processes(document);
        };
        if (!*again) return show();
        watch(session, *seconds, show);
    });
}

void add_explain(CLI::App &app, Session &session) {
    CLI::App *group = app.add_subcommand("explain", "Say why the runtime does what it does");
    group->require_subcommand(1);
    group->footer("skillet explain evict");
    CLI::App *command =
        group->add_subcommand("evict", "Say which skill leaves memory next, and why");
    command->footer(
        "skillet explain evict\n"
        "skillet explain evict --json");
    command->callback([&session] {
        const Json document = session.document_of(skl_runtime_processes, session.runtime().get());
        if (!session.print_json(document)) print_leaving(document);
    });
}

}  // namespace cli
