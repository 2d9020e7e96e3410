// SPDX-License-Identifier: Apache-2.0
// A regular expression from outside that is safe to use on text from outside: its size is bounded,
// and the time of a search is at most proportional to size times text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skillet::pattern {

// Most bytes of a pattern.
inline constexpr size_t text_bytes_max = 8192;

class Pattern {
public:
    // SKL_E_SCHEMA_REFUSED, without a subject, for what is no regular expression of ECMA-262 (with
    // the flag `u`), has no equal in RE2 or is too large.
    static Result<Pattern> compile(std::string_view text);

    Pattern(Pattern &&) noexcept;
    Pattern &operator=(Pattern &&) noexcept;
    ~Pattern();

    // Whether it matches anywhere in the text, which must be valid UTF-8. For any thread.
    [[nodiscard]] bool found_in(std::string_view text) const;

    // As it was written.
    [[nodiscard]] const std::string &text() const;
    // A search takes at most about so many operations for each byte of text.
    [[nodiscard]] uint64_t operations_per_byte() const;
    // What it may take in memory, also later, by being used.
    [[nodiscard]] uint64_t memory_bytes() const;

private:
    struct Compiled;
    explicit Pattern(std::unique_ptr<const Compiled> compiled);
    std::unique_ptr<const Compiled> compiled_;
};

}  // namespace skillet::pattern
