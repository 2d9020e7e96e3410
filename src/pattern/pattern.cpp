// SPDX-License-Identifier: Apache-2.0
#include "pattern/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "pattern/ecma.h"

namespace skillet::pattern {
namespace {

// RE2 divides this between the program and what it remembers of searches. Most patterns are small.
constexpr int64_t small_bytes = 256 * 1024;
constexpr int64_t large_bytes = 1024 * 1024;

constexpr const char *expression_hint =
    "write it as ECMA-262 with the flag u; docs/formats/schema-keywords.md says what has no equal";
constexpr const char *size_hint = "write it shorter, or repeat less";

RE2::Options options_of(int64_t bytes) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(bytes);
    return options;
}

Error refused(std::string message, const char *hint) {
    return make_error(SKL_E_SCHEMA_REFUSED, std::move(message), "", hint);
}

}  // namespace

struct Pattern::Compiled {
    Compiled(std::string_view source, const std::string &re2, int64_t bytes)
        : text(source), memory_bytes(bytes), machine(re2, options_of(bytes)) {}

    std::string text;
    int64_t memory_bytes;
    RE2 machine;
};

Pattern::Pattern(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
Pattern::Pattern(Pattern &&) noexcept = default;
Pattern &Pattern::operator=(Pattern &&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(std::string_view text) {
    if (text.size() > text_bytes_max) {
        return refused(fmt::format("the pattern has {} bytes, more than the limit of {}",
                                   text.size(), text_bytes_max),
                       size_hint);
    }
    const Reading reading = read_ecma(text);
    if (!reading.malformed.empty()) {
        return refused("no regular expression of ECMA-262: " + reading.malformed, expression_hint);
    }
    if (!reading.inexpressible.empty()) {
        return refused("the pattern " + reading.inexpressible + ", which is not supported",
                       expression_hint);
    }
    for (const int64_t bytes : {small_bytes, large_bytes}) {
        auto compiled = std::make_unique<const Compiled>(text, reading.re2, bytes);
        if (compiled->machine.ok()) return Pattern(std::move(compiled));
        if (compiled->machine.error_code() == RE2::ErrorPatternTooLarge && bytes < large_bytes) {
            continue;
        }
        return refused("the pattern is not supported: " + compiled->machine.error(), size_hint);
    }
    return refused("the pattern is too large", size_hint);
}

bool Pattern::found_in(std::string_view text) const {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->machine);
}

const std::string &Pattern::text() const { return compiled_->text; }

uint64_t Pattern::operations_per_byte() const {
    return static_cast<uint64_t>(compiled_->machine.ProgramSize());
}

uint64_t Pattern::memory_bytes() const { return static_cast<uint64_t>(compiled_->memory_bytes); }

}  // namespace skillet::pattern
