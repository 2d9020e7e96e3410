// SPDX-License-Identifier: Apache-2.0
#include "assembly/diagnosis.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

#include <fmt/format.h>

#include "assembly/state_directory.h"

namespace skillet {
namespace {

constexpr uint64_t disk_low_bytes = uint64_t{1} << 30;
constexpr uint64_t disk_full_bytes = uint64_t{64} << 20;

Finding good(const char *check, std::string text) {
    return {check, Health::good, std::move(text), {}, SKL_OK};
}

Finding warning(const char *check, std::string text, std::string hint) {
    return {check, Health::warning, std::move(text), std::move(hint), SKL_OK};
}

Finding failed(const char *check, const Error &error) {
    const std::string about = error.subject.empty() ? "" : " (" + error.subject + ")";
    return {check, Health::problem, error.message + about, error.hint, error.code};
}

// The engine's factory checks the processor first.
Finding check_engine(Runtime &runtime) {
    const auto engine = runtime.engine();
    if (!engine) return failed("engine", engine.error());
    return good("engine", (*engine)->build() + ", and the processor has what it needs");
}

Finding check_settings(const Settings &settings) {
    if (settings.config.empty()) return good("settings", "no settings file");
    return good("settings", "read from " + settings.config);
}

Finding check_root(const std::string &root) {
    const std::string place = existing_part(root);
    if (!can_write_in(place)) {
        const auto refusal = os_error(errno, "cannot write", place);
        if (place == root && ::access((root + "/skillet.db").c_str(), R_OK) == 0) {
            return warning("root", root + " can be read, but not changed", refusal.hint);
        }
        return failed("root", refusal);
    }
    if (place != root) {
        return good("root", root + " is not there yet; the first install makes it");
    }
    struct stat status {};
    if (::stat(root.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return warning("root", root + " can be changed by other users",
                       fmt::format("chmod go-w '{}'", root));
    }
    return good("root", root);
}

Finding check_database(Root &root) {
    auto sound = root.registry().verify_ledger();
    if (!sound) return failed("database", sound.error());
    return good("database", "ledger and registry agree, every hash fits");
}

Finding check_packages(const std::vector<PackageRow> &rows) {
    const auto bad = std::count_if(rows.begin(), rows.end(), [](const PackageRow &row) {
        return row.state == State::quarantined;
    });
    const std::string text = fmt::format("{} installed, {} quarantined", rows.size(), bad);
    if (bad == 0) return good("packages", text);
    return warning("packages", text, "`skillet list` shows them and why");
}

// Which packages processes died at, and nobody has quarantined yet.
Finding check_crashes(const StrikeBook &book, const std::vector<PackageRow> &rows) {
    std::string text;
    for (const PackageRow &row : rows) {
        const auto strikes = book.strikes_of(row.digest);
        if (!strikes) return failed("crashes", strikes.error());
        if (strikes->empty()) continue;
        text += fmt::format("{}{}@{}: {}", text.empty() ? "" : "; ", row.id, row.version,
                            sentence_of(*strikes));
    }
    if (text.empty()) return good("crashes", "no process died while the engine was at a package");
    return warning("crashes", text,
                   fmt::format("a package at which {} processes die is quarantined", strikes_max));
}

Finding check_disk(const std::string &root) {
    struct statvfs status {};
    const std::string place = existing_part(root);
    if (::statvfs(place.c_str(), &status) != 0) {
        return failed("disk", os_error(errno, "cannot ask for free space", place));
    }
    const uint64_t free_bytes = uint64_t{status.f_bavail} * status.f_frsize;
    const std::string text = fmt::format("{} MB free at {}", free_bytes / 1'000'000, place);
    if (free_bytes < disk_full_bytes) {
        return {"disk", Health::problem, text, "free some space, or choose another --root",
                SKL_E_IO};
    }
    if (free_bytes < disk_low_bytes) return warning("disk", text, "free some space");
    return good("disk", text);
}

// The bytes a file of the kernel names in its first line; none if it says no number ("max").
std::optional<uint64_t> number_in(const char *path) {
    std::ifstream file(path);
    std::string text;
    uint64_t value = 0;
    if (!(file >> text)) return {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

// What this process may use at most: the machine's memory, or less in a container.
uint64_t memory_bytes() {
    const uint64_t machine = physical_memory_bytes();
    return std::min(machine, number_in("/sys/fs/cgroup/memory.max").value_or(machine));
}

Finding check_memory(const Settings &settings) {
    const uint64_t memory = memory_bytes();
    const std::string text = fmt::format("a budget of {} MB, of {} MB of memory",
                                         settings.budget_bytes / 1'000'000, memory / 1'000'000);
    if (settings.budget_bytes <= memory) return good("memory", text);
    return warning("memory", text, "lower it: --budget, or SKILLET_BUDGET");
}

// Ledger entries and caches rely on time going forward.
Finding check_clock(const std::string &last_event) {
    const std::string now = utc_now();
    if (now >= last_event) return good("clock", now + " UTC");
    return warning("clock",
                   fmt::format("it says {}, but something was recorded at {}", now, last_event),
                   "set the clock");
}

// When the newest installed package came; empty if there is none.
std::string last_install(const std::vector<PackageRow> &rows) {
    std::string last;
    for (const PackageRow &row : rows) last = std::max(last, row.installed_at);
    return last;
}

}  // namespace

const char *name_of(Health health) {
    constexpr const char *names[] = {"good", "warning", "problem"};
    return names[static_cast<size_t>(health)];
}

std::vector<Finding> diagnose(Runtime &runtime) {
    const std::string &path = runtime.settings().root;
    std::vector<Finding> findings{check_engine(runtime), check_settings(runtime.settings()),
                                  check_root(path)};
    std::string last_event;
    if (runtime.has_root()) {
        if (const auto root = runtime.root()) {
            findings.push_back(check_database(**root));
            const auto rows = (*root)->registry().list();
            findings.push_back(rows ? check_packages(*rows) : failed("packages", rows.error()));
            if (rows) {
                findings.push_back(check_crashes(runtime.crash_guard().book(), *rows));
                last_event = last_install(*rows);
            }
        } else {
            findings.push_back(failed("database", root.error()));
        }
    }
    findings.push_back(check_disk(path));
    findings.push_back(check_memory(runtime.settings()));
    findings.push_back(check_clock(last_event));
    return findings;
}

}  // namespace skillet
