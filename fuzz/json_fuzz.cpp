// SPDX-License-Identifier: Apache-2.0
// Any bytes as JSON: what is accepted must survive being written and read again, in every form, and
// may be used as a schema and as the instance it is applied to.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "json/parse.h"
#include "json/write.h"
#include "schema/schema.h"

namespace {

skillet::json::Value read_again(const std::string &text) {
    auto value = skillet::json::parse(text, SKL_E_INPUT_SYNTAX, "fuzz");
    if (!value) std::abort();
    return std::move(*value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const auto value = skillet::json::parse(text, SKL_E_INPUT_SYNTAX, "fuzz");
    if (!value) return 0;
    const std::string canonical = skillet::json::canonical(*value);
    for (const auto form :
         {&skillet::json::canonical, &skillet::json::compact, &skillet::json::pretty}) {
        if (skillet::json::canonical(read_again(form(*value))) != canonical) std::abort();
    }
    const auto schema = skillet::Schema::compile(*value, "");
    if (schema) (void)schema->validate(*value, SKL_E_INPUT_SCHEMA);
    return 0;
}
