// SPDX-License-Identifier: Apache-2.0
// tests/remote/misbehaving_registry.py as a process that lives as long as the test, and what it was
// asked. Run from the top of the sources, as all tests are.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "json/parse.h"
#include "testing/made.h"

namespace skillet::testing {

class RegistryProcess {
public:
    // Serves the package of the archive as skills/test:1. Returns once it listens.
    RegistryProcess(const std::string &archive, const std::string &scenario,
                    const std::string &folder)
        : log_(folder + "/requests.jsonl") {
        std::ofstream(log_, std::ios::trunc).flush();
        int input[2];
        int output[2];
        if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) fail("pipe");
        UniqueFd read_end(input[0]);
        UniqueFd write_end(output[1]);
        input_ = UniqueFd(input[1]);
        const UniqueFd answers(output[0]);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
        std::vector<std::string> words = {
            "python3", "-B",     SKILLET_SOURCE_DIR "/tests/remote/misbehaving_registry.py",
            archive,   scenario, log_};
        std::vector<char *> arguments;
        for (std::string &word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const int failed =
            ::posix_spawnp(&process_, "python3", &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) fail("python3");
        // So that its end ends the reading.
        read_end = UniqueFd();
        write_end = UniqueFd();
        port_ = read_port(answers);
    }
    ~RegistryProcess() {
        input_ = UniqueFd();  // its sign to end
        ::waitpid(process_, nullptr, 0);
    }
    RegistryProcess(const RegistryProcess &) = delete;
    RegistryProcess &operator=(const RegistryProcess &) = delete;

    [[nodiscard]] std::string host() const { return "127.0.0.1:" + port_; }

    // What it has read so far, in order.
    [[nodiscard]] std::vector<json::Value> requests() const {
        std::ifstream file(log_);
        std::vector<json::Value> all;
        for (std::string line; std::getline(file, line);) {
            all.push_back(made(json::parse(line, SKL_E_INTERNAL, log_)));
        }
        return all;
    }

private:
    [[noreturn]] static void fail(const std::string &what) {
        throw std::runtime_error("the registry does not start: " + what);
    }

    static std::string read_port(const UniqueFd &answers) {
        std::string line;
        for (char c = 0; ::read(answers.get(), &c, 1) == 1 && c != '\n';) line += c;
        if (line.empty()) fail("it printed no port");
        return line;
    }

    std::string log_;
    UniqueFd input_;
    pid_t process_ = -1;
    std::string port_;
};

}  // namespace skillet::testing
