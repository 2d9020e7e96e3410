// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include <fmt/format.h>

#include "prepare/prepare.h"

namespace skillet {

Result<std::vector<std::span<const TokenId>>> windows(std::span<const TokenId> tokens,
                                                      const WindowStep &window) {
    assert(window.size > 2 && window.stride >= 1 && window.max >= 1);
    const uint64_t content = window.content();
    std::vector<std::span<const TokenId>> spans;
    if (tokens.size() <= content) {
        spans.push_back(tokens);
        return spans;
    }
    const uint64_t overflow = tokens.size() - content;
    const uint64_t count = 1 + (overflow + window.stride - 1) / window.stride;
    if (count > window.max) {
        return make_error(
            SKL_E_CONTEXT_EXCEEDED,
            fmt::format("{} tokens need {} windows, more than the limit of {} windows "
                        "({} tokens)",
                        tokens.size(), count, window.max, window.tokens_max()),
            "", "shorten the input");
    }
    spans.reserve(count);
    for (uint64_t start = 0; start < overflow; start += window.stride) {
        spans.push_back(tokens.subspan(start, content));
    }
    // The last window ends with the text and is as full as the others.
    spans.push_back(tokens.subspan(overflow, content));
    return spans;
}

}  // namespace skillet
