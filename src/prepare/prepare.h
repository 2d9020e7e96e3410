// SPDX-License-Identifier: Apache-2.0
// What happens between a request's input and the engine's tokens: a closed list of versioned steps.
//
// A step's name carries its version, because code that changes answers is part of a skill's
// identity. Steps and their exact meaning: docs/formats/prepare.md; vectors: tests/vectors/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace skillet {

using TokenId = int32_t;

// "window@1": a long text is read through several windows whose logits are averaged.
struct WindowStep {
    uint32_t size = 0;    // tokens per window, special tokens included
    uint32_t stride = 0;  // tokens between window starts, 1..size-2
    uint32_t max = 0;     // most windows one request may use

    // Text tokens a window holds: its size without the two special tokens.
    [[nodiscard]] uint32_t content() const { return size - 2; }
    // Most text tokens a request may have.
    [[nodiscard]] uint64_t tokens_max() const { return content() + uint64_t{max - 1} * stride; }
};

struct PrepareSpec {
    std::vector<std::string> strip_html;      // "strip-html@1": JSON pointers of the string members
    std::optional<uint32_t> truncate_tokens;  // "truncate@1"
    std::optional<WindowStep> window;         // "window@1"

    // Steps come in the order in which they run: strip-html, truncate, window; each at most once.
    static Result<PrepareSpec> parse(const json::Value &steps, std::string_view pointer);
    [[nodiscard]] json::Value to_json() const;
};

// Removes markup, scripts and styles, and decodes character references. Linear time; any bytes in,
// and valid UTF-8 stays valid UTF-8.
[[nodiscard]] std::string strip_html(std::string_view text);

// The windows over `tokens`, in order, as subspans. SKL_E_CONTEXT_EXCEEDED with both counts if more
// than `window.max` would be needed. One (possibly empty) window for a text that fits.
[[nodiscard]] Result<std::vector<std::span<const TokenId>>> windows(std::span<const TokenId> tokens,
                                                                    const WindowStep &window);

}  // namespace skillet
