// SPDX-License-Identifier: Apache-2.0
// What a runtime works with: options over the environment, over one settings file, over defaults.
// The file's format and the variables: docs/formats/config.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <skillet/log.h>

#include "base/result.h"
#include "manifest/license_policy.h"
#include "resident/eviction.h"

namespace skillet {

// What the caller decided; empty and 0 mean: not decided.
struct SettingOptions {
    std::string root;
    uint64_t budget_bytes = 0;
    std::string config;
    skl_log_level log_level = SKL_LOG_DEFAULT;
};

// One setting as people see it.
struct Setting {
    const char *name;
    std::string value;
    const char *source;  // "option", "environment", "file" or "default"
};

// Which models are executed from a copy that nobody can change, rather than from their file.
enum class Sealing {
    automatic,  // those of .skill files
    always,
    never
};

// How the memory budget is used.
struct MemorySettings {
    EvictionRule eviction = EvictionRule::cost_aware;
    bool parking = true;
    uint32_t stay_ms = 0;  // a module that was loaded later than so long ago leaves only if it must
};

struct Settings {
    std::string root;
    std::string state;  // state_directory.h; empty: there is no place for it
    uint64_t budget_bytes = 0;
    skl_log_level log_level = SKL_LOG_ERROR;
    LicensePolicy licenses;
    Sealing sealing = Sealing::automatic;
    MemorySettings memory;
    std::string config;              // the settings file that was read; empty: there is none
    std::vector<Setting> explained;  // each of them, and where it came from

    // SKL_E_INVALID_ARGUMENT naming the variable or the file's member that makes no sense.
    static Result<Settings> resolve(const SettingOptions &options);
};

// "64K", "512M", "2G" (powers of 1024) or a number of bytes; at least 1.
[[nodiscard]] Result<uint64_t> parse_bytes(std::string_view text);

// Bytes of memory this machine has, whatever a container may allow.
[[nodiscard]] uint64_t physical_memory_bytes();

// "error", "warning", …; null for a number that is no level.
[[nodiscard]] const char *name_of(skl_log_level level);

// The user's login name, or their number.
[[nodiscard]] std::string user_name();

}  // namespace skillet
