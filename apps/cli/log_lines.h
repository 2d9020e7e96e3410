// SPDX-License-Identifier: Apache-2.0
// The library's log records as lines on stderr.
#pragma once

#include <string>

#include <skillet/log.h>

namespace cli {

// What skl_runtime_options wants; `format` is a std::string, "text" or "json", that outlives the
// runtime.
void print_record(void *format, const skl_log_record *record);

// The level of a name, as --log takes it.
skl_log_level level_of(const std::string &name);

}  // namespace cli
