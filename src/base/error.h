// SPDX-License-Identifier: Apache-2.0
// The error value every fallible function of the library returns inside a Result.
//
// Codes are the public ones: there is one enumeration, in <skillet/error.h>.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <skillet/error.h>

namespace skillet {

using Code = skl_status;

// A failure as a value. `subject` is what it is about (JSON pointer, digest, id, path);
// `hint` says what the reader can do about it.
struct Error {
    Code code = SKL_E_INTERNAL;
    std::string message;
    std::string subject;
    std::string hint;
    // Sizes involved, where the error is about a size.
    std::optional<uint64_t> required_bytes;
    std::optional<uint64_t> available_bytes;
};

[[nodiscard]] inline Error make_error(Code code, std::string message, std::string subject = {},
                                      std::string hint = {}) {
    return Error{code, std::move(message), std::move(subject), std::move(hint), {}, {}};
}

// An operating system failure: `what` failed on `path` with this errno.
[[nodiscard]] Error os_error(int errno_value, std::string_view what, std::string_view path);

// One row of the error table: everything that depends on the code alone.
struct CodeInfo {
    Code code;
    const char *name;     // stable, snake_case
    const char *meaning;  // one sentence
    int http_status;
    int exit_code;
    skl_retry retry;
};

// The whole table, in ascending order of code; the first row is SKL_OK.
[[nodiscard]] std::span<const CodeInfo> code_table();

// The row of `code`; the row of SKL_E_INTERNAL for a number that is not a code.
[[nodiscard]] const CodeInfo &code_info(Code code);

}  // namespace skillet
