// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of cases, and what is accepted through the split that calibrating makes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "measurement/split.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string text(data, data + size);
    const auto cases = skillet::parse_cases(text, "cases.jsonl", {"ham", "spam"});
    if (!cases) return 0;
    for (const skillet::Case &one : *cases) {
        if (one.label > 1 || one.line == 0) std::abort();
    }
    for (const char *split : {"", "a"}) {
        const auto parts = skillet::split_cases(*cases, {0, split});
        if (!parts) continue;
        size_t count = 0;
        for (const auto &part : *parts) count += part.size();
        if (count != cases->size()) std::abort();
    }
    return 0;
}
