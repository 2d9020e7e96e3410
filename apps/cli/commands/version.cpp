// SPDX-License-Identifier: Apache-2.0
// version: what this program is made of, for reports and for programs that want to know.
#include <fmt/format.h>

#include "commands.h"

namespace cli {
namespace {

std::string text_or(const Json &value, const char *otherwise) {
    return value.is_string() ? value.get<std::string>() : otherwise;
}

void version(const Session &session) {
    const Json info = Session::parse(skl_build_info());
    if (session.print_json(info)) return;
    const Json &build = info["build"];
    fmt::print("skillet {}\n", info["version"].get<std::string>());
    fmt::print("  ABI        {}.{}\n", info["abi"]["major"].get<int>(),
               info["abi"]["minor"].get<int>());
    fmt::print("  commit     {}\n", text_or(build["commit"], "not recorded"));
    fmt::print("  build      {}, {}, {}\n", build["compiler"].get<std::string>(),
               build["type"].get<std::string>(), build["platform"].get<std::string>());
    fmt::print("  engine     {}\n", info["engine"].get<std::string>());
    fmt::print("  processor  {}\n", text_or(info["cpu_baseline"], "any"));
}

}  // namespace

void add_version(CLI::App &app, Session &session) {
    app.add_subcommand("version", "Print release, commit, compiler, engine and ABI")
        ->footer("skillet version --json")
        ->callback([&session] { version(session); });
}

}  // namespace cli
