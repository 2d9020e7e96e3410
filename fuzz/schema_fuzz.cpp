// SPDX-License-Identifier: Apache-2.0
// Two lines, a schema and an instance: no schema stalls the compiler, no instance the validator,
// and what is said of them holds together.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "json/parse.h"
#include "json/write.h"
#include "schema/schema.h"

using skillet::Schema;
using skillet::json::Value;

namespace {

skillet::Result<Value> parsed(std::string_view text) {
    return skillet::json::parse(text, SKL_E_INPUT_SYNTAX, "fuzz");
}

enum class Verdict { admitted, refused, unknown };

// Unknown if a limit of the validator's work came first: that depends on how a schema is written.
Verdict verdict(const Schema &schema, const Value &instance) {
    const auto valid = schema.validate(instance, SKL_E_INPUT_SCHEMA);
    if (valid) return Verdict::admitted;
    return valid.error().message.starts_with("more than ") ? Verdict::unknown : Verdict::refused;
}

// A proven inclusion holds for this instance, too.
void check_inclusion(const Schema &wide, const Schema &narrow, const Value &instance) {
    if (verdict(narrow, instance) != Verdict::admitted) return;
    if (verdict(wide, instance) == Verdict::refused && wide.provably_includes(narrow)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return 0;
    const auto document = parsed(text.substr(0, end));
    const auto instance = parsed(text.substr(end + 1));
    if (!document || !instance) return 0;
    const auto schema = Schema::compile(*document, "");
    if (!schema) {
        if (schema.error().code != SKL_E_SCHEMA_REFUSED) std::abort();
        return 0;
    }
    // Members in another order say the same.
    const Verdict said = verdict(*schema, *instance);
    const auto sorted = Schema::compile(*parsed(skillet::json::canonical(*document)), "");
    if (!sorted) std::abort();
    const Verdict again = verdict(*sorted, *instance);
    if (said != again && said != Verdict::unknown && again != Verdict::unknown) std::abort();
    for (const char *keyword : {"allOf", "anyOf", "oneOf"}) {
        const auto other = Schema::compile(
            skillet::json::Object{{keyword, skillet::json::Array{*document, true}}}, "");
        if (!other) continue;
        check_inclusion(*schema, *other, *instance);
        check_inclusion(*other, *schema, *instance);
    }
    return 0;
}
