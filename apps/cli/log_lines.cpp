// SPDX-License-Identifier: Apache-2.0
#include "log_lines.h"

#include <cstdio>

#include <fmt/format.h>

#include "style.h"

namespace cli {
namespace {

const char *name_of(skl_log_level level) {
    switch (level) {
        case SKL_LOG_ERROR: return "error";
        case SKL_LOG_WARNING: return "warning";
        case SKL_LOG_INFO: return "info";
        default: return "debug";
    }
}

}  // namespace

// One write each: several threads may log at once.
void print_record(void *format, const skl_log_record *record) {
    if (*static_cast<std::string *>(format) == "json") {
        fmt::print(stderr, "{}\n", record->json);
    } else {
        fmt::print(stderr, "{}: {}: {}\n", name_of(record->level), record->event,
                   printable(record->message));
    }
}

skl_log_level level_of(const std::string &name) {
    if (name.empty()) return SKL_LOG_DEFAULT;
    for (const skl_log_level level : {SKL_LOG_ERROR, SKL_LOG_WARNING, SKL_LOG_INFO}) {
        if (name == name_of(level)) return level;
    }
    return name == "off" ? SKL_LOG_OFF : SKL_LOG_DEBUG;
}

}  // namespace cli
