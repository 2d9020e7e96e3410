// SPDX-License-Identifier: Apache-2.0
// The fleet of bench/fleet.h as one process serves it: a runtime, its skills, and what it
// says of its memory.
#pragma once

#include <skillet/skillet.h>

#include "fleet.h"

namespace skillet::bench {

inline void expect_ok(skl_status status, const char *what) {
    if (status == SKL_OK) return;
    fmt::print(stderr, "bench: {}: {}\n", what, skl_status_name(status));
    std::exit(1);
}

// What the runtime says of its memory.
struct Memory {
    uint64_t bytes = 0;         // charged to the budget
    uint64_t parked_bytes = 0;  // of these
    uint64_t loads = 0;
    uint64_t resumes = 0;
    double load_ms = 0;
    uint64_t resident = 0;  // skills
    uint64_t parked = 0;
};

class Service {
public:
    enum class Parking { on, off };

    Service(const Fleet &fleet, uint64_t budget_bytes, Parking parking) {
        ::setenv("SKILLET_MEMORY_PARKING", parking == Parking::on ? "on" : "off", 1);
        skl_runtime_options options{};
        options.struct_size = sizeof options;
        options.root = fleet.root.c_str();
        options.budget_bytes = budget_bytes;
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
    [[nodiscard]] Memory memory() const {
        skl_document document{};
        expect_ok(skl_runtime_residency(runtime_, &document, nullptr), "look at the memory");
        const json::Value said =
            must(json::parse({skl_document_text(document), skl_document_size(document)},
                             SKL_E_INPUT_SYNTAX, "residency"));
        skl_document_free(document);
        const json::Object &root = *said.object();
        const auto number = [&](const char *name) { return root.find(name)->number(); };
        const auto count = [&](const char *name) { return static_cast<uint64_t>(number(name)); };
        Memory memory{count("reserved_bytes"),
                      count("parked_bytes"),
                      count("loads"),
                      count("resumes"),
                      number("load_ms"),
                      0,
                      0};
        for (const json::Value &module : *root.find("modules")->array()) {
            const std::string &state = *module.object()->find("state")->string();
            if (state == "parked") ++memory.parked;
            if (state == "resident" || state == "active") ++memory.resident;
        }
        return memory;
    }

private:
    skl_runtime runtime_{};
    std::vector<skl_module> modules_;
};

}  // namespace skillet::bench
