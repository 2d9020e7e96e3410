// SPDX-License-Identifier: Apache-2.0
// Any bytes through strip-html@1: the text never grows, and valid UTF-8 stays valid.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "json/parse.h"
#include "json/write.h"
#include "prepare/prepare.h"

namespace {

// The parser is the judge of UTF-8; the writer escapes everything but that.
bool is_utf8(std::string_view text) {
    const std::string quoted = skillet::json::compact(skillet::json::Value(text));
    return skillet::json::parse(quoted, SKL_E_INPUT_SYNTAX, "fuzz").has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const std::string stripped = skillet::strip_html(text);
    if (stripped.size() > text.size()) std::abort();
    if (is_utf8(text) && !is_utf8(stripped)) std::abort();
    return 0;
}
