// SPDX-License-Identifier: Apache-2.0
// What the numbers of the value types mean: name_of() is in file.h.
#pragma once

#include <cstdint>
#include <optional>

#include "gguf/file.h"

namespace skillet::gguf {

// The type of that number in a file, if there is one.
[[nodiscard]] std::optional<ValueType> value_type(uint32_t number);

// Bytes of one value; 0 for strings and arrays, which have no fixed size.
[[nodiscard]] uint32_t bytes_of(ValueType type);

}  // namespace skillet::gguf
