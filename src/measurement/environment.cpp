// SPDX-License-Identifier: Apache-2.0
// What a figure of time depends on, as far as the system tells.
#include <sys/utsname.h>

#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "base/utf8.h"
#include "measurement/evaluate.h"

namespace skillet {
namespace {

constexpr size_t text_bytes_max = 256;

std::string processor_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const size_t colon = line.find(": ");
        if (!line.starts_with("model name") || colon == std::string::npos) continue;
        std::string name = line.substr(colon + 2, text_bytes_max);
        return is_utf8(name) ? name : std::string();
    }
    return {};
}

}  // namespace

Environment environment_here(const std::string &engine, const std::string &library) {
    Environment environment{{"library", library},
                            {"engine", engine},
                            {"cores", fmt::format("{}", std::thread::hardware_concurrency())}};
    if (std::string name = processor_name(); !name.empty()) {
        environment.emplace_back("processor", std::move(name));
    }
    utsname system{};
    if (::uname(&system) == 0 && is_utf8(system.release)) {
        environment.emplace_back("machine", system.machine);
        environment.emplace_back("system", fmt::format("{} {}", system.sysname, system.release));
    }
    return environment;
}

json::Value environment_json(const Environment &environment) {
    json::Object members;
    for (const auto &[name, value] : environment) members.append(name, value);
    return members;
}

}  // namespace skillet
