// SPDX-License-Identifier: Apache-2.0
// Every error code with its exit status, read from the library's table: the program keeps no list
// of its own, only a word for each group of exit statuses.
#pragma once

#include <string>
#include <vector>

#include <skillet/error.h>

namespace cli {

struct ErrorEntry {
    skl_status code;
    const char *name;
    const char *meaning;
    int exit_status;
    skl_retry retry;
};

// All codes but SKL_OK, in ascending order.
std::vector<ErrorEntry> all_errors();

struct ExitStatus {
    int number;
    const char *meaning;
};

// 0 and every status that an error leads to, in ascending order.
std::vector<ExitStatus> exit_statuses();

// "0 done, 2 usage, …"
std::string exit_statuses_line();

}  // namespace cli
