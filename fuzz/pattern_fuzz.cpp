// SPDX-License-Identifier: Apache-2.0
// A line with a pattern, then a text: whatever is read as a regular expression is one that RE2
// takes, and a search ends.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "pattern/ecma.h"
#include "pattern/pattern.h"

namespace pattern = skillet::pattern;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    if (!skillet::is_utf8(text)) return 0;
    const size_t end = text.find('\n');
    const auto source = text.substr(0, end);
    const auto reading = pattern::read_ecma(source);
    const bool equal = reading.malformed.empty() && reading.inexpressible.empty();
    if (!equal && !reading.re2.empty()) std::abort();
    const auto compiled = pattern::Pattern::compile(source);
    if (compiled && !equal) std::abort();
    if (compiled && end != std::string_view::npos) (void)compiled->found_in(text.substr(end + 1));
    return 0;
}
