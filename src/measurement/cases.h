// SPDX-License-Identifier: Apache-2.0
// Cases: inputs with their right labels, one JSON object a line, from a file nobody vouches for.
// Format: docs/formats/cases.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace skillet {

inline constexpr uint64_t cases_bytes_max = 256u << 20;
inline constexpr size_t cases_max = 250'000;

struct Case {
    size_t line = 0;    // in its file, counted from 1
    std::string input;  // JSON, in canonical form
    size_t label = 0;   // index in the contract's labels
    std::string split;  // the author's name for the part it belongs to; may be empty
};

struct CaseFile {
    std::string name;  // without its folders
    Digest digest;     // of its bytes
    std::vector<Case> cases;
};

// Reads all lines or none: the first that is wrong is an error whose subject is "PATH:LINE".
// SKL_E_INPUT_SYNTAX, SKL_E_INPUT_SCHEMA (no case, or no label of this skill),
// SKL_E_INPUT_TOO_LARGE.
[[nodiscard]] Result<CaseFile> read_cases(const std::string &path,
                                          const std::vector<std::string> &labels);
// The same of a text that is there.
[[nodiscard]] Result<std::vector<Case>> parse_cases(std::string_view text, const std::string &path,
                                                    const std::vector<std::string> &labels);

// `error`, about a line of a file.
[[nodiscard]] Error in_line(Error error, const std::string &path, size_t line);

}  // namespace skillet
