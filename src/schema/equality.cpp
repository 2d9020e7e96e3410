// SPDX-License-Identifier: Apache-2.0
#include "schema/equality.h"

#include "json/number.h"
#include "json/write.h"

namespace skillet::schema {
namespace {

// The canonical form writes a real such as 2^60 with fewer digits than the equal integer.
json::Value with_integers(const json::Value &value) {
    if (const double *real = value.real()) {
        const bool fits = *real >= -9223372036854775808.0 && *real < 9223372036854775808.0;
        return fits && json::is_integral(value) ? json::Value(static_cast<int64_t>(*real)) : value;
    }
    if (const json::Array *array = value.array()) {
        json::Array copy;
        copy.reserve(array->size());
        for (const json::Value &element : *array) copy.push_back(with_integers(element));
        return copy;
    }
    if (const json::Object *object = value.object()) {
        json::Object copy;
        for (const auto &[name, member] : *object) copy.append(name, with_integers(member));
        return copy;
    }
    return value;
}

}  // namespace

std::string equality_key(const json::Value &value) { return json::canonical(with_integers(value)); }

}  // namespace skillet::schema
