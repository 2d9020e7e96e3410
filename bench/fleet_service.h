// SPDX-License-Identifier: Apache-2.0
// The fleet of bench/fleet.h as one process serves it: a runtime, its skills, and what is told of
// their loads.
#pragma once

#include <mutex>

#include <skillet/skillet.h>

#include "fleet.h"

namespace skillet::bench {

inline void expect_ok(skl_status status, const char *what) {
    if (status == SKL_OK) return;
    fmt::print(stderr, "bench: {}: {}\n", what, skl_status_name(status));
    std::exit(1);
}

// What the runtime tells of loads and evictions.
class Memory {
public:
    struct Figures {
        uint64_t bytes = 0;
        uint64_t skills = 0;
        uint64_t loads = 0;
        double load_ms = 0;
    };

    static void hear(void *self, const skl_log_record *record) {
        const std::string_view event = record->event;
        if (!event.starts_with("module.")) return;
        const json::Value said = must(json::parse(record->json, SKL_E_INPUT_SYNTAX, "log"));
        static_cast<Memory *>(self)->take(event, *said.object());
    }
    [[nodiscard]] Figures figures() const {
        const std::lock_guard lock(mutex_);
        return figures_;
    }

private:
    void take(std::string_view event, const json::Object &said) {
        const auto bytes = static_cast<uint64_t>(said.find("reserved_bytes")->number());
        const std::lock_guard lock(mutex_);
        if (event == "module.loaded") {
            figures_.bytes += bytes;
            ++figures_.skills;
            ++figures_.loads;
            figures_.load_ms += said.find("ms")->number();
        } else if (event == "module.evicted") {
            figures_.bytes -= bytes;
            --figures_.skills;
        }
    }
    mutable std::mutex mutex_;
    Figures figures_;
};

class Service {
public:
    Service(const Fleet &fleet, uint64_t budget_bytes) : fleet_(fleet) {
        skl_runtime_options options{};
        options.struct_size = sizeof options;
        options.root = fleet.root.c_str();
        options.budget_bytes = budget_bytes;
        options.log = Memory::hear;
        options.log_user = &memory_;
        options.log_level = SKL_LOG_INFO;
        expect_ok(skl_runtime_open(&options, &runtime_, nullptr), "open the runtime");
        for (const Member &member : fleet.members) {
            expect_ok(skl_module_open(runtime_, member.id.c_str(), nullptr,
                                      &modules_.emplace_back(), nullptr),
                      "open a skill");
        }
    }
    ~Service() {
        for (const skl_module module : modules_) skl_module_close(module);
        skl_runtime_close(runtime_);
    }
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;

    void load(size_t skill) {
        expect_ok(skl_module_load(modules_[skill], nullptr, nullptr), "load");
    }
    void ask(size_t skill, uint64_t number) {
        const std::string input = fleet_input(number);
        skl_result result{};
        expect_ok(skl_module_invoke(modules_[skill], input.data(), input.size(), nullptr, &result,
                                    nullptr),
                  "invoke");
        skl_result_free(result);
    }
    [[nodiscard]] Memory::Figures memory() const { return memory_.figures(); }

private:
    const Fleet &fleet_;
    Memory memory_;
    skl_runtime runtime_{};
    std::vector<skl_module> modules_;
};

}  // namespace skillet::bench
