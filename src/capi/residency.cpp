// SPDX-License-Identifier: Apache-2.0
// What is in memory, of this runtime and of all that work on its root.
#include <chrono>

#include <fmt/chrono.h>
#include <skillet/runtime.h>

#include "capi/boundary.h"

using namespace skillet;

namespace {

std::string utc_of(std::chrono::system_clock::time_point at) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

json::Value module_row(const ResidentStatus &status) {
    const auto or_null = [](const auto &value) {
        return value ? json::Value(*value) : json::Value();
    };
    return json::Object{{"id", status.id},
                        {"version", status.version},
                        {"digest", status.key.to_string()},
                        {"state", name_of(status.residency)},
                        {"leases", status.leases},
                        {"contexts", status.contexts},
                        {"uses", status.uses},
                        {"used_at", utc_of(status.used_at)},
                        {"reserved_bytes", status.reserved_bytes},
                        {"predicted_bytes", status.predicted_bytes},
                        {"measured_bytes", or_null(status.measured_bytes)},
                        {"load_ms", status.load_ms},
                        {"resume_ms", status.resume_ms},
                        {"pinned", status.keeping.pinned},
                        {"priority", status.keeping.priority},
                        {"leaves", or_null(status.rank)},
                        {"worth", json::Object{{"value", status.worth.value},
                                               {"chance", status.worth.chance},
                                               {"bytes", status.worth.cost.bytes},
                                               {"ms", status.worth.cost.reload_ms}}}};
}

json::Object report_members(const ResidencyReport &report) {
    uint64_t active = 0;
    uint64_t parked = 0;
    json::Array modules;
    for (const ResidentStatus &status : report.modules) {
        if (status.residency == Residency::active) ++active;
        if (status.residency == Residency::parked) ++parked;
        modules.push_back(module_row(status));
    }
    const ResidentCounters &counters = report.counters;
    return json::Object{{"budget_bytes", report.budget_bytes},
                        {"reserved_bytes", report.reserved_bytes},
                        {"parked_bytes", report.parked_bytes},
                        {"eviction", name_of(report.rule)},
                        {"in_memory", report.modules.size()},
                        {"active", active},
                        {"parked", parked},
                        {"hits", counters.hits},
                        {"resumes", counters.resumes},
                        {"loads", counters.loads},
                        {"load_ms", counters.load_ms},
                        {"evictions", counters.evictions},
                        {"parkings", counters.parkings},
                        {"failures", counters.failures},
                        {"modules", std::move(modules)}};
}

json::Value residency_document(const ResidencyReport &report) {
    json::Object document{{"schema", "skillet.residency/1"}};
    for (const auto &member : report_members(report)) document.append(member.first, member.second);
    return document;
}

// How many packages could be loaded, of how many there are.
Result<json::Value> installed_counts(Runtime &runtime) {
    uint64_t installed = 0;
    uint64_t verified = 0;
    if (runtime.has_root()) {
        SKL_TRY_ASSIGN(root, runtime.root());
        SKL_TRY_ASSIGN(packages, root->registry().list());
        installed = packages.size();
        for (const PackageRow &row : packages) verified += row.state == State::verified ? 1 : 0;
    }
    return json::Value(json::Object{{"installed", installed}, {"verified", verified}});
}

json::Value process_row(const BoardReading &reading) {
    json::Object row{
        {"pid", reading.pid}, {"started_at", reading.started_at}, {"unlisted", reading.unlisted}};
    for (const auto &member : report_members(reading.report))
        row.append(member.first, member.second);
    return row;
}

Result<json::Value> processes_document(Runtime &runtime) {
    SKL_TRY_ASSIGN(counts, installed_counts(runtime));
    SKL_TRY_ASSIGN(boards, read_boards(runtime.boards_directory()));
    json::Array processes;
    for (const BoardReading &board : boards) processes.push_back(process_row(board));
    return json::Value(json::Object{{"schema", "skillet.processes/1"},
                                    {"root", runtime.settings().root},
                                    {"packages", std::move(counts)},
                                    {"processes", std::move(processes)}});
}

}  // namespace

skl_status skl_runtime_residency(skl_runtime runtime, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        *out = make_document(residency_document(object->resident().report()));
        return {};
    });
}

skl_status skl_runtime_processes(skl_runtime runtime, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(document, processes_document(*object));
        *out = make_document(document);
        return {};
    });
}
