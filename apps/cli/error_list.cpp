// SPDX-License-Identifier: Apache-2.0
#include "error_list.h"

#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace cli {
namespace {

// The header gives its codes smaller numbers.
constexpr skl_status code_max = 199;

constexpr auto groups = std::to_array<ExitStatus>({
    {0, "done"},
    {2, "usage"},
    {3, "not found"},
    {4, "package refused"},
    {5, "request refused"},
    {6, "state refuses"},
    {7, "memory"},
    {8, "stopped"},
    {9, "storage"},
    {10, "somebody's registry"},
    {70, "a bug"},
});

const char *meaning_of(int exit_status) {
    for (const ExitStatus &group : groups) {
        if (group.number == exit_status) return group.meaning;
    }
    return "other";
}

}  // namespace

std::vector<ErrorEntry> all_errors() {
    std::vector<ErrorEntry> entries;
    for (skl_status code = SKL_OK + 1; code <= code_max; ++code) {
        const char *name = skl_status_name(code);
        if (std::string_view(name) == "unknown") continue;
        entries.push_back({code, name, skl_status_meaning(code), skl_status_exit_code(code),
                           skl_status_retry(code)});
    }
    return entries;
}

std::vector<ExitStatus> exit_statuses() {
    std::set<int> numbers{0};
    for (const ErrorEntry &entry : all_errors()) numbers.insert(entry.exit_status);
    std::vector<ExitStatus> statuses;
    for (const int number : numbers) statuses.push_back({number, meaning_of(number)});
    return statuses;
}

std::string exit_statuses_line() {
    std::string line;
    for (const ExitStatus &status : exit_statuses()) {
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", status.number, status.meaning);
    }
    return line;
}

}  // namespace cli
